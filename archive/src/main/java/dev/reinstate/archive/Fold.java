package dev.reinstate.archive;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.sort.RecordSorter;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Column;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.model.UncertainInterval;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Image + changes up to a position = the exact rows of one partition then.
 *
 * <p>All changes since the image go through a sorter first, segment by segment, so that memory does not grow with the
 * number of segments; then they are merged with the image's rows, which are sorted already. A re-imaged table begins with
 * its own image instead.
 */
final class Fold implements ArchiveReader.RowStream {
    private final Predicate<TableName> tables;
    private final RecordSorter sorter;
    private final RecordStream changes;
    private final BaseRows image;
    private final SchemaTable schemas;
    private final Map<Integer, Directory.Truncation> truncations;
    private final Map<Integer, TableSchema> newestSchemas;
    private final Map<Integer, UncertainInterval> uncertain;
    private final Map<Integer, Boolean> wanted = new HashMap<>();
    private boolean moreChanges;
    private boolean moreImage;
    private @Nullable FoldedRow next;

    private Fold(
            Collected collected,
            BaseRows image,
            Predicate<TableName> tables,
            Map<Integer, UncertainInterval> uncertain) {
        this.tables = tables;
        this.uncertain = uncertain;
        this.sorter = collected.sorter;
        this.schemas = collected.schemas;
        this.truncations = collected.truncations;
        this.newestSchemas = collected.newestSchemas;
        this.image = image;
        this.changes = sorter.sorted();
        this.moreChanges = changes.next();
        this.moreImage = image.next();
    }

    /** May throw {@link BaseRows.ImageDamaged} now and while iterating. */
    static Fold open(
            Snapshot snapshot,
            ArchiveSettings settings,
            Partition partition,
            Lsn position,
            FoldBase base,
            Predicate<TableName> tables) {
        Collected collected =
                new Collected(new RecordSorter(settings.temporaryDirectory(), settings.memoryBudgetBytes()), base);
        try {
            collected.collect(snapshot, partition, position);
            return new Fold(collected, new BaseRows(snapshot, base, partition), tables, snapshot.uncertainAt(position));
        } catch (RuntimeException e) {
            collected.sorter.close();
            throw e;
        }
    }

    @Override
    public boolean hasNext() {
        while (next == null && (moreImage || moreChanges)) {
            next = fold();
        }
        return next != null;
    }

