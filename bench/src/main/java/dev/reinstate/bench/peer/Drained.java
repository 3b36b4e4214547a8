package dev.reinstate.bench.peer;

import java.time.Duration;

/**
 * A backlog drained.
 *
 * @param wall from the moment the consumer held the slot to the last change being dealt with
 * @param cpu of the consumer's process, capture's from the moment it held the slot, the peers' with their start
 * @param peakResidentBytes of the consumer's process
 */
public record Drained(Duration wall, Duration cpu, long peakResidentBytes) {
    public double perSecond(long changes) {
        return changes / (wall.toNanos() / 1e9);
    }

    /** Changes for each second of one core's time. */
    public double perCoreSecond(long changes) {
        return changes / (cpu.toNanos() / 1e9);
    }
}
