package dev.reinstate.capture.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowsAheadTest {
    private static final int LARGE = 5 << 20;

    /** Rows of a number, each followed by so many bytes; then the end, or a failure. */
    private static final class Numbers implements RowsAhead.Rows {
        private final int count;
        private final int bytes;
        private final boolean fails;
        private final AtomicInteger read = new AtomicInteger();
        private volatile boolean closed;

        private Numbers(int count, int bytes, boolean fails) {
            this.count = count;
            this.bytes = bytes;
            this.fails = fails;
        }

        @Override
        public @Nullable Tuple next() {
            assertThat(closed).isFalse();
            if (read.get() == count) {
                if (fails) {
                    throw new IllegalStateException("after the last");
                }
                return null;
            }
            Tuple.Builder row = new Tuple.Builder(16);
            row.addText(Integer.toString(read.get()).getBytes(StandardCharsets.UTF_8));
            row.addText(new byte[bytes]);
            Tuple built = row.build();
            read.incrementAndGet();
            return built;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static void assertNumber(int expected, @Nullable Tuple row) {
        assertThat(row).isNotNull();
        assertThat(row == null ? Optional.empty() : row.text(0)).contains(Integer.toString(expected));
    }

    @Test
    void rowsComeInTheirOrderAndTheEndStaysTheEnd() {
        Numbers numbers = new Numbers(50_000, 300, false);
        try (RowsAhead rows = RowsAhead.of(numbers)) {
            for (int i = 0; i < 50_000; i++) {
                assertNumber(i, rows.next());
            }
            assertThat(rows.next()).isNull();
            assertThat(rows.next()).isNull();
        }
        assertThat(numbers.closed).isTrue();
    }

    @Test
    void aFailureIsToldToWhoeverTakesTheRows() {
        Numbers numbers = new Numbers(0, 10, true);
        try (RowsAhead rows = RowsAhead.of(numbers)) {
            assertThatThrownBy(rows::next).hasMessage("after the last");
            assertThatThrownBy(rows::next).hasMessage("after the last");
        }
    }

    @Test
    void noMoreIsReadAheadThanThereIsRoomFor() {
        Numbers numbers = new Numbers(1_000_000, 1_000, false);
        try (RowsAhead rows = RowsAhead.of(numbers)) {
            for (int i = 0; i < 10; i++) {
                assertNumber(i, rows.next());
            }
        }
        assertThat(numbers.read.get()).isLessThan(10_000);
    }

    @Test
    void afterALargeRowNothingIsReadBeforeItIsDoneWith() {
        Numbers numbers = new Numbers(3, LARGE, false);
        try (RowsAhead rows = RowsAhead.of(numbers)) {
            for (int i = 0; i < 3; i++) {
                assertNumber(i, rows.next());
                assertThat(numbers.read.get()).isEqualTo(i + 1);
            }
            assertThat(rows.next()).isNull();
        }
    }
}
