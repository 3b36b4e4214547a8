package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/** How much of an archive is checked. */
public sealed interface CheckScope {
    /** All of it. */
    record Everything() implements CheckScope {}

    /** What manifests written since then name; the chain is verified back to there. */
    record SinceTime(Instant time) implements CheckScope {}

    /** What came after a position; the chain is verified back to there. */
    record SincePosition(Lsn position) implements CheckScope {}

    /**
     * A random part, as much as there is time for, and at least one object: the archive in an order drawn from the seed,
     * from where the pass stands.
     *
     * @param nanos a clock that only goes forward, as {@link System#nanoTime}
     */
    record Sample(Duration budget, CheckPass pass, LongSupplier nanos) implements CheckScope {}
}
