package dev.reinstate.cli.wiring;

import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.model.Lsn;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.ddl.DdlTrigger;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How the protected database stands to us.
 *
 * @param position the end of its log now
 * @param slot the server's word for our slot: {@code reserved}, {@code extended}, {@code unreserved}, {@code lost}, or
 *     {@code missing}
 * @param capturing whether somebody streams from the slot now
 * @param retainedBytes log it keeps back for us
 * @param letGoAfterBytes how much it may keep before we let go
 * @param failover whether a standby that synchronises slots has ours, too
 * @param ddlTrigger whether event triggers tell capture of DDL
 */
public record SourceStatus(
        Lsn position,
        String slot,
        boolean capturing,
        boolean usable,
        long retainedBytes,
        long letGoAfterBytes,
        boolean failover,
        DdlTrigger.State ddlTrigger) {

    /** Nothing is known of it. */
    public static final SourceStatus UNKNOWN =
            new SourceStatus(Lsn.ZERO, "unknown", false, false, 0, 0, false, DdlTrigger.State.ABSENT);

    /** Reads it. */
    public static SourceStatus read(Connection connection, SourceNames names, OptionalLong configuredLetGoBytes) {
        Lsn position = Query.one(
                connection,
                "Cannot read the log's position",
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END::text",
                row -> Lsn.parse(row.getString(1)));
        Optional<ReplicationSlots.SlotState> slot = ReplicationSlots.state(connection, names.slot());
        return new SourceStatus(
                position,
                slot.flatMap(ReplicationSlots.SlotState::walStatus).orElse("missing"),
                slot.isPresent() && slot.get().activePid().isPresent(),
                slot.isPresent() && slot.get().isUsable(),
                slot.map(ReplicationSlots.SlotState::retainedBytes).orElse(0L),
                LetGoPolicy.read(connection, configuredLetGoBytes).limitBytes(),
                slot.isPresent() && slot.get().failover(),
                new DdlTrigger(names).state(connection));
    }
}
