package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveState;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.replication.ReplicationSlots.SlotState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether the archive and the slot fit together, or history can only go on with an image.
 *
 * @param reason for people
 * @param opensGap whether what was captured ends here, which the archive does not know yet
 */
record ImageNeed(String reason, boolean opensGap) {
    static Optional<ImageNeed> of(
            ArchiveState archive, Optional<SlotState> slot, SourceTables tables, boolean newImageWanted) {
        if (archive.images().isEmpty()) {
            return Optional.of(new ImageNeed("the first image", false));
        }
        if (!archive.gaps().isEmpty() && archive.gaps().getLast().to().isEmpty()) {
            return Optional.of(
                    new ImageNeed("a gap since " + archive.gaps().getLast().from(), false));
        }
        return broken(archive, slot)
                .or(() -> newImageWanted ? Optional.of("a new image was asked for") : Optional.empty())
                .or(() -> reattributed(archive.tenancyMap(), tables))
                .map(reason -> new ImageNeed(reason, true));
    }

    private static Optional<String> broken(ArchiveState archive, Optional<SlotState> slot) {
        if (slot.isEmpty()) {
            return Optional.of("the replication slot is gone");
        }
        if (!slot.get().isUsable()) {
            return Optional.of("the server invalidated the replication slot ("
                    + slot.get().invalidationReason().orElse("no reason given") + ")");
        }
        Lsn confirmed = slot.get().confirmedFlushLsn().orElse(Lsn.ZERO);
        return confirmed.isAfter(archive.durableTo())
                ? Optional.of("the replication slot stands at " + confirmed + ", after the archive's last position "
                        + archive.durableTo() + ": someone else read from it")
                : Optional.empty();
    }

    /**
     * Rows that are in the archive under the old rules cannot be followed by new ones. Tables that were not captured before
     * are read by themselves.
     */
    private static Optional<String> reattributed(TenancyMap recorded, SourceTables tables) {
        for (TableName table : tables.map().capturedTables()) {
            TableName root = tables.catalogue().table(table).isPresent()
                    ? tables.catalogue().root(table)
                    : table;
            TableRule before =
                    recorded.rules().getOrDefault(table, recorded.rules().get(root));
            if (isCaptured(before) && !tables.map().rule(table).equals(Optional.ofNullable(before))) {
                return Optional.of("the tenancy map has another rule for " + table + " than before");
            }
        }
        return Optional.empty();
    }

    private static boolean isCaptured(@Nullable TableRule rule) {
        return rule != null && (rule.isOwned() || rule instanceof TableRule.Shared);
    }
}
