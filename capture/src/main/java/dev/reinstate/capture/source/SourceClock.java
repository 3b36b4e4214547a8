package dev.reinstate.capture.source;

import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * The source server's clock, from which commit times come: all times of history are of one clock, whatever that of the
 * machine that captures does. It is asked now and then; what has passed since is measured, not read from a clock.
 */
public final class SourceClock implements InstantSource {
    private volatile Reading reading;

    private record Reading(Instant time, long nanos) {}

    private SourceClock(Reading reading) {
        this.reading = reading;
    }

    public static SourceClock of(Connection source) {
        return new SourceClock(read(source));
    }

    /** Follows the server's clock, also where it was set. From any thread. */
    public void ask(Connection source) {
        reading = read(source);
    }

    private static Reading read(Connection source) {
        long micros = Query.one(
                source,
                "Cannot read the source's clock",
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
                row -> row.getLong(1));
        return new Reading(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), System.nanoTime());
    }

    @Override
    public Instant instant() {
        Reading last = reading;
        return last.time().plusNanos(System.nanoTime() - last.nanos()).truncatedTo(ChronoUnit.MICROS);
    }
}
