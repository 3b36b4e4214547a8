package dev.reinstate.archive;

import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * Every row of every partition right after every commit at or before a position, in the order of an image: what a
 * synthetic image is written from. One pass over image, table images and segments side by side; memory: a window and a
 * block of each, and one row. Not thread-safe.
 */
final class WholeFold implements AutoCloseable {
    private static final int WINDOW_BYTES = 256 << 10;

    private final FoldBase base;
    private final Lsn position;
    private final MergedObjects records;
    private final SchemaTable schemas = new SchemaTable();
    private final Set<TableSchema> byLastUse = new LinkedHashSet<>();
    private final Map<Integer, Directory.Truncation> truncations = new HashMap<>();
    private final RawRecord row = new RawRecord();
    private boolean more;

    /**
     * May throw {@link BaseRows.ImageDamaged} now and while iterating.
     *
     * @param base what a fold at the position begins with
     * @param position at which no table is uncertain
     */
    WholeFold(Snapshot snapshot, Tokens tokens, FoldBase base, Lsn position) {
        this.base = base;
        this.position = position;
        List<SourceRecords> sources = new ArrayList<>();
        sources.add(
                parts(snapshot, tokens, base.image().parts(), oid -> !base.isReimaged(oid), BaseRows.ImageDamaged::of));
        for (Entry.TableImage image : base.tableImages()) {
            sources.add(parts(snapshot, tokens, image.parts(), oid -> base.comesFrom(image, oid), failure -> failure));
        }
        for (Entry.Segment segment : snapshot.segments(base.image().position(), position)) {
            ObjectTail tail = snapshot.objects().tail(segment);
            base.collectTruncations(snapshot, segment, tail, position, truncations);
            sources.add(source(snapshot, tokens, segment.object(), tail));
        }
        byLastUse.forEach(schemas::numberOf);
        records = new MergedObjects(sources);
        more = records.next();
    }

    private PartsRecords parts(
            Snapshot snapshot,
            Tokens tokens,
            List<Entry.Part> parts,
            IntPredicate tables,
            Function<ReinstateException, RuntimeException> failure) {
        try {
            parts.stream()
                    .limit(1)
                    .forEach(part -> noteSchemas(snapshot.objects().tail(part)));
        } catch (ReinstateException e) {
            throw failure.apply(e);
        }
        return new PartsRecords(
                parts,
                tables,
                part -> snapshot.objects()
                        .allRecords(part.object(), snapshot.objects().tail(part), WINDOW_BYTES, tokens)
                        .checking(new ContentCheck()),
                failure);
    }

    private ObjectRecords source(Snapshot snapshot, Tokens tokens, StoredObject object, ObjectTail tail) {
        noteSchemas(tail);
        return snapshot.objects().allRecords(object, tail, WINDOW_BYTES, tokens);
    }

    /** The shape a table had last gets the highest number. */
    private void noteSchemas(ObjectTail tail) {
        for (int i = 0; i < tail.schemas().size(); i++) {
            byLastUse.remove(tail.schemas().get(i));
            byLastUse.add(tail.schemas().get(i));
        }
    }

    SchemaTable schemas() {
        return schemas;
    }

    /** Moves to the next row; false at the end. */
    boolean next() {
        while (more) {
            if (nextKey()) {
                return true;
            }
        }
        return false;
    }

    /** Folds one key; whether a row is left of it. */
    private boolean nextKey() {
        RawRecord record = records.record();
        row.tokenHigh = record.tokenHigh;
        row.tokenLow = record.tokenLow;
        row.partition = record.partition;
        row.oid = record.oid;
        row.key(record.copyOfKey());
        RowVersion version = new RowVersion(null);
        do {
            apply(records.record(), version);
            more = records.next();
        } while (more && records.record().compareRow(row) == 0);
        TableSchema table = version.table();
        if (table == null) {
            return false;
        }
        row.commit = RawRecord.NO_COMMIT;
        row.operation = (byte) (version.isOversized() ? 'O' : 'I');
        row.schema = schemas.numberOf(table);
        row.tuple(version.tuple().encoded());
        return true;
    }

    private void apply(RawRecord record, RowVersion version) {
        if (record.partition instanceof Partition.StoreEvents || isTruncated(record)) {
            return;
        }
        TableSchema schema = records.schema();
        if (record.commit != RawRecord.NO_COMMIT) {
            if (base.isSince(record, position)) {
                version.apply(record, schema);
            }
        } else if (record.operation == 'O') {
            version.setOversized(schema);
        } else {
            Tuple tuple = Tuple.ofEncoded(record.ownTuple(), schema.columns().size());
            version.set(new FoldedRow(schema, RowKey.ofEncoded(record.copyOfKey()), tuple));
        }
    }

    private boolean isTruncated(RawRecord record) {
        Directory.Truncation truncation = truncations.isEmpty() ? null : truncations.get(record.oid);
        return truncation != null && truncation.isAfter(record.lsn, record.ordinal);
    }

    /** The row moved to; its schema is a number of this fold's. */
    RawRecord row() {
        return row;
    }

    @Override
    public void close() {
        records.close();
    }
}
