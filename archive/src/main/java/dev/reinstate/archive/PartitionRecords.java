package dev.reinstate.archive;

import dev.reinstate.archive.format.BlockCipher;
import dev.reinstate.archive.format.BlockContent;
import dev.reinstate.archive.format.BlockHeader;
import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition in one object, block after block, read in windows so that memory stays bounded by the
 * largest block. Not thread-safe.
 */
final class PartitionRecords implements RecordStream {
    private static final int WINDOW_BYTES = 1 << 20;

    private final ArchiveObjects objects;
    private final StoredObject object;
    private final ObjectTail tail;
    private final IndexSection.Entry entry;
    private final Partition partition;
    private final BlockCipher cipher;
    private final RawRecord record = new RawRecord();

    private byte[] window = new byte[0];
    private long windowOffset;
    private long offset;
    private int blocksRead;
    private @Nullable BlockContent block;

    PartitionRecords(
            ArchiveObjects objects,
            StoredObject object,
            ObjectTail tail,
            IndexSection.Entry entry,
            Partition partition,
            BlockCipher cipher) {
        this.objects = objects;
        this.object = object;
        this.tail = tail;
        this.entry = entry;
        this.partition = partition;
        this.cipher = cipher;
        this.offset = entry.offset();
        this.windowOffset = offset;
        if (entry.offset() < 0 || entry.length() < 0 || entry.offset() + entry.length() > tail.timelineOffset()) {
            throw Damage.of("INV-9", "Object " + object.key(), "its index points outside of its blocks");
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
        if (!header.token().equals(entry.token())) {
            throw Damage.of("INV-8", "Block " + number, "it is of another partition than the index says");
        }
        require((long) BlockHeader.BYTES + header.storedLength());
        byte[] raw = header.unpack(window, at() + BlockHeader.BYTES, cipher);
        offset += BlockHeader.BYTES + (long) header.storedLength();
        if (window.length > WINDOW_BYTES) {
            window = new byte[0]; // a large block is there unpacked now
            windowOffset = offset;
        }
        blocksRead++;
        BlockContent content = new BlockContent(raw, header.token(), tail.schemas());
        if (!content.partition().equals(partition)) {
            throw Damage.of("INV-8", "Block " + number, "its content is of another partition than its header");
        }
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
        window = objects.getRange(object.key(), offset, Math.min(Math.max(length, WINDOW_BYTES), end - offset));
        windowOffset = offset;
    }

    @Override
    public RawRecord record() {
        return record;
    }

    TableSchema schema() {
        return tail.schemas().get(record.schema);
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
