package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Things read ahead come in their order, as many at once as it says, each with its own failure. */
class ReadAheadTest {
    @Test
    void everyThingComesInOrderAndFailuresComeWhereTheyBelong() {
        List<Integer> things = IntStream.range(0, 100).boxed().toList();
        try (ReadAhead<Integer, String> ahead = new ReadAhead<>(3, things, ReadAheadTest::read)) {
            for (int thing : things) {
                if (thing % 7 == 3) {
                    assertThatThrownBy(ahead::next)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("no " + thing);
                } else {
                    assertThat(ahead.next()).isEqualTo("read " + thing);
                }
            }
            assertThatThrownBy(ahead::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    private static String read(int thing) {
        if (thing % 7 == 3) {
            throw new IllegalStateException("no " + thing);
        }
        return "read " + thing;
    }

    @Test
    void whatIsBegunAheadIsBoundedAndNotWaitedForInTheEnd() throws InterruptedException {
        ConcurrentLinkedQueue<Integer> begun = new ConcurrentLinkedQueue<>();
        CountDownLatch waiting = new CountDownLatch(4);
        CountDownLatch never = new CountDownLatch(1);
        try (ReadAhead<Integer, Integer> ahead =
                new ReadAhead<>(4, IntStream.range(0, 100).boxed().toList(), thing -> {
                    begun.add(thing);
                    waiting.countDown();
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return thing;
                })) {
            waiting.await();
            assertThat(ahead).isNotNull();
        }
        assertThat(begun).containsExactlyInAnyOrder(0, 1, 2, 3);
    }
}
