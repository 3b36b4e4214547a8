package dev.reinstate.objectstore;

import java.time.Duration;
import java.util.Optional;

/**
 * Which new objects a store locks against deletion, and for how long from when they are written. Whoever knows what the
 * keys stand for says so; the store itself does not know.
 */
@FunctionalInterface
public interface LockPolicy {
    /** Locks nothing. */
    LockPolicy NONE = key -> Optional.empty();

    /** How long a new object of that key is to be locked; empty for not at all. */
    Optional<Duration> lockFor(String key);
}
