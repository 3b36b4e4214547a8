package dev.reinstate.archive.format;

import dev.reinstate.model.Partition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes one data object from records in order: header, blocks, timeline, directory, schemas, index, footer. Refuses
 * records out of order (INV-7). Keeps content hashes behind each partition's rows of an image. Not thread-safe.
 */
public final class DataObjectWriter {
    private static final int BLOCK_BYTES = 256 << 10;

    private final ByteOutput output;
    private final ObjectKind kind;
    private final ObjectId id;
    private final byte[] idBytes;
    private final SchemaTable schemas;
    private final CommitTable commits;
    private final Packing packing;
    private final SectionCipher sections;
    private final BlockQueue queue;
    private BlockBuilder block;
    private final DirectoryBuilder directory;
    /** Null in a segment. */
    private final @Nullable PartitionContent content;

    private final IndexBuilder index = new IndexBuilder();

    private final OrderCheck order = new OrderCheck();
    private long offset;
    private int blocks;
    private long records;
    private boolean inPartition;
    private Token token = new Token(0, 0);
    private Partition partition = Partition.SHARED;
    private BlockCipher blockCipher;
    private Token firstToken = new Token(0, 0);

    public DataObjectWriter(
            ByteOutput output,
            ObjectKind kind,
            ObjectId id,
            SchemaTable schemas,
            CommitTable commits,
            List<Directory.Truncation> truncations,
            Packing packing) {
        this.output = output;
        this.kind = kind;
        this.id = id;
        this.idBytes = id.bytes();
        this.schemas = schemas;
        this.commits = commits;
        this.packing = packing;
        this.sections = new SectionCipher(packing.keys(), id);
        this.blockCipher = BlockCipher.forReading(Optional.empty(), id, token); // replaced by the first partition's
        this.queue = new BlockQueue(packing, commits, this::write);
        this.block = queue.builder();
        this.directory = new DirectoryBuilder(truncations);
        this.content = kind == ObjectKind.IMAGE_PART ? new PartitionContent() : null;
        byte[] header = ObjectHeader.write(kind, id, sections.encrypts());
        write(header, header.length);
    }

    /** The next record; its schema and commit are indexes into the tables given at the start. */
    public void add(RawRecord record) {
        if (!inPartition || record.tokenHigh != token.high() || record.tokenLow != token.low()) {
            beginPartition(record);
        } else if (block.sizeBytes() >= BLOCK_BYTES || (BlockBuilder.isLarge(record) && !block.isEmpty())) {
            endBlock();
        }
        order.require(record);
        block.add(record);
        if (content != null) {
            content.add(record);
        }
        directory.add(record, commits);
        records++;
        if (BlockBuilder.isLarge(record)) {
            endBlock();
        }
    }

    private void beginPartition(RawRecord record) {
        endPartition();
        Token next = new Token(record.tokenHigh, record.tokenLow);
        if (records == 0) {
            firstToken = next;
        }
        token = next;
        partition = record.partition;
        blockCipher = BlockCipher.forWriting(packing.keys(), id, token);
        inPartition = true;
    }

    private void endPartition() {
        if (!inPartition) {
            return;
        }
        if (content != null) {
            block.end(content);
            content.clear();
        }
        endBlock();
        inPartition = false;
        directory.endPartition(token, partition);
        index.endPartition(token, blocks);
    }

    private void endBlock() {
        if (block.isEmpty()) {
            return;
        }
        queue.add(new BlockJob(block, id, blocks, token, partition, blockCipher));
        block = queue.builder();
        blocks++;
    }

    private void write(BlockJob.Stored stored) {
        index.beginBlock(offset);
        write(stored.header().array(), stored.header().size());
        write(stored.payload().bytes(), stored.payload().length());
    }

    /** Bytes written so far; the last blocks may not be among them yet. */
    public long sizeBytes() {
        return offset;
    }

    public Summary finish() {
        endPartition();
        queue.finish();
        ByteSink entries = index.finish(offset);
        ByteSink footer = new ByteSink(ObjectTail.FOOTER_BYTES);
        ByteSink timeline = new ByteSink(4096);
        commits.write(timeline);
        writeSection(footer, 0, packing.compression().pack(timeline));
        writeSection(footer, 1, packing.compression().pack(directory.finish()));
        long tailOffset = offset;
        ByteSink schemaBytes = new ByteSink(4096);
        SchemaCodec.writeSection(schemaBytes, schemas.all());
        writeSection(footer, 2, packing.compression().pack(schemaBytes));
        writeSection(
                footer, 3, new Compression.Packed(Compression.STORED, entries.array(), entries.size(), entries.size()));
        footer.raw(idBytes)
                .u64(records)
                .u32(blocks)
                .u16(ObjectHeader.VERSION)
                .u8(kind.code())
                .u8(0);
        footer.u32(Checksum.crc(footer.array(), 0, footer.size())).raw(ObjectTail.MAGIC);
        write(footer.array(), footer.size());
        return new Summary(id, offset, tailOffset, blocks, records, firstToken, token);
    }

    private void writeSection(ByteSink footer, int number, Compression.Packed plain) {
        Compression.Packed packed = sections.encrypt(number, plain);
        footer.u64(offset).u32(packed.length()).u32(packed.rawLength());
        footer.u32(Checksum.crcOfSection(idBytes, number, packed.bytes(), 0, packed.length()));
        footer.u8(packed.codec()).u8(sections.encrypts() ? 1 : 0).u16(0).u64(0).u32(0);
        write(packed.bytes(), packed.length());
    }

    private void write(byte[] bytes, int length) {
        output.write(bytes, 0, length);
        offset += length;
    }

    /** What the manifest needs to know of an object, but for its SHA-256. */
    public record Summary(
            ObjectId id,
            long sizeBytes,
            long tailOffset,
            int blocks,
            long records,
            Token firstToken,
            Token lastToken) {}
}
