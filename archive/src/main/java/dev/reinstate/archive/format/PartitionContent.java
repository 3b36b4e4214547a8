package dev.reinstate.archive.format;

import dev.reinstate.model.ContentSum;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Content hashes of an image's rows of one partition, table by table, as the rows pass in order: they are written behind
 * the rows, and compared with what is read. Not thread-safe.
 */
public final class PartitionContent {
    private final MessageDigest digest = Checksum.newSha256();
    private final byte[] rowHash = new byte[ContentSum.HASH_BYTES];
    private final List<Table> tables = new ArrayList<>();

    /** @param schema number of the schema of its first row */
    private record Table(int oid, int schema, ContentSum sum) {
        TableContent content() {
            return new TableContent(oid, sum.rows(), sum.bytes());
        }
    }

    /** The next row. */
    public void add(RawRecord record) {
        digest.update(record.tupleBytes, record.tupleOffset, record.tupleLength);
        try {
            digest.digest(rowHash, 0, rowHash.length);
        } catch (DigestException e) {
            throw ReinstateException.bug("A content hash", "SHA-256 has not 32 bytes");
        }
        if (tables.isEmpty() || tables.getLast().oid != record.oid) {
            tables.add(new Table(record.oid, record.schema, new ContentSum()));
        }
        tables.getLast().sum.add(rowHash);
    }

    public void clear() {
        tables.clear();
    }

    /** The block behind the partition's rows: without records, with the hash of each of its tables. */
    Compression.Packed pack(Partition partition, Compression compression) {
        ByteSink raw = new ByteSink(64 + tables.size() * (ContentSum.HASH_BYTES + 8));
        PartitionLabel.write(raw, partition);
        raw.varint(0).varint(tables.size());
        tables.forEach(table -> raw.varint(table.schema));
        new CommitTable().write(raw);
        for (Table table : tables) {
            TableContent content = table.content();
            raw.varint(content.rows()).raw(content.sum());
        }
        return compression.pack(raw);
    }

    /** What {@link #pack} wrote behind the block's tables and commits. */
    static List<TableContent> read(ByteSource source, int[] oids) {
        List<TableContent> hashes = new ArrayList<>(oids.length);
        for (int oid : oids) {
            hashes.add(new TableContent(oid, source.varint(), source.raw(ContentSum.HASH_BYTES)));
        }
        return hashes;
    }

    /** The first table that is not in both alike; empty if all are. */
    public Optional<TableContent> firstNotOf(List<TableContent> kept) {
        for (int i = 0; i < Math.max(tables.size(), kept.size()); i++) {
            TableContent found = i < tables.size() ? tables.get(i).content() : kept.get(i);
            if (i >= tables.size() || i >= kept.size() || !found.isSame(kept.get(i))) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }
}
