package dev.reinstate.capture.owner;

import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * RocksDB with its memory bounded: block cache and memtables together stay below {@link #NATIVE_BYTES}; filters and
 * indexes of its files come on top, about 1.4 MB for a million records. Three column families: the records, and two
 * scratch places whose content no one needs after the transaction that wrote it.
 */
final class RocksStore implements AutoCloseable {
    private static final long NATIVE_BYTES = 112L << 20;
    private static final long MEMTABLES_BYTES = 40L << 20;
    private static final int PIECE_BYTES = 4 << 20;
    private static final int GATHERED_FILES = 4;
    private static final int FILLING_FILES = 16;
    private static final int RECORD_OVERHEAD_BYTES = 4;
    private static final List<String> FAMILIES = List.of("default", "scratch", "values");

    private final RocksDB database;
    private final List<ColumnFamilyHandle> handles;
    private final Deque<AutoCloseable> owned;
    private final ColumnFamilyOptions familyOptions;
    private final WriteOptions logged = new WriteOptions().setSync(false);
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);

    private RocksStore(
            RocksDB database,
            List<ColumnFamilyHandle> handles,
            ColumnFamilyOptions familyOptions,
            Deque<AutoCloseable> owned) {
        this.database = database;
        this.handles = handles;
        this.familyOptions = familyOptions;
        this.owned = owned;
        owned.push(logged);
        owned.push(unlogged);
    }

    static RocksStore open(Path directory) {
        try {
            Files.createDirectories(directory);
            loadLibrary(Files.createDirectories(directory.resolve("native")));
            try {
                return tryOpen(directory);
            } catch (RocksDBException e) {
                refuseIfInUse(directory, e);
                deleteFiles(directory);
                return tryOpen(directory);
            }
        } catch (RocksDBException e) {
            throw OwnerIndex.failed(e);
        } catch (IOException e) {
            throw new UncheckedIOException("the owner index in " + directory, e);
        }
    }

    /** From a file that the next start replaces: in the system's temporary folder a killed process would leave one more. */
    private static void loadLibrary(Path directory) throws IOException {
        NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
        RocksDB.loadLibrary();
    }

    private static void refuseIfInUse(Path directory, RocksDBException failure) {
        Status status = failure.getStatus();
        if (status != null && status.getCode() == Status.Code.IOError && isAboutLock(failure)) {
            throw ReinstateException.conflict(
                    "The owner index in " + directory + " is in use",
                    "another capture of this store runs on this machine",
                    "stop the other one first");
        }
    }

    private static boolean isAboutLock(RocksDBException failure) {
        return String.valueOf(failure.getMessage()).contains("lock");
    }

    private static RocksStore tryOpen(Path directory) throws RocksDBException {
        Deque<AutoCloseable> owned = new ArrayDeque<>();
        LRUCache cache = new LRUCache(NATIVE_BYTES);
        owned.push(cache);
        WriteBufferManager memtables = new WriteBufferManager(MEMTABLES_BYTES, cache);
        owned.push(memtables);
        BloomFilter filter = new BloomFilter(10);
        owned.push(filter);
        ColumnFamilyOptions familyOptions = new ColumnFamilyOptions()
                .setWriteBufferSize(16L << 20)
                .setMaxWriteBufferNumber(2)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setLevel0FileNumCompactionTrigger(GATHERED_FILES)
                .setLevel0SlowdownWritesTrigger(2 * FILLING_FILES)
                .setLevel0StopWritesTrigger(3 * FILLING_FILES)
                .setMemtablePrefixBloomSizeRatio(0.1)
                .setMemtableWholeKeyFiltering(true)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash)
                        .setBlockCache(cache)
                        .setFilterPolicy(filter)
                        .setFormatVersion(5)
                        .setBlockSize(8 << 10)
                        // a filter of some megabytes does not fit a shard of the cache and would be read for every get
                        .setCacheIndexAndFilterBlocks(false));
        owned.push(familyOptions);
        DBOptions options = new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setWriteBufferManager(memtables)
                .setMaxTotalWalSize(32L << 20)
                .setMaxOpenFiles(256)
                .setMaxBackgroundJobs(2)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
                .setKeepLogFileNum(2);
        owned.push(options);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            List<ColumnFamilyDescriptor> families = FAMILIES.stream()
                    .map(name -> new ColumnFamilyDescriptor(
                            name.getBytes(java.nio.charset.StandardCharsets.US_ASCII), familyOptions))
                    .toList();
            RocksDB database = RocksDB.open(options, directory.toString(), families, handles);
            return new RocksStore(database, handles, familyOptions, owned);
        } catch (RocksDBException e) {
            closeAll(owned);
            throw e;
        }
    }

    private static void deleteFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(directory)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    byte @Nullable [] get(byte[] key) {
        return get(handles.get(0), key);
    }

    private byte @Nullable [] get(ColumnFamilyHandle family, byte[] key) {
        try {
            return database.get(family, key);
        } catch (RocksDBException e) {
            throw OwnerIndex.failed(e);
        }
    }

    void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
        forEach(
                handles.get(0),
                OwnerKey.prefix(oid),
                OwnerKey.prefix(oid + 1),
                (key, value) -> records.accept(OwnerKey.ofBytes(key), OwnerRecord.ofBytes(value)));
    }

    private void forEach(ColumnFamilyHandle family, byte[] from, byte[] to, BiConsumer<byte[], byte[]> consumer) {
        try (Slice end = new Slice(to);
                ReadOptions options = new ReadOptions().setIterateUpperBound(end);
                RocksIterator iterator = database.newIterator(family, options)) {
            for (iterator.seek(from); iterator.isValid(); iterator.next()) {
                consumer.accept(iterator.key(), iterator.value());
            }
            iterator.status();
        } catch (RocksDBException e) {
            throw OwnerIndex.failed(e);
        }
    }

    Piece beginPiece() {
        return new Piece(handles.get(0), logged);
    }

    /** Lasts only once it is flushed. */
    Piece beginUnloggedPiece() {
        return new Piece(handles.get(0), unlogged);
    }

    void clear() {
        recreate(0);
    }

    Scratch scratch() {
        recreate(1);
        return new Scratch(1);
    }

    Scratch values() {
        recreate(2);
        return new Scratch(2);
    }

    /** Empties a family by removing whole files, at a cost that does not depend on its size. */
    private void recreate(int family) {
        try {
            ColumnFamilyHandle handle = handles.get(family);
            if (family == 0) {
                database.deleteRange(handle, logged, new byte[0], new byte[] {-1, -1, -1, -1, -1});
                database.flush(waiting(), handle);
                return;
            }
            database.dropColumnFamily(handle);
            handle.close();
            handles.set(
                    family,
                    database.createColumnFamily(new ColumnFamilyDescriptor(
                            FAMILIES.get(family).getBytes(java.nio.charset.StandardCharsets.US_ASCII), familyOptions)));
        } catch (RocksDBException e) {
            throw OwnerIndex.failed(e);
        }
    }

    /** Lets more files gather before they are merged while the records are filled in, or as few as else. */
    void gatherFiles(boolean filling) {
        try {
            database.setOptions(
                    handles.get(0),
                    MutableColumnFamilyOptions.builder()
                            .setLevel0FileNumCompactionTrigger(filling ? FILLING_FILES : GATHERED_FILES)
                            .build());
        } catch (RocksDBException e) {
            throw OwnerIndex.failed(e);
        }
    }

    void flush() {
        try (FlushOptions options = waiting()) {
            database.flush(options, handles.get(0));
        } catch (RocksDBException e) {
            throw OwnerIndex.failed(e);
        }
    }

    private static FlushOptions waiting() {
        return new FlushOptions().setWaitForFlush(true);
    }

    long sizeBytes() {
        try {
            return database.getLongProperty(handles.get(0), "rocksdb.total-sst-files-size")
                    + database.getLongProperty(handles.get(0), "rocksdb.cur-size-all-mem-tables");
        } catch (RocksDBException e) {
            throw OwnerIndex.failed(e);
        }
    }

    @Override
    public void close() {
        handles.forEach(ColumnFamilyHandle::close);
        database.close();
        closeAll(owned);
    }

    private static void closeAll(Deque<AutoCloseable> resources) {
        resources.forEach(resource -> {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing a part of RocksDB", e);
            }
        });
    }

    /** A write batch of one family that is written whenever it has grown large. */
    final class Piece implements AutoCloseable {
        private final ColumnFamilyHandle family;
        private final WriteOptions options;
        private final WriteBatch batch = new WriteBatch();
        private long batchBytes;

        private Piece(ColumnFamilyHandle family, WriteOptions options) {
            this.family = family;
            this.options = options;
        }

        void put(byte[] key, byte[] value) {
            try {
                batch.put(family, key, value);
                grown(key.length + value.length);
            } catch (RocksDBException e) {
                throw OwnerIndex.failed(e);
            }
        }

        void delete(byte[] key) {
            try {
                batch.delete(family, key);
                grown(key.length);
            } catch (RocksDBException e) {
                throw OwnerIndex.failed(e);
            }
        }

        void deleteRange(byte[] from, byte[] to) {
            try {
                batch.deleteRange(family, from, to);
            } catch (RocksDBException e) {
                throw OwnerIndex.failed(e);
            }
        }

        /** Asking the batch for its size would take as long as a put. */
        private void grown(int bytes) {
            batchBytes += RECORD_OVERHEAD_BYTES + bytes;
            if (batchBytes > PIECE_BYTES) {
                write();
            }
        }

        void write() {
            try {
                database.write(options, batch);
                batch.clear();
                batchBytes = 0;
            } catch (RocksDBException e) {
                throw OwnerIndex.failed(e);
            }
        }

        @Override
        public void close() {
            batch.close();
        }
    }

    /** Keys and values that are not worth a log. */
    final class Scratch {
        private final int family;

        private Scratch(int family) {
            this.family = family;
        }

        byte @Nullable [] get(byte[] key) {
            return RocksStore.this.get(handles.get(family), key);
        }

        void put(byte[] key, byte[] value) {
            try {
                database.put(handles.get(family), unlogged, key, value);
            } catch (RocksDBException e) {
                throw OwnerIndex.failed(e);
            }
        }

        void deleteRange(byte[] from, byte[] to) {
            try {
                database.deleteRange(handles.get(family), unlogged, from, to);
            } catch (RocksDBException e) {
                throw OwnerIndex.failed(e);
            }
        }

        void forEach(byte[] from, byte[] to, BiConsumer<byte[], byte[]> consumer) {
            RocksStore.this.forEach(handles.get(family), from, to, consumer);
        }

        void forEach(BiConsumer<byte[], byte[]> consumer) {
            try (var iterator = database.newIterator(handles.get(family))) {
                for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
                    consumer.accept(iterator.key(), iterator.value());
                }
            }
        }

        void clear() {
            recreate(family);
        }
    }
}
