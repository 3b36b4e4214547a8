package dev.reinstate.postgres.replication;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.postgresql.PGConnection;

/** Makes, looks at and drops logical replication slots. */
public final class ReplicationSlots {
    private static final int FAILOVER_SINCE = 17;

    private ReplicationSlots() {}

    /**
     * A new slot and the snapshot of its consistent point.
     *
     * @param consistentPoint every commit before it is visible in the snapshot, every later one arrives in the stream
     * @param snapshotName for {@link #useSnapshot}, valid until the replication connection is used again or closed
     */
    public record CreatedSlot(String name, Lsn consistentPoint, String snapshotName) {}

    /**
     * A slot as the server shows it.
     *
     * @param activePid the server process that streams from it now
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
     * @param safeWalSizeBytes what may still be written before the slot is in danger; empty without a limit
     * @param invalidationReason why the server gave it up
     * @param retainedBytes write-ahead log kept back for it
     * @param failover whether standbys that synchronise slots have it, too
     */
    public record SlotState(
            String name,
            String database,
            OptionalInt activePid,
            Optional<Lsn> restartLsn,
            Optional<Lsn> confirmedFlushLsn,
            Optional<String> walStatus,
            OptionalLong safeWalSizeBytes,
            Optional<String> invalidationReason,
            long retainedBytes,
            boolean failover) {
        /** Whether the stream can go on from it. */
        public boolean isUsable() {
            return invalidationReason.isEmpty() && confirmedFlushLsn.isPresent();
        }
    }

    /**
     * A transaction that a slot's creation must wait for.
     *
     * @param pid its server process; 0 for a prepared transaction, which has none
     * @param age how long it has been open; zero when this role may not see that
     */
    public record OpenTransaction(int pid, String user, String applicationName, String state, Duration age) {}

    /**
     * Creates a pgoutput slot and exports its snapshot. Waits for every transaction that is writing at that moment (see
     * {@link #openTransactions}). {@code CONFLICT} when a slot of that name exists. The publications must exist before
     * the slot does: the stream looks them up as they were at each change. Where the server can hand slots over to a
     * standby (PostgreSQL 17), it is made so that it may.
     *
     * @param replication a connection of {@link dev.reinstate.postgres.Database#connectReplication}
     */
    public static CreatedSlot create(Connection replication, String slot) {
        return create(
                replication,
                slot,
                handsSlotsOver(replication)
                        ? " LOGICAL pgoutput (SNAPSHOT 'export', FAILOVER true)"
                        : " LOGICAL pgoutput EXPORT_SNAPSHOT");
    }

    /** As {@link #create}, for the snapshot alone: the slot goes with its connection. */
    public static CreatedSlot createTemporary(Connection replication, String slot) {
        return create(replication, slot, " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT");
    }

    private static boolean handsSlotsOver(Connection connection) {
        try {
            return connection.getMetaData().getDatabaseMajorVersion() >= FAILOVER_SINCE;
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot tell the server's version", e);
        }
    }

    /** Lets standbys have a slot that was made without, if the server can. Nobody may stream from it. */
    static void handOver(Connection replication, SlotState slot) {
        if (slot.failover() || !handsSlotsOver(replication)) {
            return;
        }
        Query.execute(
                replication,
                "Cannot let standbys have slot " + slot.name(),
                "ALTER_REPLICATION_SLOT " + Sql.identifier(slot.name()) + " (FAILOVER true)");
    }

    private static CreatedSlot create(Connection replication, String slot, String kind) {
        String command = "CREATE_REPLICATION_SLOT " + Sql.identifier(slot) + kind;
        try (var statement = replication.createStatement();
                ResultSet row = statement.executeQuery(command)) {
            if (!row.next()) {
                throw ReinstateException.bug("Cannot create slot " + slot, "the server's answer has no row");
            }
            return new CreatedSlot(
                    row.getString("slot_name"),
                    Lsn.parse(row.getString("consistent_point")),
                    row.getString("snapshot_name"));
        } catch (SQLException e) {
            if (PostgresFailure.state(e).equals("42710")) {
                throw ReinstateException.conflict(
                        "Cannot create slot " + slot,
                        "a slot of that name exists",
                        "look whether another capture uses it; `reinstate unprotect` drops it");
            }
            throw PostgresFailure.of("Cannot create slot " + slot, e);
        }
    }

