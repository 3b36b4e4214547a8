package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveLoss;
import dev.reinstate.archive.ArchiveReader.SalvagedHistory;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.replication.ReplicationSlots.SlotState;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Whether the archive and the slot fit together, or history can only go on with an image.
 *
 * @param reason for people
 * @param opensGap whether what was captured ends here, which the archive does not know yet
 */
record ImageNeed(String reason, boolean opensGap) {
    /**
     * @param history the archive's of the catalogue, as far as it can be read
     * @param lost what the archive lacks of what it once held
     */
    static Optional<ImageNeed> of(
            ArchiveState archive,
            Supplier<SalvagedHistory> history,
            Optional<SlotState> slot,
            SourceTables tables,
            Optional<ArchiveLoss> lost,
            boolean newImageWanted) {
        if (archive.allImages().isEmpty()) {
            return Optional.of(new ImageNeed("the first image", false));
        }
        if (!archive.gaps().isEmpty() && archive.gaps().getLast().to().isEmpty()) {
            return Optional.of(
                    new ImageNeed("a gap since " + archive.gaps().getLast().from(), false));
        }
        return lost.map(loss -> "the archive was not what it had been: " + loss.text())
                .or(() -> broken(archive, slot))
                .or(() -> newImageWanted ? Optional.of("a new image was asked for") : Optional.empty())
                .or(() -> unknownOrReattributed(archive.tenancyMap(), history.get(), tables))
                .map(reason -> new ImageNeed(reason, true));
    }

    private static Optional<String> unknownOrReattributed(
            TenancyMap recorded, SalvagedHistory history, SourceTables tables) {
        KnownTables known = new KnownTables(history.versions());
        return lost(history, known, tables).or(() -> reattributed(recorded, known, tables));
    }

    /**
     * What a table was is compared with what it is, to find what the stream did not show. An older version than the last
     * one serves, too: what changed between them is seen as a change now, and the table is read anew. Without any, nothing
     * can be seen.
     */
    private static Optional<String> lost(SalvagedHistory history, KnownTables known, SourceTables tables) {
        return history.lost().isEmpty()
                ? Optional.empty()
                : tables.captured().stream()
                        .filter(table -> known.newest(table.oid()).isEmpty())
                        .findFirst()
                        .map(table -> "the archive's catalogue history is damaged, and what " + table.name()
                                + " was is not in what is left of it");
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
                        + archive.durableTo() + ": someone else read from it, or the archive's last entries are lost")
                : Optional.empty();
    }

    /**
     * Rows that are in the archive under the old rules cannot be followed by new ones. Tables that were not captured before
     * are read by themselves, and a table under another name is the same one.
     */
    private static Optional<String> reattributed(TenancyMap recorded, KnownTables known, SourceTables tables) {
        for (Table table : tables.captured()) {
            Optional<TableRule> before = before(recorded, known, tables, table);
            if (before.isPresent()
                    && !tables.map().rule(table.name()).equals(before.map(rule -> renamed(rule, known, tables)))) {
                return Optional.of("the tenancy map has another rule for " + table.name() + " than before");
            }
        }
        return Optional.empty();
    }

    /** The rule by which the table's rows are in the archive; empty when they are not. */
    private static Optional<TableRule> before(
            TenancyMap recorded, KnownTables known, SourceTables tables, Table table) {
        TableName name = table.name();
        if (!known.isEmpty()) {
            Optional<TableVersion> version = known.newest(table.oid());
            if (version.flatMap(TableVersion::shape).isEmpty()) {
                return Optional.empty();
            }
            name = recorded.rule(version.get().name()).isPresent()
                    ? version.get().name()
                    : name;
        }
        return recorded.rule(name)
                .or(() -> recorded.rule(tables.catalogue().root(table.name())))
                .filter(ImageNeed::isCaptured);
    }

    /** The rule with its parents by the names they have now. */
    private static TableRule renamed(TableRule rule, KnownTables known, SourceTables tables) {
        Map<TableName, TableName> names = new HashMap<>();
        tables.captured()
                .forEach(table ->
                        known.newest(table.oid()).ifPresent(version -> names.put(version.name(), table.name())));
        return switch (rule) {
            case TableRule.ByPath path -> renamed(path, names);
            case TableRule.ByPaths several ->
                new TableRule.ByPaths(several.paths().stream()
                        .map(path -> renamed(path, names))
                        .toList());
            case TableRule.ByType type -> {
                TreeMap<String, TableName> parents = new TreeMap<>(type.parentsByType());
                parents.replaceAll((text, parent) -> names.getOrDefault(parent, parent));
                yield new TableRule.ByType(type.typeColumn(), type.idColumn(), parents);
            }
            default -> rule;
        };
    }

    private static TableRule.ByPath renamed(TableRule.ByPath path, Map<TableName, TableName> names) {
        return new TableRule.ByPath(
                path.columns(), names.getOrDefault(path.parent(), path.parent()), path.parentColumns());
    }

    private static boolean isCaptured(TableRule rule) {
        return rule.isOwned() || rule instanceof TableRule.Shared;
    }
}
