package dev.reinstate.archive;

import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.sort.RecordSorter;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.UncertainInterval;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Image + changes up to a position = the exact rows of one partition then.
 *
 * <p>All changes since the image go through a sorter first, segment by segment, so that memory does not grow with the
 * number of segments; then they are merged with the image's rows, which are sorted already. A re-imaged table begins with
 * its own image instead.
 */
final class Fold implements AutoCloseable {
    private final Predicate<TableSchema> tables;
    private final RecordSorter sorter;
    private final RecordStream changes;
    private final BaseRows image;
    private final SchemaTable schemas;
    private final Map<Integer, Directory.Truncation> truncations;
    private final Map<Integer, TableSchema> newestSchemas;
    private final Map<Integer, UncertainInterval> uncertain;
    private boolean moreChanges;
    private boolean moreImage;
    private @Nullable Table table;

    private Fold(
            Collected collected,
            BaseRows image,
            Predicate<TableSchema> tables,
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

    /** May throw {@link BaseRows.ImageDamaged} now and while iterating, and {@link SegmentDamaged} now. */
    static Fold open(
            Snapshot snapshot,
            ArchiveSettings settings,
            Partition partition,
            Lsn position,
            FoldBase base,
            Predicate<TableSchema> tables) {
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

    /** What the table is called at the position of the fold. */
    TableName nameOf(FoldedRow row) {
        return newestSchemas.getOrDefault(row.table().oid(), row.table()).name();
    }

    /** The next row; null at the end. */
    @Nullable
    FoldedRow next() {
        FoldedRow row = null;
        while (row == null && (moreImage || moreChanges)) {
            row = fold();
        }
        return row;
    }

    /** Folds one key; null if no row is left of it, or none that is wanted. */
    private @Nullable FoldedRow fold() {
        int order = !moreChanges ? -1 : !moreImage ? 1 : image.record().compareRow(changes.record());
        if (order > 0) {
            RawRecord change = changes.record();
            Table at = tableOf(change.oid);
            at = at == null ? enter(change.oid, schemas.get(change.schema)) : at;
            return foldChanges(at, new RowVersion(at.uncertain));
        }
        RawRecord record = image.record();
        Table at = tableOf(record.oid);
        at = at == null ? enter(record.oid, image.newestSchema()) : at;
        boolean isThere = at.isWanted && !at.isTruncated(record);
        if (order < 0) {
            FoldedRow row = isThere ? image.row() : null;
            moreImage = image.next();
            return row;
        }
        RowVersion version = new RowVersion(at.uncertain);
        if (isThere) {
            image.begin(version);
        }
        moreImage = image.next();
        return foldChanges(at, version);
    }

    /** Rows come table by table: null at the first row of one. */
    private @Nullable Table tableOf(int oid) {
        return table != null && table.oid == oid ? table : null;
    }

    private Table enter(int oid, TableSchema fallback) {
        boolean isWanted = tables.test(newestSchemas.getOrDefault(oid, fallback));
        Table entered = new Table(oid, isWanted, truncations.get(oid), uncertain.get(oid));
        table = entered;
        return entered;
    }

    private @Nullable FoldedRow foldChanges(Table at, RowVersion version) {
        RawRecord key = new RawRecord();
        RawRecord change = changes.record();
        key.tokenHigh = change.tokenHigh;
        key.tokenLow = change.tokenLow;
        key.oid = change.oid;
        key.key(change.copyOfKey());
        do {
            if (at.isWanted && !at.isTruncated(change)) {
                version.apply(change, schemas.get(change.schema));
            }
            moreChanges = changes.next();
            change = moreChanges ? changes.record() : change;
        } while (moreChanges && change.compareRow(key) == 0);
        return at.isWanted ? version.row(RowKey.ofEncoded(key.keyBytes)).orElse(null) : null;
    }

    /** What holds for all rows of a table. */
    private record Table(
            int oid,
            boolean isWanted,
            Directory.@Nullable Truncation truncation,
            @Nullable UncertainInterval uncertain) {
        boolean isTruncated(RawRecord record) {
            return truncation != null && truncation.isAfter(record.lsn, record.ordinal);
        }
    }

    @Override
    public void close() {
        changes.close();
        image.close();
        sorter.close();
    }

    /** A segment's changes cannot be read. */
    static final class SegmentDamaged extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Entry.Segment segment;
        private final ReinstateException damage;

        SegmentDamaged(Entry.Segment segment, ReinstateException damage) {
            super(damage);
            this.segment = segment;
            this.damage = damage;
        }

        Entry.Segment segment() {
            return segment;
        }

        ReinstateException damage() {
            return damage;
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
            List<Entry.Segment> segments = snapshot.segments(base.image().position(), to);
            try (ReadAhead<Entry.Segment, ObjectReader.Piece> pieces =
                    snapshot.objects().pieces(segments, token, partition)) {
                for (Entry.Segment segment : segments) {
                    try {
                        ObjectReader.Piece piece = pieces.next();
                        base.collectTruncations(snapshot, segment, piece.tail(), to, truncations);
                        collect(piece.records(), to);
                    } catch (ReinstateException e) {
                        throw new SegmentDamaged(segment, e);
                    }
                }
            }
        }

        private void collect(PartitionRecords records, Lsn to) {
            try (records) {
                while (records.next()) {
                    RawRecord record = records.record();
                    if (base.isSince(record, to)) {
                        TableSchema schema = records.schema();
                        noteSchema(record, schema);
                        record.schema = schemas.numberOf(schema);
                        sorter.add(record);
                    }
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
    }
}
