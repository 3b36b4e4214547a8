package dev.reinstate.capture.source;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Query;
import java.sql.Connection;

/**
 * Brings a source's log to where the archive's ends. After a failover that lost changes, or a recovery to an earlier
 * moment, the log begins again before it, and one position must not name two histories. What is written are messages that
 * nobody reads.
 */
public final class LogFiller {
    private static final long MOST_BYTES = 64L << 20;
    private static final int MESSAGE_BYTES = 1 << 20;

    private LogFiller() {}

    /**
     * Nothing is done where the log is there already, as it is but after these events. {@code CONFLICT} when more than
     * 64 MB are missing.
     */
    public static void fill(Connection source, Lsn end) {
        Lsn at = position(source);
        long missing = end.value() - at.value();
        if (at.isBefore(end) && missing > MOST_BYTES) {
            throw ReinstateException.conflict(
                    "History cannot go on in this archive yet",
                    "the source's log is at " + at + ", " + missing + " bytes before the archive's end " + end
                            + ", and the same positions would name two histories",
                    "run `reinstate protect` again when the log has passed it, or protect into a new archive now; what is"
                            + " in this one stays restorable");
        }
        while (at.isBefore(end)) {
            int bytes = (int) Math.min(MESSAGE_BYTES, end.value() - at.value());
            Query.one(
                    source,
                    "Cannot write into the log",
                    "SELECT pg_logical_emit_message(false, 'reinstate', repeat('-', ?))",
                    row -> true,
                    bytes);
            at = position(source);
        }
    }

    private static Lsn position(Connection source) {
        return Query.one(
                source,
                "Cannot read the log's position",
                "SELECT pg_current_wal_insert_lsn()::text",
                row -> Lsn.parse(row.getString(1)));
    }
}
