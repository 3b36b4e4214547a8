package dev.reinstate.capture.owner;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes the index agree with the archive's last durable position before anything new is attributed. */
public final class IndexRecovery {
    private static final int CATCH_UP_LIMIT = 1_000_000;

    private final OwnerIndex index;
    private final ArchiveReader archive;
    private final Ownership ownership;
    private final String fingerprint;

    /** @param fingerprint of the store and the way its rows are attributed now */
    public IndexRecovery(OwnerIndex index, ArchiveReader archive, Ownership ownership, String fingerprint) {
        this.index = index;
        this.archive = archive;
        this.ownership = ownership;
        this.fingerprint = fingerprint;
    }

    /** What had to be done. */
    public enum Outcome {
        CURRENT,
        CAUGHT_UP,
        REBUILT
    }

    public Outcome recover() {
        Lsn durable = archive.state().durableTo();
        OwnerIndex.Reflected reflected = index.reflected().orElse(null);
        if (reflected == null || !reflected.fingerprint().equals(fingerprint) || isBeyondReach(reflected.position())) {
            rebuild(durable);
            return Outcome.REBUILT;
        }
        if (reflected.position().equals(durable)) {
            return Outcome.CURRENT;
        }
        return catchUp(reflected.position(), durable) ? Outcome.CAUGHT_UP : Outcome.REBUILT;
    }

    /**
     * Ahead of the archive; before its newest image, with which everything begins anew; or perhaps without the rows of
     * a table image. They are put after it is durable and before history goes on: an index that reflects more than was
     * durable then has them.
     */
    private boolean isBeyondReach(Lsn position) {
        ArchiveState state = archive.state();
        return position.isAfter(state.durableTo())
                || position.isBefore(beginning(state))
                || state.tableImages().stream().anyMatch(image -> !position.isAfter(image.durableTo()));
    }

    /** The newest image of the source; where retention has left none, the first of those made from it. */
    private static Lsn beginning(ArchiveState state) {
        List<ArchiveState.Image> images =
                state.images().isEmpty() ? state.allImages() : state.images().reversed();
        return images.isEmpty() ? Lsn.ZERO : images.getFirst().position();
    }

    private void rebuild(Lsn durable) {
        try {
            fill(durable.previous(), durable);
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.NOT_RESTORABLE && e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            // a row that was too large to be kept, or an update of one in a table that is still to be read for the
            // first
            // time: begin with the image and replay what came after; what is really damaged is met again
            Lsn image = beginning(archive.state());
            fill(image.previous(), image);
            replay(replayToTableImages(image), durable, Integer.MAX_VALUE);
        }
    }

    /** The stream does not tell of rows that came with a table image. Returns how far history is replayed then. */
    private Lsn replayToTableImages(Lsn from) {
        Lsn reached = from;
        List<ArchiveState.TableImage> tableImages = archive.state().tableImages().stream()
                .filter(image -> !image.position().isBefore(from))
                .sorted(Comparator.comparing(ArchiveState.TableImage::position))
                .toList();
        for (ArchiveState.TableImage image : tableImages) {
            replay(reached, image.position(), Integer.MAX_VALUE);
            Set<Integer> oids = new HashSet<>();
            image.tables().forEach(table -> oids.add(table.oid()));
            put(image.position().previous(), table -> oids.contains(table.oid()), image.position());
            reached = image.position();
        }
        return reached;
    }

    private void fill(Lsn position, Lsn reflected) {
        index.clear();
        put(position, table -> true, reflected);
    }

    private void put(Lsn position, Predicate<TableSchema> tables, Lsn reflected) {
        LostParents lostParents = new LostParents(index, ownership);
        try (OwnerIndex.Batch batch = index.begin()) {
            for (Partition partition : partitions()) {
                try (ArchiveReader.RowStream rows = archive.fold(partition, position, tables)) {
                    while (rows.hasNext()) {
                        put(partition, rows.next(), batch, lostParents);
                    }
                }
            }
            batch.writePending();
            lostParents.putBack(batch);
            batch.commit(new OwnerIndex.Reflected(reflected, fingerprint));
        }
        index.flush();
    }

    private List<Partition> partitions() {
        List<Partition> partitions = new ArrayList<>();
        archive.tenants().forEach(tenant -> partitions.add(Partition.of(tenant.tenant())));
        partitions.add(Partition.UNATTRIBUTED);
        return partitions;
    }

    private void put(Partition partition, FoldedRow row, OwnerChanges changes, LostParents lostParents) {
        TableOwnership table = ownership.of(row.table());
        if (table.isStored()) {
            OwnerRecord record = recordOf(table, row.tuple(), partition);
            OwnerKey key = table.ownerKey(row.key());
            changes.put(key, record);
            lostParents.check(table, key, record, partition);
        } else if (table.isOwned() && !table.keyNamesOwner()) {
            OwnerRecord named = table.ownerOf(row.tuple());
            if (named != null && named.namesParent()) {
                lostParents.checkKeyless(table, named, partition);
            }
        }
        if (table.isOwned()) {
            OwnerRecord holder = OwnerRecord.row(row.key());
            table.forEachUniqueValue(
                    row.key(),
                    row.tuple(),
                    value -> value.values().ifPresent(values -> {
                        changes.put(value.held(), OwnerRecord.values(values));
                        changes.put(values, holder);
                    }));
        }
    }

