package dev.reinstate.capture.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.capture.CaptureListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A rate that holds on average, whatever the steps, and a snapshot that is spoken of while it is kept. */
class PaceTest {
    private final AtomicLong nanos = new AtomicLong(17);
    private final List<Duration> kept = new ArrayList<>();
    private final CaptureListener listener = new CaptureListener() {
        @Override
        public void snapshotKept(Duration age) {
            kept.add(age);
        }
    };

    private Pace pace(long bytesPerSecond) {
        return new Pace(bytesPerSecond, listener, nanos::get, nanos::addAndGet);
    }

    private Duration since(long began) {
        return Duration.ofNanos(nanos.get() - began);
    }

    @Test
    void soManyBytesASecondAndNoMore() {
        Pace pace = pace(1000);
        for (long bytes = 0; bytes <= 90_000; bytes += 300) {
            nanos.addAndGet(Duration.ofMillis(100).toNanos()); // reading takes its time, too
            pace.keep(bytes, () -> false);
        }
        assertThat(since(17)).isBetween(Duration.ofSeconds(90), Duration.ofMillis(90_200));
        assertThat(kept).isEmpty();
    }

    @Test
    void withoutALimitNothingWaits() {
        pace(Long.MAX_VALUE).keep(1L << 50, () -> false);
        assertThat(since(17)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aSnapshotThatIsKeptForLongIsSpokenOfAgainAndAgain() {
        pace(10).keep(10 * 60 * 35, () -> false);
        assertThat(kept).hasSize(3).allSatisfy(age -> assertThat(age).isGreaterThanOrEqualTo(Pace.TOLD_EVERY));
    }

    @Test
    void stoppingDoesNotWait() {
        pace(1).keep(1_000_000, () -> true);
        assertThat(since(17)).isZero();
    }
}
