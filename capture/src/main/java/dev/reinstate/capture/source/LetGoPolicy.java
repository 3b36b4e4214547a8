package dev.reinstate.capture.source;

import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.util.OptionalLong;

/**
 * How much write-ahead log the source may keep back for us: better a recorded gap than production down.
 *
 * @param limitBytes from here on capture lets the slot go
 */
public record LetGoPolicy(long limitBytes) {
    private static final long DEFAULT_LIMIT_BYTES = 20L << 30;

    /** How near the limit is. */
    public enum Pressure {
        NONE,
        HALF,
        HIGH,
        LET_GO
    }

    public LetGoPolicy {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("a limit of " + limitBytes + " bytes");
        }
    }

    /**
     * Never beyond 80 % of the server's own limit, whatever was chosen: past it the server breaks the slot without a word.
     *
     * @param configured the limit someone chose
     * @param maxSlotWalKeepBytes the server's own limit, at which it would break the slot; empty without one
     */
    public static LetGoPolicy of(OptionalLong configured, OptionalLong maxSlotWalKeepBytes) {
        long server = maxSlotWalKeepBytes.isPresent() ? maxSlotWalKeepBytes.getAsLong() / 5 * 4 : Long.MAX_VALUE;
        return new LetGoPolicy(Math.max(1, Math.min(configured.orElse(DEFAULT_LIMIT_BYTES), server)));
    }

    /** With the server's limit as it is set now. */
    public static LetGoPolicy read(Connection connection, OptionalLong configured) {
        long megabytes = Query.one(
                connection,
                "Cannot read max_slot_wal_keep_size",
                "SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'",
                row -> row.getLong(1));
        return of(configured, megabytes < 0 ? OptionalLong.empty() : OptionalLong.of(megabytes << 20));
    }

    public Pressure pressure(long retainedBytes) {
        if (retainedBytes >= limitBytes) {
            return Pressure.LET_GO;
        }
        if (retainedBytes >= limitBytes / 5 * 4) {
            return Pressure.HIGH;
        }
        return retainedBytes >= limitBytes / 2 ? Pressure.HALF : Pressure.NONE;
    }
}