    /** The record of a row that the archive keeps in that partition. */
    private static OwnerRecord recordOf(TableOwnership table, Tuple row, Partition partition) {
        OwnerRecord named = table.ownerOf(row);
        return named == null ? OwnerRecord.keptBy(partition) : named;
    }

    /**
     * The last that happened to a row. Of two partitions, the one with the later change speaks last; where a row leaves
     * one and enters another at once, the one it entered.
     */
    private record LastWord(
            Commit commit,
            long ordinal,
            boolean leavesRow,
            TableOwnership table,
            Partition partition,
            @Nullable OwnerRecord record) {
        static LastWord of(Change change, TableOwnership table, @Nullable OwnerRecord record) {
            return new LastWord(
                    change.commit(),
                    change.ordinal(),
                    change.operation().leavesRow(),
                    table,
                    change.partition(),
                    record);
        }

        boolean isTakenBy(Change truncate) {
            int order = commit.compareTo(truncate.commit());
            return table.schema().oid() == truncate.table().oid()
                    && record != null
                    && !record.isDead()
                    && !record.isValues()
                    && (order < 0 || (order == 0 && ordinal < truncate.ordinal()));
        }

        LastWord dead() {
            return new LastWord(commit, ordinal, leavesRow, table, partition, OwnerRecord.dead(partition));
        }

        boolean isAfter(LastWord other) {
            int order = commit.compareTo(other.commit);
            if (order == 0) {
                order = Long.compare(ordinal, other.ordinal);
            }
            return order > 0 || (order == 0 && leavesRow);
        }
    }

    private boolean catchUp(Lsn after, Lsn durable) {
        if (replay(after, durable, CATCH_UP_LIMIT)) {
            return true;
        }
        rebuild(durable);
        return false;
    }

    private boolean replay(Lsn after, Lsn durable, int limit) {
        Map<OwnerKey, LastWord> words = new HashMap<>();
        for (Partition partition : touchedPartitions(after, durable)) {
            if (words.size() > limit) {
                return false;
            }
            try (ArchiveReader.ChangeStream changes = archive.changes(partition, after.previous(), durable)) {
                while (changes.hasNext()) {
                    hear(changes.next(), words);
                }
            }
        }
        LostParents lostParents = new LostParents(index, ownership);
        try (OwnerIndex.Batch batch = index.begin()) {
            truncatedParents(after, durable).values().forEach(truncate -> bury(truncate, after, words, batch));
            giveUpValues(words, batch);
            words.forEach((key, word) -> {
                if (word.record() == null) {
                    batch.remove(key);
                } else {
                    batch.put(key, word.record());
                }
            });
            batch.writePending();
            words.forEach((key, word) -> {
                if (word.record() != null && word.record().isOfRow()) {
                    lostParents.check(word.table(), key, word.record(), word.partition());
                }
            });
            lostParents.putBack(batch);
            batch.commit(new OwnerIndex.Reflected(durable, fingerprint));
        }
        return true;
    }

    /** Of each table whose rows others may name, the last TRUNCATE. */
    private Map<Integer, Change> truncatedParents(Lsn after, Lsn durable) {
        Map<Integer, Change> truncates = new LinkedHashMap<>();
        try (ArchiveReader.ChangeStream events = archive.changes(Partition.STORE_EVENTS, after.previous(), durable)) {
            while (events.hasNext()) {
                Change event = events.next();
                TableOwnership table = ownership.of(event.table());
                if (table.isStored() && table.hasDescendants()) {
                    truncates.put(event.table().oid(), event);
                }
            }
        }
        return truncates;
    }

    /**
     * The rows that a TRUNCATE took are gone and had the tenant by which they were kept: that of their last word before
     * it, or, since a row that moves has a word, that of their record.
     */
    private void bury(Change truncate, Lsn after, Map<OwnerKey, LastWord> words, OwnerIndex.Batch batch) {
        TableOwnership table = ownership.of(truncate.table());
        if (table.isPartition()) {
            partitions().forEach(partition -> buryPart(table, partition, after.previous(), words.keySet(), batch));
        } else {
            OwnerResolver resolver = new OwnerResolver(ownership);
            index.forEach(table.indexOid(), (key, record) -> {
                if (!words.containsKey(key) && (record.isOfRow() || record.namesRow())) {
                    batch.put(key, OwnerRecord.dead(resolver.resolveValues(table, record, index)));
                }
            });
        }
        words.replaceAll((key, word) -> word.isTakenBy(truncate) ? word.dead() : word);
    }

