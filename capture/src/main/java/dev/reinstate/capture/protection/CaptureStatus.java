package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.ReplicationSlots.SlotState;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How the protection of a store stands, from the source and the archive alone.
 *
 * @param slot the slot; empty when it does not exist
 * @param running whether a capture follows it now
 * @param retainedBytes log the source keeps back for capture
 * @param letGoAfterBytes at how much it lets go
 * @param sourceEnd where the source's log ends now
 * @param lagBytes log between what is durable in the archive and the source's end
 * @param imageNeeded why history can only go on with a new image; empty when it goes on
 * @param unprotected tables that are not protected as others are
 */
public record CaptureStatus(
        Optional<SlotState> slot,
        boolean running,
        long retainedBytes,
        long letGoAfterBytes,
        Lsn sourceEnd,
        long lagBytes,
        Optional<String> imageNeeded,
        List<SourceTables.Unprotected> unprotected) {

    public static CaptureStatus read(
            Connection source,
            SourceNames names,
            TenancyRules rules,
            ArchiveReader reader,
            OptionalLong letGoAfterBytes) {
        ArchiveState archive = reader.state();
        Optional<SlotState> slot = ReplicationSlots.state(source, names.slot());
        SourceTables tables = SourceTables.of(Catalogue.read(source), rules);
        Lsn end = Query.one(
                source,
                "Cannot read where the log ends",
                "SELECT pg_current_wal_lsn()::text",
                row -> Lsn.parse(row.getString(1)));
        return new CaptureStatus(
                slot,
                slot.map(state -> state.activePid().isPresent()).orElse(false),
                slot.map(SlotState::retainedBytes).orElse(0L),
                LetGoPolicy.read(source, letGoAfterBytes).limitBytes(),
                end,
                archive.images().isEmpty()
                        ? 0
                        : Math.max(0, end.value() - archive.durableTo().value()),
                ImageNeed.of(archive, reader::catalogueHistory, slot, tables, false)
                        .map(ImageNeed::reason),
                tables.unprotected());
    }
}
