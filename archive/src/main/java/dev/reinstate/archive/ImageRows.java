package dev.reinstate.archive;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** One partition's rows of some tables in an image, in order, over the few parts that may hold them. Not thread-safe. */
final class ImageRows implements AutoCloseable {
    private final Snapshot snapshot;
    private final Partition partition;
    private final Token token;
    private final IntPredicate tables;
    private final Iterator<Entry.Part> parts;
    private @Nullable PartitionRecords current;

    /** @param tables by oid */
    ImageRows(Snapshot snapshot, List<Entry.Part> parts, Partition partition, IntPredicate tables) {
        this.snapshot = snapshot;
        this.partition = partition;
        this.token = snapshot.token(partition);
        this.tables = tables;
        this.parts = partsOf(token, parts).iterator();
    }

    /** Those that may hold rows of that partition. */
    static List<Entry.Part> partsOf(Token token, List<Entry.Part> parts) {
        return parts.stream()
                .filter(part -> part.firstToken().compareTo(token) <= 0
                        && part.lastToken().compareTo(token) >= 0)
                .toList();
    }

    boolean next() {
        while (current == null || !nextWanted(current)) {
            close();
            if (!parts.hasNext()) {
                return false;
            }
            Entry.Part part = parts.next();
            ObjectTail tail = snapshot.objects().tail(part);
            current = snapshot.objects().records(part.object(), tail, token, partition);
        }
        return true;
    }

    private boolean nextWanted(PartitionRecords records) {
        while (records.next()) {
            if (tables.test(records.record().oid)) {
                return true;
            }
        }
        return false;
    }

    RawRecord record() {
        return open().record();
    }

    TableSchema schema() {
        return open().schema();
    }

    /** The newest shape that the record's table has in the image. */
    TableSchema newestSchema() {
        return open().newestSchema();
    }

    /** Makes the row the first version of its key. */
    void begin(RowVersion version) {
        if (record().operation == 'O') {
            version.setOversized(schema());
        } else {
            version.set(row());
        }
    }

    FoldedRow row() {
        RawRecord record = record();
        TableSchema schema = schema();
        if (record.operation == 'O') {
            throw RowVersion.tooLarge(schema);
        }
        Tuple tuple = Tuple.ofEncoded(record.ownTuple(), schema.columns().size());
        if (record.operation != 'I' || tuple.hasUnchanged()) {
            throw Damage.of("INV-10", "A row of " + schema.name() + " in an image", "it is not complete");
        }
        return new FoldedRow(schema, RowKey.ofEncoded(record.copyOfKey()), tuple);
    }

    private PartitionRecords open() {
        if (current == null) {
            throw new IllegalStateException("no row");
        }
        return current;
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
