package dev.reinstate.archive;

import dev.reinstate.archive.format.BlockCipher;
import dev.reinstate.archive.format.BlockContent;
import dev.reinstate.archive.format.BlockHeader;
import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectKeys;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition in one object, or of all of them, block after block, read in windows so that memory stays
 * bounded by the largest block. What is under a key that was destroyed on purpose is left out. Not thread-safe.
 */
final class PartitionRecords implements RecordStream {
    private static final int WINDOW_BYTES = 1 << 20;

    /** Whose blocks they are. */
    private interface Owner {
        /** What a block with that token is read with; throws unless it may be here. */
        BlockCipher cipher(int block, Token token);

        /** Whether a block with that token may hold records of that partition. */
        boolean isOwn(Token token, Partition partition);
    }

    private final ArchiveObjects objects;
    private final StoredObject object;
    private final ObjectTail tail;
    private final IndexSection.Entry entry;
    private final int windowBytes;
    private final Owner owner;
    private final RawRecord record = new RawRecord();
    private final Set<Token> erased = new HashSet<>();

    private byte[] window = new byte[0];
    private long windowOffset;
    private long offset;
    private int blocksRead;
    private long blockOffset;
    private @Nullable BlockContent block;
    private @Nullable ContentCheck check;

    private PartitionRecords(
            ArchiveObjects objects,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry entry,
            int windowBytes,
            Owner owner) {
        this.objects = objects;
        this.object = object;
        this.tail = tail;
        this.entry = entry;
        this.windowBytes = windowBytes;
        this.owner = owner;
        this.offset = entry.offset();
        this.windowOffset = offset;
        if (entry.offset() < 0 || entry.length() < 0 || entry.offset() + entry.length() > tail.timelineOffset()) {
            throw Damage.of("INV-9", "Object " + object.key(), "its index points outside of its blocks");
        }
    }

    /** Of one partition, whose run of blocks the entry is, and which they name. */
    static PartitionRecords ofUnnamed(
            ArchiveObjects objects,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry entry,
            TokenKey tokenKey,
            BlockCipher cipher) {
        return ofOne(
                objects,
                object,
                tail,
                entry,
                cipher,
                found -> tokenKey.tokenOf(found).equals(entry.token()));
    }

    /** Of one partition, whose run of blocks the entry is. */
    static PartitionRecords of(
            ArchiveObjects objects,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry entry,
            Partition partition,
            BlockCipher cipher) {
        return ofOne(objects, object, tail, entry, cipher, partition::equals);
    }

    private static PartitionRecords ofOne(
            ArchiveObjects objects,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry entry,
            BlockCipher cipher,
            Predicate<Partition> own) {
        return new PartitionRecords(objects, object, tail, entry, WINDOW_BYTES, new Owner() {
            @Override
            public BlockCipher cipher(int block, Token token) {
                if (!token.equals(entry.token())) {
                    throw Damage.of("INV-8", "Block " + block, "it is of another partition than the index says");
                }
                return cipher;
            }

            @Override
            public boolean isOwn(Token token, Partition found) {
                return own.test(found);
            }
        });
    }

    /**
     * Of every partition in some blocks that follow one another.
     *
     * @param keys empty if the archive is not encrypted
     */
    static PartitionRecords ofAll(
            ArchiveObjects objects,
            Optional<ObjectKeys> keys,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry blocks,
            int windowBytes,
            Tokens tokens) {
        return new PartitionRecords(objects, object, tail, blocks, windowBytes, new Owner() {
            private Token last = blocks.token();
            private BlockCipher cipher = BlockCipher.forReading(keys, object.id(), last);

            @Override
            public BlockCipher cipher(int block, Token token) {
                if (!token.equals(last)) {
                    last = token;
                    cipher = BlockCipher.forReading(keys, object.id(), token);
                }
                return cipher;
            }

            @Override
            public boolean isOwn(Token token, Partition found) {
                return tokens.of(found).equals(token);
            }
        });
    }

    /** Holds the rows of an image against their content hashes, from the first on. */
    PartitionRecords checking(ContentCheck content) {
        check = content;
        return this;
    }

    /** Asks the store for what comes first already. */
    PartitionRecords fetched() {
        if (entry.blockCount() > 0) {
            require(BlockHeader.BYTES);
        }
        return this;
    }

