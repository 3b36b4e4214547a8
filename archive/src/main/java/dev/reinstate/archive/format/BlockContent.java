package dev.reinstate.archive.format;

import dev.reinstate.model.Partition;
import java.util.List;

/** The records of one block, one after another, and the content hashes behind them. Not thread-safe. */
public final class BlockContent {
    private final ByteSource source;
    private final Token token;
    private final Partition partition;
    private final int[] schemaNumbers;
    private final int[] oids;
    private final CommitTable commits;
    private final int count;
    private final SchemaCodec.Schemas schemas;
    private List<TableContent> hashes = List.of();
    private int read;

    /**
     * @param raw decompressed content
     * @param token the token of the block it was found in
     */
    public BlockContent(byte[] raw, Token token, SchemaCodec.Schemas schemas) {
        this.source = new ByteSource(raw);
        this.token = token;
        this.partition = PartitionLabel.read(source);
        this.count = source.length();
        this.schemaNumbers = new int[source.length()];
        this.oids = new int[schemaNumbers.length];
        for (int i = 0; i < schemaNumbers.length; i++) {
            schemaNumbers[i] = source.index(schemas.size());
            oids[i] = schemas.get(schemaNumbers[i]).oid();
        }
        this.commits = CommitTable.read(source);
        this.schemas = schemas;
    }

    /**
     * At the end: the content hashes of the partition's rows in the object, each table's; none in a segment, before its last
     * block, and where none were kept.
     */
    public List<TableContent> hashes() {
        return hashes;
    }

    public Partition partition() {
        return partition;
    }

    public int size() {
        return count;
    }

    /** The commits of this block; {@link RawRecord#commit} is an index into it. */
    public CommitTable commits() {
        return commits;
    }

    /** Fills the record with the next one, whose schema is a number in the object's section; false at the end. */
    public boolean next(RawRecord record) {
        if (read == count) {
            if (source.remaining() > 0) {
                hashes = PartitionContent.read(source, schemas);
                source.requireEnd("A block");
            }
            return false;
        }
        read++;
        int table = source.index(schemaNumbers.length);
        record.token(token);
        record.partition = partition;
        record.schema = schemaNumbers[table];
        record.oid = oids[table];
        record.operation = (byte) source.u8();
        record.commit = source.index(commits.size() + 1) - 1;
        record.lsn = record.commit < 0 ? 0 : commits.lsn(record.commit);
        record.ordinal = source.varint();
        record.keyBytes = source.array();
        record.keyLength = source.length();
        record.keyOffset = source.position();
        source.skip(record.keyLength);
        record.tupleBytes = source.array();
        record.tupleLength = source.length();
        record.tupleOffset = source.position();
        source.skip(record.tupleLength);
        return true;
    }
}
