package dev.reinstate.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a store promises that declares {@link ObjectStore.Capabilities#retention}. */
public abstract class LockingContract {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration TIME = Duration.ofDays(35);
    private static final LockPolicy POLICY = key -> key.startsWith("locked/") ? Optional.of(TIME) : Optional.empty();

    private final SetClock clock = new SetClock();

    /** A new, empty store with that policy and that clock. */
    protected abstract ObjectStore open(LockPolicy policy, Clock clock);

    private static final class SetClock extends Clock {
        private Instant now = START;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public synchronized Instant instant() {
            return now;
        }

        private synchronized void set(Instant time) {
            now = time;
        }
    }

    @Test
    void itIsDeclared() {
        try (ObjectStore store = open(POLICY, clock)) {
            assertThat(store.capabilities().retention()).isTrue();
        }
    }

    @Test
    void aLockedObjectStaysUntilItsTimeIsOver() {
        try (ObjectStore store = open(POLICY, clock)) {
            store.putIfAbsent("locked/a", new byte[] {1});
            assertThat(store.lockedUntil("locked/a")).hasValue(START.plus(TIME));
            clock.set(START.plus(TIME).minusSeconds(1));
            assertLocked(() -> store.delete("locked/a"));
            assertLocked(() -> store.replace("locked/a", new byte[] {2}));
            assertThat(store.get("locked/a")).containsExactly(1);
            clock.set(START.plus(TIME));
            assertThat(store.lockedUntil("locked/a")).isEmpty();
            store.delete("locked/a");
            assertThat(store.size("locked/a")).isEmpty();
        }
    }

    @Test
    void aLargeObjectIsLockedToo() {
        try (ObjectStore store = open(POLICY, clock);
                ObjectWriter writer = store.create("locked/large")) {
            writer.write(new byte[12_000_000], 0, 12_000_000);
            writer.publish();
            assertThat(store.lockedUntil("locked/large")).hasValue(START.plus(TIME));
            assertLocked(() -> store.delete("locked/large"));
            assertThat(store.size("locked/large")).hasValue(12_000_000);
        }
    }

    @Test
    void othersAreNotLocked() {
        try (ObjectStore store = open(POLICY, clock)) {
            store.putIfAbsent("keyring", new byte[] {1});
            assertThat(store.lockedUntil("keyring")).isEmpty();
            store.replace("keyring", new byte[] {2});
            assertThat(store.lockedUntil("keyring")).isEmpty();
            assertThat(store.get("keyring")).containsExactly(2);
            store.delete("keyring");
            assertThat(store.list("", "", 10)).isEmpty();
        }
    }

    private static void assertLocked(Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ObjectStoreException.class, e -> {
            assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.LOCKED);
            assertThat(e).hasMessageContaining("2026-02-05");
        });
    }
}