    @Override
    public FoldedRow next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("no more rows");
        }
        FoldedRow row = next;
        next = null;
        return row;
    }

    /** Folds one key; null if no row is left of it, or none that is wanted. */
    private @Nullable FoldedRow fold() {
        int order = !moreChanges ? -1 : !moreImage ? 1 : image.record().compareRow(changes.record());
        if (order < 0) {
            FoldedRow row = isWantedImageRow() ? image.row() : null;
            moreImage = image.next();
            return row;
        }
        int oid = order == 0 ? image.record().oid : changes.record().oid;
        RowVersion version = new RowVersion(uncertain.get(oid));
        if (order == 0) {
            if (!isTruncated(image.record())) {
                version.set(image.row());
            }
            moreImage = image.next();
        }
        return foldChanges(version);
    }

    private boolean isWantedImageRow() {
        RawRecord record = image.record();
        return isWanted(record.oid, image.schema()) && !isTruncated(record);
    }

    private @Nullable FoldedRow foldChanges(RowVersion version) {
        RawRecord key = new RawRecord();
        RawRecord change = changes.record();
        key.tokenHigh = change.tokenHigh;
        key.tokenLow = change.tokenLow;
        key.oid = change.oid;
        key.key(change.copyOfKey());
        boolean isWanted = isWanted(key.oid, schemas.get(change.schema));
        do {
            if (isWanted && !isTruncated(change)) {
                version.apply(change, schemas.get(change.schema));
            }
            moreChanges = changes.next();
            change = moreChanges ? changes.record() : change;
        } while (moreChanges && change.compareRow(key) == 0);
        return isWanted ? version.row(RowKey.ofEncoded(key.keyBytes)).orElse(null) : null;
    }

    private boolean isWanted(int oid, TableSchema fallback) {
        return wanted.computeIfAbsent(
                oid,
                table -> tables.test(newestSchemas.getOrDefault(table, fallback).name()));
    }

    private boolean isTruncated(RawRecord record) {
        if (truncations.isEmpty()) {
            return false;
        }
        Directory.Truncation truncation = truncations.get(record.oid);
        return truncation != null && truncation.isAfter(record.lsn, record.ordinal);
    }

    @Override
    public void close() {
        changes.close();
        image.close();
        sorter.close();
    }

    /** What happened to one key, version by version. */
    private static final class RowVersion {
        private final @Nullable UncertainInterval uncertain;
        private @Nullable TableSchema table;
        private Tuple tuple = Tuple.EMPTY;
        private boolean oversized;

        private RowVersion(@Nullable UncertainInterval uncertain) {
            this.uncertain = uncertain;
        }

        void set(FoldedRow row) {
            table = row.table();
            tuple = row.tuple();
        }

        void apply(RawRecord change, TableSchema shape) {
            switch (change.operation) {
                case 'I', 'E', 'R' -> {
                    tuple = Tuple.EMPTY; // may be large, and so may be the next
                    become(shape, tupleOf(change, shape));
                }
                case 'U' -> update(change, shape);
                case 'D', 'L', 'K' -> table = null;
                case 'O' -> {
                    table = shape;
                    tuple = Tuple.EMPTY;
                    oversized = true;
                }
                default ->
                    throw Damage.of(
                            "INV-9",
                            "A change of " + shape.name(),
                            "its operation " + change.operation + " is unknown");
            }
        }

        private void update(RawRecord change, TableSchema shape) {
            if (table == null) {
                throw broken(change, shape, "there is no row before it");
            }
            Tuple updated = tupleOf(change, shape);
            if (!updated.hasUnchanged()) {
                become(shape, updated);
            } else if (!oversized) {
                become(shape, completed(updated, change, shape, table));
            }
        }

        private void become(TableSchema shape, Tuple value) {
            table = shape;
            tuple = value;
            oversized = false;
        }

        /** An update that leans on nothing is damage, unless the stream is known not to have told everything before it. */
        private ReinstateException broken(RawRecord change, TableSchema shape, String why) {
            if (uncertain == null || new Lsn(change.lsn).isBefore(uncertain.from())) {
                return Damage.of("INV-11", "An update of " + shape.name(), why);
            }
            return ReinstateException.notRestorable(
                    "A row of " + shape.name() + " cannot be restored",
                    "the table's rows are uncertain then (" + uncertain.reason() + "), and " + why,
                    "choose a position before " + uncertain.from() + ", or from "
                            + uncertain.to().previous() + " on; or leave the table out");
        }

        /** Columns whose numbers nobody knew, because they were renamed again at once, cannot be told. */
        private ReinstateException withoutColumn(
                Column column, RawRecord change, TableSchema shape, TableSchema before) {
            if (column.attnum() == 0 || !before.knowsNumbers()) {
                return ReinstateException.notRestorable(
                        "A row of " + shape.name() + " cannot be restored",
                        "an update left its column " + column.name()
                                + " as it was, and what that column was called before is not known",
                        "choose a position before " + new Lsn(change.lsn) + ", or leave the table out");
            }
            return broken(
                    change,
                    shape,
                    "column " + column.name() + " is said to be unchanged, but the row before it has none");
        }

        private Tuple completed(Tuple updated, RawRecord change, TableSchema shape, TableSchema before) {
            Tuple.Builder builder = new Tuple.Builder(updated.encoded().length + tuple.encoded().length);
            for (int column = 0; column < updated.columnCount(); column++) {
                if (!updated.isUnchanged(column)) {
                    builder.addColumn(updated, column);
                    continue;
                }
                int source = before.indexOf(shape.columns().get(column));
                if (source < 0) {
                    throw withoutColumn(shape.columns().get(column), change, shape, before);
                }
                builder.addColumn(tuple, source);
            }
            return builder.build();
        }

        private static Tuple tupleOf(RawRecord change, TableSchema shape) {
            return Tuple.ofEncoded(change.ownTuple(), shape.columns().size());
        }

        Optional<FoldedRow> row(RowKey key) {
            if (table == null) {
                return Optional.empty();
            }
            if (oversized) {
                throw ReinstateException.notRestorable(
                        "A row of " + table.name() + " cannot be restored",
                        "its values were larger than the limit and were not kept",
                        "choose a position at which it was smaller, or leave the table out");
            }
            return Optional.of(new FoldedRow(table, key, tuple));
        }
    }

    /** The changes of a partition since its tables' images, and what happened to whole tables. */
    private static final class Collected {
        private final RecordSorter sorter;
        private final FoldBase base;
        private final SchemaTable schemas = new SchemaTable();
        private final Map<Integer, Directory.Truncation> truncations = new HashMap<>();
        private final Map<Integer, TableSchema> newestSchemas = new HashMap<>();
        private final Map<Integer, Long> newestLsns = new HashMap<>();

        private Collected(RecordSorter sorter, FoldBase base) {
            this.sorter = sorter;
            this.base = base;
        }

        void collect(Snapshot snapshot, Partition partition, Lsn to) {
            Token token = snapshot.token(partition);
            Token storeEvents = snapshot.token(Partition.STORE_EVENTS);
            for (Entry.Segment segment : snapshot.segments(base.image().position(), to)) {
                ObjectTail tail = snapshot.objects().tail(segment);
                collectTruncations(snapshot, segment, tail, storeEvents, to);
                try (PartitionRecords records = snapshot.objects().records(segment.object(), tail, token, partition)) {
                    collect(records, to);
                }
            }
        }

        private void collect(PartitionRecords records, Lsn to) {
            while (records.next()) {
                RawRecord record = records.record();
                if (isWithin(record, to)) {
                    TableSchema schema = records.schema();
                    noteSchema(record, schema);
                    record.schema = schemas.numberOf(schema);
                    sorter.add(record);
                }
            }
        }

        private void noteSchema(RawRecord record, TableSchema schema) {
            Long newest = newestLsns.get(record.oid);
            if (newest == null || Long.compareUnsigned(newest, record.lsn) <= 0) {
                newestLsns.put(record.oid, record.lsn);
                newestSchemas.put(record.oid, schema);
            }
        }

        private void collectTruncations(
                Snapshot snapshot, Entry.Segment segment, ObjectTail tail, Token storeEvents, Lsn to) {
            try (PartitionRecords records =
                    snapshot.objects().records(segment.object(), tail, storeEvents, Partition.STORE_EVENTS)) {
                while (records.next()) {
                    RawRecord record = records.record();
                    if (record.operation == 'T' && isWithin(record, to)) {
                        truncations.merge(
                                record.oid,
                                new Directory.Truncation(record.oid, record.lsn, record.ordinal),
                                (known, added) -> known.isAfter(added.lsn(), added.ordinal()) ? known : added);
                    }
                }
            }
        }

        private boolean isWithin(RawRecord record, Lsn to) {
            return Long.compareUnsigned(record.lsn, base.from(record.oid).value()) >= 0
                    && Long.compareUnsigned(record.lsn, to.value()) <= 0;
        }
    }
}