    /** Values that a row had, and has no more by its last word. */
    private void giveUpValues(Map<OwnerKey, LastWord> words, OwnerIndex.Batch batch) {
        OwnerResolver resolver = new OwnerResolver(ownership);
        List.copyOf(words.entrySet()).forEach(said -> {
            LastWord word = said.getValue();
            OwnerRecord record = word.record();
            if (record != null && record.namesRow()) {
                if (!isHeld(said.getKey(), record, word.table(), words)) {
                    words.put(said.getKey(), word.dead());
                }
            } else if (said.getKey().isHeld()) {
                OwnerRecord had = index.get(said.getKey());
                OwnerKey values = had == null || had.equals(record) ? null : had.valuesKey();
                OwnerRecord holder = values == null || words.containsKey(values) ? null : index.get(values);
                if (values != null
                        && holder != null
                        && holder.namesRow()
                        && holds(said.getKey(), holder, word.table())) {
                    batch.put(values, OwnerRecord.dead(resolver.resolveValues(word.table(), holder, index)));
                }
            }
        });
    }

    /** Whether the row that was last said to have those values has them still. */
    private boolean isHeld(OwnerKey values, OwnerRecord holder, TableOwnership table, Map<OwnerKey, LastWord> words) {
        boolean[] found = new boolean[1];
        OwnerRecord wanted = OwnerRecord.values(values);
        table.forEachHeld(RowKey.ofEncoded(holder.payload()), held -> {
            LastWord word = words.get(held);
            found[0] |= wanted.equals(word == null ? index.get(held) : word.record());
        });
        return found[0];
    }

    private static boolean holds(OwnerKey held, OwnerRecord holder, TableOwnership table) {
        boolean[] found = new boolean[1];
        table.forEachHeld(RowKey.ofEncoded(holder.payload()), key -> found[0] |= key.equals(held));
        return found[0];
    }

    private void buryPart(
            TableOwnership part, Partition partition, Lsn position, Set<OwnerKey> except, OwnerIndex.Batch batch) {
        int oid = part.schema().oid();
        try (ArchiveReader.RowStream rows = archive.fold(partition, position, table -> table.oid() == oid)) {
            while (rows.hasNext()) {
                RowKey row = rows.next().key();
                OwnerKey key = part.ownerKey(row);
                if (!except.contains(key)) {
                    batch.put(key, OwnerRecord.dead(partition));
                }
                part.forEachHeld(row, held -> buryValues(index.get(held), row, partition, except, batch));
            }
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.NOT_RESTORABLE) {
                throw e;
            }
            // a row that was too large to be kept ends the fold
        }
    }

    private void buryValues(
            @Nullable OwnerRecord held, RowKey row, Partition partition, Set<OwnerKey> except, OwnerIndex.Batch batch) {
        if (held != null
                && !except.contains(held.valuesKey())
                && OwnerRecord.row(row).equals(index.get(held.valuesKey()))) {
            batch.put(held.valuesKey(), OwnerRecord.dead(partition));
        }
    }

    private Set<Partition> touchedPartitions(Lsn after, Lsn durable) {
        Set<Long> xids = new HashSet<>();
        archive.commits(after.previous(), durable).forEach(commit -> xids.add(commit.xid()));
        return archive.touchedBy(xids, after.previous(), durable);
    }

    private void hear(Change change, Map<OwnerKey, LastWord> words) {
        TableOwnership table = ownership.of(change.table());
        if (table.isOwned() && change.operation().leavesRow() && change.operation() != Operation.OVERSIZED) {
            OwnerRecord holder = OwnerRecord.row(change.key());
            table.forEachUniqueValue(change.key(), change.tuple(), value -> {
                OwnerRecord has = value.values().map(OwnerRecord::values).orElse(null);
                say(table, value.held(), change, has, words);
                value.values().ifPresent(values -> say(table, values, change, holder, words));
            });
        } else if (table.isOwned() && !change.operation().leavesRow() && change.operation() != Operation.TRUNCATE) {
            table.forEachHeld(change.key(), held -> say(table, held, change, null, words));
        }
        if (!table.isStored()) {
            return;
        }
        OwnerKey key = table.ownerKey(change.key());
        switch (change.operation()) {
            case INSERT, UPDATE, ENTER, REKEY_IN -> {
                if (!table.leavesOwnerOpen(change.tuple())) {
                    say(table, key, change, recordOf(table, change.tuple(), change.partition()), words);
                }
            }
            case OVERSIZED -> say(table, key, change, OwnerRecord.keptBy(change.partition()), words);
            case DELETE, REKEY_OUT, LEAVE ->
                say(table, key, change, table.hasDescendants() ? OwnerRecord.dead(change.partition()) : null, words);
            case TRUNCATE -> {
                // of rows that others may name it is heard apart; other records of rows that are gone do no harm
            }
        }
    }

    private static void say(
            TableOwnership table,
            OwnerKey key,
            Change change,
            @Nullable OwnerRecord record,
            Map<OwnerKey, LastWord> words) {
        words.merge(key, LastWord.of(change, table, record), (old, added) -> added.isAfter(old) ? added : old);
    }
}