    /** Gives up the creation that the connection waits for in another thread. */
    public static void cancelCreation(Connection replication) {
        try {
            replication.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot give up creating a slot", e);
        }
    }

    /**
     * Begins a read-only transaction that sees exactly the snapshot of a slot's creation; end it with a rollback or by
     * closing the connection.
     */
    public static void useSnapshot(Connection connection, CreatedSlot slot) {
        String failure = "Cannot read as of the snapshot of slot " + slot.name();
        try {
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
        Query.execute(
                connection,
                failure,
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT "
                        + Sql.literal(slot.snapshotName()));
    }

    /** The writing transactions a slot's creation waits for, oldest first. */
    public static List<OpenTransaction> openTransactions(Connection connection) {
        return Query.list(
                connection,
                "Cannot see the server's open transactions",
                """
                SELECT pid, coalesce(usename, '') AS usename, coalesce(application_name, '') AS application_name,
                       coalesce(state, 'hidden from this role') AS state,
                       coalesce(extract(epoch FROM clock_timestamp() - xact_start) * 1000, 0)::bigint AS age_millis
                  FROM pg_stat_activity
                 WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
                UNION ALL
                SELECT 0, owner, '', 'prepared transaction ' || gid,
                       (extract(epoch FROM clock_timestamp() - prepared) * 1000)::bigint
                  FROM pg_prepared_xacts
                 ORDER BY age_millis DESC
                """,
                row -> new OpenTransaction(
                        row.getInt("pid"),
                        row.getString("usename"),
                        row.getString("application_name"),
                        row.getString("state"),
                        Duration.ofMillis(row.getLong("age_millis"))));
    }

    /** The slot as it is; empty when there is none. */
    public static Optional<SlotState> state(Connection connection, String slot) {
        return Query.first(connection, "Cannot look at slot " + slot, """
                SELECT slot_name, database, active_pid, restart_lsn::text, confirmed_flush_lsn::text, wal_status,
                       safe_wal_size,
                       coalesce(to_jsonb(s) ->> 'invalidation_reason',
                                CASE WHEN wal_status = 'lost' THEN 'wal_removed' END) AS invalidation_reason,
                       greatest(0, coalesce(pg_wal_lsn_diff(
                           CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                           restart_lsn), 0))::bigint AS retained_bytes,
                       coalesce((to_jsonb(s) ->> 'failover')::boolean, false) AS failover
                  FROM pg_replication_slots s
                 WHERE slot_name = ?
                """, ReplicationSlots::slotState, slot);
    }

    private static SlotState slotState(ResultSet row) throws SQLException {
        int activePid = row.getInt("active_pid");
        OptionalInt active = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(activePid);
        long safeWalSize = row.getLong("safe_wal_size");
        OptionalLong safe = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(safeWalSize);
        return new SlotState(
                row.getString("slot_name"),
                Optional.ofNullable(row.getString("database")).orElse(""),
                active,
                Optional.ofNullable(row.getString("restart_lsn")).map(Lsn::parse),
                Optional.ofNullable(row.getString("confirmed_flush_lsn")).map(Lsn::parse),
                Optional.ofNullable(row.getString("wal_status")),
                safe,
                Optional.ofNullable(row.getString("invalidation_reason")),
                row.getLong("retained_bytes"),
                row.getBoolean("failover"));
    }

    /** Drops the slot; false when there was none. {@code CONFLICT} while it is streamed from. */
    public static boolean drop(Connection connection, String slot) {
        Optional<SlotState> state = state(connection, slot);
        if (state.isEmpty()) {
            return false;
        }
        if (state.get().activePid().isPresent()) {
            throw heldByAnother(
                    "Cannot drop slot " + slot, state.get().activePid().getAsInt());
        }
        Query.one(connection, "Cannot drop slot " + slot, "SELECT pg_drop_replication_slot(?)", row -> true, slot);
        return true;
    }

    static ReinstateException heldByAnother(String what, int pid) {
        return ReinstateException.conflict(
                what,
                "another capture of this store streams from it, server process " + pid,
                "stop the other capture (one store has one), or wait until the server notices that it died");
    }
}