    @Override
    public boolean next() {
        try {
            return advance();
        } catch (ReinstateException e) {
            throw ObjectReader.named(object, e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw Damage.of("INV-9", "Object " + object.key(), "its content is not what the format says");
        }
    }

    private boolean advance() {
        while (block == null || !block.next(record)) {
            if (check != null && block != null) {
                check.hold(block.hashes());
            }
            if (!nextBlock()) {
                return false;
            }
        }
        if (check != null) {
            check.add(record);
        }
        return true;
    }

    /** Moves to the next block that can be read; the records of the last one that were not read are left out. */
    boolean nextBlock() {
        block = null;
        record.dropTuple();
        while (blocksRead < entry.blockCount()) {
            if (readBlock(entry.firstBlock() + blocksRead)) {
                return true;
            }
        }
        if (offset != entry.offset() + entry.length()) {
            throw Damage.of("INV-8", "A run of blocks", "it is not as long as the index says");
        }
        window = new byte[0];
        return false;
    }

    /** False if its key was destroyed on purpose; its partition is left out then. */
    private boolean readBlock(int number) {
        require(BlockHeader.BYTES);
        BlockHeader header = BlockHeader.read(window, at(), object.id(), number);
        BlockCipher cipher = owner.cipher(number, header.token());
        if (cipher.isErased(header)) {
            leaveOut(number, header.token());
            return false;
        }
        require((long) BlockHeader.BYTES + header.storedLength());
        byte[] raw = header.unpack(window, at() + BlockHeader.BYTES, cipher);
        blockOffset = offset;
        offset += BlockHeader.BYTES + (long) header.storedLength();
        if (window.length > windowBytes) {
            window = new byte[0]; // a large block is there unpacked now
            windowOffset = offset;
        }
        blocksRead++;
        BlockContent content = new BlockContent(raw, header.token(), tail.schemas());
        if (!owner.isOwn(header.token(), content.partition())) {
            throw Damage.of("INV-8", "Block " + number, "its content is of another partition than its header");
        }
        block = content;
        return true;
    }

    /** Goes to the end of the partition's run: its blocks in an object are all under one key. */
    private void leaveOut(int number, Token token) {
        IndexSection.Entry run = tail.index().find(token);
        if (number < run.firstBlock() || number >= run.firstBlock() + run.blockCount()) {
            throw Damage.of("INV-8", "Block " + number, "the index does not name it");
        }
        erased.add(token);
        blocksRead = run.firstBlock() + run.blockCount() - entry.firstBlock();
        offset = run.offset() + run.length();
        if (blocksRead > entry.blockCount() || offset > entry.offset() + entry.length()) {
            throw Damage.of("INV-8", "Block " + number, "its partition goes beyond the blocks that are read");
        }
        window = new byte[0];
        windowOffset = offset;
    }

    private int at() {
        return (int) (offset - windowOffset);
    }

    private void require(long length) {
        if (at() + length <= window.length) {
            return;
        }
        long end = entry.offset() + entry.length();
        if (offset + length > end) {
            throw Damage.of("INV-8", "A block", "it goes beyond its partition's run of blocks");
        }
        window = new byte[0]; // free the old one first: blocks may be large
        window = objects.getRange(object.key(), offset, Math.min(Math.max(length, windowBytes), end - offset));
        windowOffset = offset;
    }

    /** Where the block of the record is, if the record is the only one in it. */
    Optional<IndexSection.Entry> ownBlock() {
        if (block == null || block.size() != 1) {
            return Optional.empty();
        }
        return Optional.of(new IndexSection.Entry(
                entry.token(), blockOffset, offset - blockOffset, entry.firstBlock() + blocksRead - 1, 1));
    }

    /** Lets go of the block the record is in, whose other records are left out. */
    void dropBlock() {
        record.key(record.copyOfKey());
        record.dropTuple();
        block = null;
    }

    @Override
    public RawRecord record() {
        return record;
    }

    /** Whether records were left out, because their key was destroyed on purpose. */
    boolean isErased() {
        return !erased.isEmpty();
    }

    /** Partitions that were left out so far. */
    Set<Token> erased() {
        return erased;
    }

    TableSchema schema() {
        return tail.schemas().get(record.schema);
    }

    /** The newest shape of the record's table in the object: schemas are numbered as they came. */
    TableSchema newestSchema() {
        for (int number = tail.schemas().size() - 1; number > record.schema; number--) {
            if (tail.schemas().get(number).oid() == record.oid) {
                return tail.schemas().get(number);
            }
        }
        return schema();
    }

    /** The commits of the block the record is in. */
    CommitTable commits() {
        if (block == null) {
            throw new IllegalStateException("no block");
        }
        return block.commits();
    }

    @Override
    public void close() {
        block = null;
        window = new byte[0];
    }
}
