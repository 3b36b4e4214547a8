package dev.reinstate.capture.source;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.TableStorage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * The tables as the archive's catalogue history last has them. Whatever differs from it in the source is what happened
 * since; the archive learns it last, when all that follows from it is done.
 */
public final class KnownTables {
    private static final String UNSEEN = "";

    private final Map<Integer, TableVersion> newest = new ConcurrentHashMap<>();
    private final AtomicInteger versions = new AtomicInteger();

    /** @param history the archive's, oldest first */
    public KnownTables(List<TableVersion> history) {
        learn(history);
    }

    /** Takes over what the archive has learnt. */
    public void learn(List<TableVersion> learnt) {
        learnt.forEach(version -> newest.merge(
                version.oid(), version, (old, added) -> added.position().isBefore(old.position()) ? old : added));
        versions.addAndGet(learnt.size());
    }

    /**
     * A table of which the stream has rows before the archive has ever seen it. It is to be read as one that was never
     * captured, and should it be gone before that, its rows are not forgotten.
     *
     * @param position before all of its rows
     */
    public static TableVersion announced(Lsn position, Instant time, TableSchema shape) {
        return new TableVersion(
                position, time, shape.oid(), shape.name(), Optional.of(shape), UNSEEN, "announced", false);
    }

    /** Whether the archive has the table as its rows, or the catalogue, showed it; else only the stream has named it. */
    private static boolean isSeen(TableVersion version) {
        return version.shape().isPresent() && !version.storage().equals(UNSEEN);
    }

    /**
     * Whether rows of a table that the archive had right in that version change without the stream saying so. Of one that
     * the stream announced it has had nothing right yet.
     */
    static boolean changesUnseen(TableVersion version) {
        return isSeen(version)
                && (version.shape().filter(shape -> !shape.hasKey()).isPresent()
                        || TableStorage.parse(version.storage())
                                .filter(storage -> !storage.logged())
                                .isPresent());
    }

    /** By which its tables were ever seen to be in publications of ours. */
    public Set<Long> memberships() {
        Set<Long> memberships = new HashSet<>();
        newest.values()
                .forEach(version -> TableStorage.parse(version.storage())
                        .ifPresent(storage -> memberships.addAll(storage.memberships())));
        return memberships;
    }

    /** How many versions the history has. */
    int versions() {
        return versions.get();
    }

    /** Whether the archive began before there was a catalogue history. */
    public boolean isEmpty() {
        return versions.get() == 0;
    }

    /** Whether the archive has never had a version of that table. */
    public boolean isUnheardOf(int oid) {
        return !isEmpty() && !newest.containsKey(oid);
    }

    /** Tables that only the stream has named: those of their rows that were there before are still to be read. */
    public Set<TableName> unread() {
        return newest.values().stream()
                .filter(version -> version.shape().isPresent() && !isSeen(version))
                .map(TableVersion::name)
                .collect(Collectors.toSet());
    }

    /** The tables of which the archive has heard so far. */
    Set<Integer> heardOf() {
        return Set.copyOf(newest.keySet());
    }

    public Optional<TableVersion> newest(int oid) {
        return Optional.ofNullable(newest.get(oid));
    }

    /** A table's shape as the archive last had it. */
    public Optional<TableSchema> shape(int oid) {
        return newest(oid).flatMap(TableVersion::shape);
    }

    /** What the source has otherwise, tables before those whose paths lead through them. */
    public List<TableChange> changes(SourceTables tables) {
        return changes(tables, heardOf());
    }

    /** @param heardOf the tables that were known before the source's were read: whatever came later is not missed there */
    List<TableChange> changes(SourceTables tables, Set<Integer> heardOf) {
        List<TableChange> changes = new ArrayList<>();
        Set<Integer> captured = new HashSet<>();
        for (Table table : tables.captured()) {
            captured.add(table.oid());
            change(tables, table).ifPresent(changes::add);
        }
        newest.forEach((oid, version) -> {
            if (version.shape().isPresent() && !captured.contains(oid) && heardOf.contains(oid)) {
                changes.add(gone(version, tables));
            }
        });
        return changes;
    }

    /** What became of a captured table that is so now; empty when the archive has it so. */
    public Optional<TableChange> change(SourceTables tables, Table table) {
        TableVersion before = newest.get(table.oid());
        if (before != null && isSeen(before)) {
            return TableComparison.of(tables, table, before);
        }
        if (before == null && versions.get() == 0) {
            // the archive began before there was a catalogue history: what its tables were is not known
            return Optional.of(new TableChange(
                    table.oid(),
                    table.name(),
                    Optional.of(table),
                    Optional.empty(),
                    TableChange.Effect.NONE,
                    false,
                    "first seen"));
        }
        return Optional.of(new TableChange(
                table.oid(),
                table.name(),
                Optional.of(table),
                Optional.ofNullable(before),
                TableChange.Effect.CHANGED,
                true,
                "it was not captured before; rows written until then are not in the change stream"));
    }

    private static TableChange gone(TableVersion before, SourceTables tables) {
        boolean exists = tables.catalogue().table(before.oid()).isPresent();
        return new TableChange(
                before.oid(),
                before.name(),
                Optional.empty(),
                Optional.of(before),
                TableChange.Effect.GONE,
                true,
                exists ? "it is not captured any more" : "it was dropped");
    }
}
