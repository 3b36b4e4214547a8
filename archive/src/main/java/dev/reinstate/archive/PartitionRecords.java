package dev.reinstate.archive;

import dev.reinstate.archive.format.BlockContent;
import dev.reinstate.archive.format.BlockHeader;
import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition in one object, or of all of them, block after block, read in windows so that memory stays
 * bounded by the largest block. Not thread-safe.
 */
final class PartitionRecords implements RecordStream {
    private static final int WINDOW_BYTES = 1 << 20;

    /** Whose blocks they are. */
    private interface Owner {
        /** Throws unless a block with that token may be here and may hold records of that partition. */
        void require(int block, Token token, Partition partition);
    }

    private final ArchiveObjects objects;
    private final StoredObject object;
    private final ObjectTail tail;
    private final IndexSection.Entry entry;
    private final Owner owner;
    private final int windowBytes;
    private final RawRecord record = new RawRecord();

    private byte[] window = new byte[0];
    private long windowOffset;
    private long offset;
    private int blocksRead;
    private long blockOffset;
    private @Nullable BlockContent block;

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
        this.owner = owner;
        this.windowBytes = windowBytes;
        this.offset = entry.offset();
        this.windowOffset = offset;
        if (entry.offset() < 0 || entry.length() < 0 || entry.offset() + entry.length() > tail.timelineOffset()) {
            throw Damage.of("INV-9", "Object " + object.key(), "its index points outside of its blocks");
        }
    }

    /** Of one partition, whose run of blocks the entry is. */
    static PartitionRecords of(
            ArchiveObjects objects,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry entry,
            Partition partition) {
        return new PartitionRecords(objects, object, tail, entry, WINDOW_BYTES, (block, token, found) -> {
            if (!token.equals(entry.token())) {
                throw Damage.of("INV-8", "Block " + block, "it is of another partition than the index says");
            }
            requireOwn(found.equals(partition), block);
        });
    }

    /** Of every partition in some blocks that follow one another. */
    static PartitionRecords ofAll(
            ArchiveObjects objects,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry blocks,
            int windowBytes,
            Tokens tokens) {
        return new PartitionRecords(
                objects,
                object,
                tail,
                blocks,
                windowBytes,
                (block, token, found) -> requireOwn(tokens.of(found).equals(token), block));
    }

    private static void requireOwn(boolean isOwn, int block) {
        if (!isOwn) {
            throw Damage.of("INV-8", "Block " + block, "its content is of another partition than its header");
        }
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
            if (!nextBlock()) {
                return false;
            }
        }
        return true;
    }

    /** Moves to the next block; the records of the last one that were not read are left out. */
    boolean nextBlock() {
        block = null;
        record.dropTuple();
        if (blocksRead == entry.blockCount()) {
            if (offset != entry.offset() + entry.length()) {
                throw Damage.of("INV-8", "A run of blocks", "it is not as long as the index says");
            }
            window = new byte[0];
            return false;
        }
        int number = entry.firstBlock() + blocksRead;
        require(BlockHeader.BYTES);
        BlockHeader header = BlockHeader.read(window, at(), object.id(), number);
        require((long) BlockHeader.BYTES + header.storedLength());
        byte[] raw = header.unpack(window, at() + BlockHeader.BYTES);
        blockOffset = offset;
        offset += BlockHeader.BYTES + (long) header.storedLength();
        if (window.length > windowBytes) {
            window = new byte[0]; // a large block is there unpacked now
            windowOffset = offset;
        }
        blocksRead++;
        BlockContent content = new BlockContent(raw, header.token(), tail.schemas());
        owner.require(number, header.token(), content.partition());
        block = content;
        return true;
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
