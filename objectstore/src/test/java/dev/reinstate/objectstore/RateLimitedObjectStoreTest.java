package dev.reinstate.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The contract without limits, and limits by a clock that only sleeping moves. */
final class RateLimitedObjectStoreTest extends ObjectStoreContract {
    private static final long SECOND = 1_000_000_000L;

    private long now;

    @Override
    protected ObjectStore open() {
        return new RateLimitedObjectStore(new MemoryObjectStore(), RateLimit.none(), RateLimit.none());
    }

    private RateLimit rate(double perSecond) {
        return RateLimit.perSecond(perSecond, () -> now, length -> now += length);
    }

    @Test
    void bytesArePaidForWithTime() {
        try (ObjectStore store = new RateLimitedObjectStore(new MemoryObjectStore(), RateLimit.none(), rate(1000))) {
            store.putIfAbsent("a", new byte[1000]);
            assertThat(now).as("a second's worth goes at once").isZero();
            store.putIfAbsent("b", new byte[5000]);
            assertThat(now).isBetween(5 * SECOND, 5 * SECOND + 1);
            store.getRange("b", 0, 2000);
            store.get("a");
            assertThat(now).isBetween(8 * SECOND, 8 * SECOND + 3);
            now += 100 * SECOND;
            store.get("b");
            assertThat(now).as("a long pause is worth one second").isBetween(112 * SECOND, 112 * SECOND + 3);
        }
    }

    @Test
    void everyRequestIsPaidFor() {
        try (ObjectStore store = new RateLimitedObjectStore(new MemoryObjectStore(), rate(2), RateLimit.none())) {
            store.putIfAbsent("a", new byte[1]);
            assertThat(now).isZero();
            store.get("a");
            store.getRange("a", 0, 1);
            store.size("a");
            store.list("", "", 1);
            store.replace("a", new byte[2]);
            store.delete("a");
            store.removeUnfinished(java.time.Instant.EPOCH);
            assertThat(now).isBetween(7 * SECOND / 2, 7 * SECOND / 2 + 7);
        }
    }

    @Test
    void aRateThatIsNoneIsRefused() {
        assertThatThrownBy(() -> RateLimit.perSecond(0)).isInstanceOf(ObjectStoreException.class);
        assertThatThrownBy(() -> RateLimit.perSecond(Double.NaN)).isInstanceOf(ObjectStoreException.class);
    }

    @Test
    void anInterruptionEndsTheWait() {
        RateLimit rate = RateLimit.perSecond(1, () -> now, length -> {
            throw new InterruptedException();
        });
        assertThatThrownBy(() -> rate.take(10))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        e -> assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.UNAVAILABLE));
        assertThat(Thread.interrupted()).isTrue();
    }
}
