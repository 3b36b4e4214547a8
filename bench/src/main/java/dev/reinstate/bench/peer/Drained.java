package dev.reinstate.bench.peer;

import java.time.Duration;

/**
 * A backlog drained.
 *
 * @param wall from the moment the consumer held the slot to the last change being dealt with
 * @param cpu of the consumer's process, its start included
 * @param peakResidentBytes of the consumer's process
 */
public record Drained(Duration wall, Duration cpu, long peakResidentBytes) {
    public double perSecond(long changes) {
        return changes / (wall.toNanos() / 1e9);
    }
}
