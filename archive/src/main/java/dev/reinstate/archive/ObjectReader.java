package dev.reinstate.archive;

import dev.reinstate.archive.format.BlockCipher;
import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.DirectoryReader;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectKeys;
import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.SchemaCodec;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads data objects, remembering the tails of those read last, since tenants are often restored together. Thread-safe. */
final class ObjectReader {
    private static final long CACHED_BYTES = 32L << 20;

    private final ArchiveObjects objects;
    private final Optional<ObjectKeys> keys;
    private final SchemaCodec schemas = new SchemaCodec();
    private final Map<String, CachedTail> tails = new LinkedHashMap<>(64, 0.75f, true);
    private long cachedBytes;

    ObjectReader(ArchiveObjects objects, Optional<ObjectKeys> keys) {
        this.objects = objects;
        this.keys = keys;
    }

    int readAhead() {
        return objects.readAhead();
    }

    boolean isEncrypted() {
        return keys.isPresent();
    }

    SchemaCodec schemas() {
        return schemas;
    }

    ObjectTail tail(Entry.Segment segment) {
        return tail(segment.object(), ObjectKind.SEGMENT);
    }

    ObjectTail tail(Entry.Part part) {
        return tail(part.object(), ObjectKind.IMAGE_PART);
    }

    ObjectTail tail(StoredObject object, ObjectKind kind) {
        ObjectTail tail = sections(object, kind);
        naming(object, tail::index);
        return tail;
    }

    /** A tail whose index may not have been decrypted. */
    private ObjectTail sections(StoredObject object, ObjectKind kind) {
        @Nullable ObjectTail known = cached(object.key());
        if (known != null) {
            return known;
        }
        byte[] bytes = objects.getRange(object.key(), object.tailOffset(), object.sizeBytes() - object.tailOffset());
        ObjectTail tail =
                naming(object, () -> ObjectTail.read(bytes, object.tailOffset(), kind, object.id(), schemas, keys));
        remember(object.key(), tail, bytes.length);
        return tail;
    }

    CommitTable timeline(Entry.Segment segment) {
        ObjectTail tail = tail(segment);
        byte[] stored = objects.getRange(segment.object().key(), tail.timelineOffset(), tail.timelineLength());
        return naming(segment.object(), () -> tail.timeline(stored));
    }

    Directory directory(StoredObject object, ObjectTail tail) {
        byte[] stored = objects.getRange(object.key(), tail.directoryOffset(), tail.directoryLength());
        return naming(object, () -> tail.directory(stored));
    }

    /**
     * What an object says of itself.
     *
     * @param entries of its directory, to be read once
     */
    record Contents(SchemaCodec.Schemas schemas, DirectoryReader entries) {}

    Contents contents(Entry.Segment segment) {
        return contents(segment.object(), ObjectKind.SEGMENT);
    }

    Contents contents(Entry.Part part) {
        return contents(part.object(), ObjectKind.IMAGE_PART);
    }

    private Contents contents(StoredObject object, ObjectKind kind) {
        ObjectTail tail = sections(object, kind);
        byte[] stored = objects.getRange(object.key(), tail.directoryOffset(), tail.directoryLength());
        return naming(object, () -> new Contents(tail.schemas(), new DirectoryReader(tail.rawDirectory(stored))));
    }

    /** The records of a partition in an object, in order; none if it has none. */
    PartitionRecords records(StoredObject object, ObjectTail tail, Token token, Partition partition) {
        return records(object, tail, tail.index().find(token), partition);
    }

    PartitionRecords records(StoredObject object, ObjectTail tail, IndexSection.Entry entry, Partition partition) {
        BlockCipher cipher = BlockCipher.forReading(keys, object.id(), entry.token());
        return PartitionRecords.of(objects, object, tail, entry, partition, cipher);
    }

    /** What a segment has of a partition; the first of it was asked of the store already. */
    record Piece(ObjectTail tail, PartitionRecords records) {}

    /** What segments have of a partition, one by one, some of them ahead of the one that is asked for. */
    ReadAhead<Entry.Segment, Piece> pieces(Iterable<Entry.Segment> segments, Token token, Partition partition) {
        return new ReadAhead<>(readAhead(), segments, segment -> piece(segment, token, partition));
    }

    Piece piece(Entry.Segment segment, Token token, Partition partition) {
        ObjectTail tail = tail(segment);
        return new Piece(tail, records(segment.object(), tail, token, partition).fetched());
    }

    /** The records of a partition whose name is not known yet. */
    PartitionRecords unnamed(StoredObject object, ObjectTail tail, IndexSection.Entry entry, TokenKey tokenKey) {
        BlockCipher cipher = BlockCipher.forReading(keys, object.id(), entry.token());
        return PartitionRecords.ofUnnamed(objects, object, tail, entry, tokenKey, cipher);
    }

    /** All records of an object, read in windows of that size; those whose keys were destroyed on purpose are left out. */
    ObjectRecords allRecords(StoredObject object, ObjectTail tail, int windowBytes, Tokens tokens) {
        for (int i = 0; keys.isPresent() && i < tail.index().size(); i++) {
            keys.get().prepareReading(tail.index().get(i).token());
        }
        return new ObjectRecords(objects, keys, object, tail, windowBytes, tokens);
    }

    /** Adds the object's key to damage found in its bytes. */
    static <T> T naming(StoredObject object, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (ReinstateException e) {
            throw named(object, e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw ReinstateException.damaged(
                    "Object " + object.key(), "its content is not what the format says", "run `reinstate check`");
        }
    }

    static ReinstateException named(StoredObject object, ReinstateException e) {
        if (e.kind() != FailureKind.DAMAGED || e.what().contains(object.key())) {
            return e;
        }
        String what = "Object " + object.key() + ", "
                + Character.toLowerCase(e.what().charAt(0)) + e.what().substring(1);
        return new ReinstateException(e.kind(), what, e.why(), e.next(), e.details(), e);
    }

    private synchronized @Nullable ObjectTail cached(String key) {
        CachedTail found = tails.get(key);
        return found == null ? null : found.tail;
    }

    private synchronized void remember(String key, ObjectTail tail, long sizeBytes) {
        if (sizeBytes > CACHED_BYTES / 4) {
            return;
        }
        CachedTail replaced = tails.put(key, new CachedTail(tail, sizeBytes));
        cachedBytes += sizeBytes - (replaced == null ? 0 : replaced.sizeBytes);
        var oldest = tails.values().iterator();
        while (cachedBytes > CACHED_BYTES && oldest.hasNext()) {
            cachedBytes -= oldest.next().sizeBytes;
            oldest.remove();
        }
    }

    private record CachedTail(ObjectTail tail, long sizeBytes) {}
}
