package dev.reinstate.archive.format;

import dev.reinstate.model.Partition;
import java.util.Arrays;

/** Gathers the records of one block. Not thread-safe. */
final class BlockBuilder {
    private static final int LARGE_TUPLE_BYTES = 256 << 10;
    private static final byte[] NOTHING = new byte[0];

    private final CommitTable commits;
    private final CommitTable localCommits = new CommitTable();
    private final ByteSink head = new ByteSink(1024);
    private final ByteSink body = new ByteSink(300 << 10);
    private int[] schemas = new int[16];
    private int schemaCount;
    private int lastSchema = -1;
    private int lastLocalSchema;
    private int[] localOfCommit = new int[64];
    private int records;
    private boolean hasContent;
    private byte[] largeTuple = NOTHING;
    private int largeOffset;
    private int largeLength;

    BlockBuilder(CommitTable commits) {
        this.commits = commits;
    }

    /** Whether a record must be a block of its own, because it is not copied. */
    static boolean isLarge(RawRecord record) {
        return record.tupleLength >= LARGE_TUPLE_BYTES;
    }

    boolean isEmpty() {
        return records == 0 && !hasContent;
    }

    /** Whether it points into bytes that are someone else's after the next record. */
    boolean borrows() {
        return largeLength > 0;
    }

    int sizeBytes() {
        return body.size() + localCommits.size() * 10;
    }

    void add(RawRecord record) {
        body.varint(localSchema(record.schema)).u8(record.operation);
        body.varint(localCommit(record.commit)).varint(record.ordinal);
        body.varint(record.keyLength).raw(record.keyBytes, record.keyOffset, record.keyLength);
        body.varint(record.tupleLength);
        if (isLarge(record)) {
            largeTuple = record.tupleBytes;
            largeOffset = record.tupleOffset;
            largeLength = record.tupleLength;
        } else {
            body.raw(record.tupleBytes, record.tupleOffset, record.tupleLength);
        }
        records++;
    }

    /** Behind the last record of a partition; a block that is empty till then has nothing else. */
    void end(PartitionContent content) {
        content.write(body);
        hasContent = true;
    }

    Compression.Packed pack(Partition partition, Compression compression) {
        PartitionLabel.write(head, partition);
        head.varint(records).varint(schemaCount);
        for (int i = 0; i < schemaCount; i++) {
            head.varint(schemas[i]);
        }
        localCommits.write(head);
        Compression.Packed packed = compression.pack(head, body, largeTuple, largeOffset, largeLength);
        reset();
        return packed;
    }

    private void reset() {
        head.reset();
        body.reset();
        for (int i = 0; i < localCommits.size(); i++) {
            localOfCommit[commits.find(localCommits.lsn(i))] = 0;
        }
        localCommits.clear();
        records = 0;
        hasContent = false;
        schemaCount = 0;
        lastSchema = -1;
        largeTuple = NOTHING;
        largeOffset = 0;
        largeLength = 0;
    }

    private int localSchema(int schema) {
        if (schema == lastSchema) {
            return lastLocalSchema;
        }
        lastSchema = schema;
        lastLocalSchema = schemaCount - 1;
        while (lastLocalSchema >= 0 && schemas[lastLocalSchema] != schema) {
            lastLocalSchema--;
        }
        if (lastLocalSchema < 0) {
            if (schemaCount == schemas.length) {
                schemas = Arrays.copyOf(schemas, schemaCount * 2);
            }
            schemas[schemaCount] = schema;
            lastLocalSchema = schemaCount++;
        }
        return lastLocalSchema;
    }

    /** 0: none, else one more than the index in the block's own table. */
    private int localCommit(int commit) {
        if (commit == RawRecord.NO_COMMIT) {
            return 0;
        }
        if (commit >= localOfCommit.length) {
            localOfCommit = Arrays.copyOf(localOfCommit, Math.max(commit + 1, commits.size()));
        }
        if (localOfCommit[commit] == 0) {
            localOfCommit[commit] = localCommits.add(commits, commit) + 1;
        }
        return localOfCommit[commit];
    }
}
