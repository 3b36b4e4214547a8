package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectHeader;
import dev.reinstate.archive.format.ObjectKeys;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.TableSchema;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All records of one object in order. Of many being merged, each may stand at a row of 64 MB: the values of such a row are
 * read a second time when they are wanted, instead of held. Not thread-safe.
 */
final class ObjectRecords implements SourceRecords {
    private static final int LARGE_TUPLE_BYTES = 1 << 20;

    private final ArchiveObjects objects;
    private final Optional<ObjectKeys> keys;
    private final StoredObject object;
    private final ObjectTail tail;
    private final int windowBytes;
    private final Tokens tokens;
    private final PartitionRecords records;
    private CommitTable commits = new CommitTable();
    private IndexSection.@Nullable Entry dropped;

    ObjectRecords(
            ArchiveObjects objects,
            Optional<ObjectKeys> keys,
            StoredObject object,
            ObjectTail tail,
            int windowBytes,
            Tokens tokens) {
        this.objects = objects;
        this.keys = keys;
        this.object = object;
        this.tail = tail;
        this.windowBytes = windowBytes;
        this.tokens = tokens;
        this.records = open(new IndexSection.Entry(
                new Token(0, 0), ObjectHeader.BYTES, tail.timelineOffset() - ObjectHeader.BYTES, 0, tail.blocks()));
    }

    private PartitionRecords open(IndexSection.Entry blocks) {
        return PartitionRecords.ofAll(objects, keys, object, tail, blocks, windowBytes, tokens);
    }

    /** Holds the rows of an image against their content hashes, from the first on. */
    ObjectRecords checking(ContentCheck content) {
        records.checking(content);
        return this;
    }

    @Override
    public boolean next() {
        dropped = null;
        if (!records.next()) {
            return false;
        }
        commits = records.commits();
        if (record().tupleLength > LARGE_TUPLE_BYTES) {
            dropped = records.ownBlock().orElse(null);
            if (dropped != null) {
                records.dropBlock();
            }
        }
        return true;
    }

    @Override
    public void loadTuple() {
        if (dropped == null) {
            return;
        }
        try (PartitionRecords again = open(dropped)) {
            if (!again.next()) {
                throw Damage.of("INV-9", "Object " + object.key(), "a block of it became empty");
            }
            RawRecord loaded = again.record();
            record().tupleBytes = loaded.tupleBytes;
            record().tupleOffset = loaded.tupleOffset;
            record().tupleLength = loaded.tupleLength;
        }
        dropped = null;
    }

    /** Partitions that were left out so far, because their keys were destroyed on purpose. */
    Set<Token> erased() {
        return records.erased();
    }

    @Override
    public RawRecord record() {
        return records.record();
    }

    @Override
    public TableSchema schema() {
        return records.schema();
    }

    @Override
    public CommitTable commits() {
        return commits;
    }

    @Override
    public void close() {
        records.close();
    }
}
