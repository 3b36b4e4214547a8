package dev.reinstate.capture.owner;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The owner records of everything durable in the archive, on local disk. A cache: losing it costs time only.
 *
 * <p>One thread writes; any may read. Records of a publish and the position they reflect are written in one batch, to
 * RocksDB's log and without waiting for the disk: a killed process loses nothing, a lost machine a stretch at the end,
 * never the middle.
 */
public final class OwnerIndex implements OwnerView, AutoCloseable {
    /** Sorts before every table, since no table has oid 0. */
    private static final byte[] STATE_KEY = OwnerKey.prefix(0);

    private final RocksStore store;

    private OwnerIndex(RocksStore store) {
        this.store = store;
    }

    /**
     * What the index reflects.
     *
     * @param position end LSN of the archive's history up to which it is complete
     * @param fingerprint of which store, read by which tenancy map
     */
    public record Reflected(Lsn position, String fingerprint) {}

    /** Opens the index of that directory, which one process may do at a time; a damaged one is begun anew. */
    public static OwnerIndex open(Path directory) {
        return new OwnerIndex(RocksStore.open(directory));
    }

    /** Empty for a new index and for one whose filling was interrupted. */
    public Optional<Reflected> reflected() {
        byte[] state = store.get(STATE_KEY);
        if (state == null || state.length < Long.BYTES) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(state);
        Lsn position = new Lsn(buffer.getLong());
        return Optional.of(new Reflected(
                position, StandardCharsets.UTF_8.decode(buffer.slice()).toString()));
    }

    @Override
    public @Nullable OwnerRecord get(OwnerKey key) {
        byte[] value = store.get(key.bytes());
        return value == null ? null : OwnerRecord.ofBytes(value);
    }

    @Override
    public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
        store.forEach(oid, records);
    }

    /** Begins a change of the records, to be committed together with the position it leads to. */
    public Batch begin() {
        return new Batch(store, store.beginPiece(), false);
    }

    /** The same for an empty index: without a log, since an interrupted filling counts as nothing. */
    public Batch beginFilling() {
        return new Batch(store, store.beginUnloggedPiece(), true);
    }

    /** Makes changes, older ones first, and moves to the position they lead to. */
    public void commit(List<? extends OwnerChanges> changes, Reflected reflected) {
        try (Batch batch = begin()) {
            changes.forEach(layer -> layer.copyTo(batch));
            batch.commit(reflected);
        }
    }

    /** Empties the index; it reflects nothing until the next commit. */
    public void clear() {
        store.clear();
    }

    /** Makes a filling durable that was written in many batches. */
    public void flush() {
        store.flush();
    }

    /** A place on disk for the changes of one very large transaction; emptied first. One at a time. */
    public SpilledLayer spilledLayer(OwnerView below) {
        return new SpilledLayer(store.scratch(), below);
    }

    /** A place on disk for values by key; emptied first. One at a time. */
    public SpilledTuples spilledTuples() {
        return new SpilledTuples(store.values());
    }

    /** Bytes on disk, about. */
    public long sizeBytes() {
        return store.sizeBytes();
    }

    @Override
    public void close() {
        store.close();
    }

    static ReinstateException failed(RocksDBException cause) {
        return ReinstateException.unavailable(
                "The owner index cannot be read or written",
                String.valueOf(cause.getMessage()),
                "check the disk it is on; the index may be deleted while capture is stopped, it is rebuilt",
                cause);
    }

    /** Changes on their way into the index; large ones go in several pieces, the position with the last. */
    public static final class Batch implements OwnerChanges, AutoCloseable {
        private final RocksStore store;
        private final RocksStore.Piece piece;
        private final boolean fills;

        private Batch(RocksStore store, RocksStore.Piece piece, boolean fills) {
            this.store = store;
            this.piece = piece;
            this.fills = fills;
            if (fills) {
                store.gatherFiles(true);
            }
        }

        @Override
        public @Nullable OwnerRecord get(OwnerKey key) {
            byte[] value = store.get(key.bytes());
            return value == null ? null : OwnerRecord.ofBytes(value);
        }

        @Override
        public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
            store.forEach(oid, records);
        }

        @Override
        public void put(OwnerKey key, OwnerRecord record) {
            piece.put(key.bytes(), record.bytes());
        }

        @Override
        public void remove(OwnerKey key) {
            piece.delete(key.bytes());
        }

        @Override
        public void truncate(int oid) {
            piece.deleteRange(OwnerKey.prefix(oid), OwnerKey.prefix(oid + 1));
        }

        @Override
        public boolean contains(OwnerKey key) {
            return false;
        }

        @Override
        public void touch(OwnerKey key) {
            throw new UnsupportedOperationException("a batch only takes changes");
        }

        @Override
        public void copyTo(OwnerChanges newer) {
            throw new UnsupportedOperationException("a batch only takes changes");
        }

        /** Until the commit the index reflects nothing: if that never comes, it is rebuilt from the archive. */
        public void unsettle() {
            piece.delete(STATE_KEY);
            piece.write();
        }

        /** Makes what was put so far visible, though the index does not count as reflecting it yet. */
        public void writePending() {
            piece.write();
        }

        public void commit(Reflected reflected) {
            byte[] fingerprint = reflected.fingerprint().getBytes(StandardCharsets.UTF_8);
            byte[] state = ByteBuffer.allocate(Long.BYTES + fingerprint.length)
                    .putLong(reflected.position().value())
                    .put(fingerprint)
                    .array();
            piece.put(STATE_KEY, state);
            piece.write();
            if (fills) {
                store.flush(); // in the order it was put: the state is never there without what was before
            }
        }

        @Override
        public void close() {
            piece.close();
            if (fills) {
                store.gatherFiles(false);
            }
        }
    }
}
