package dev.reinstate.archive.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Content hashes of an image's rows of one partition, table by table, as the rows pass in order: they are written behind
 * the rows, and compared with what is read. Not thread-safe.
 */
public final class PartitionContent {
    private final RowDigest digest = new RowDigest();
    private final List<TableContent> tables = new ArrayList<>();
    private final List<Integer> schemas = new ArrayList<>();
    private int oid;
    private long rows;

    /** The next row. */
    public void add(RawRecord record) {
        if (rows > 0 && oid != record.oid) {
            endTable();
        }
        if (rows == 0) {
            oid = record.oid;
            schemas.add(record.schema);
        }
        digest.add(record);
        rows++;
    }

    private void endTable() {
        if (rows > 0) {
            tables.add(TableContent.of(oid, rows, digest.finish()));
            rows = 0;
        }
    }

    public boolean isEmpty() {
        return schemas.isEmpty();
    }

    public void clear() {
        endTable();
        tables.clear();
        schemas.clear();
    }

    /** Behind the last block's records: how many tables, and of each its first row's schema, its rows, 16 bytes. */
    void write(ByteSink sink) {
        endTable();
        sink.varint(tables.size());
        for (int i = 0; i < tables.size(); i++) {
            TableContent table = tables.get(i);
            sink.varint(schemas.get(i)).varint(table.rows()).u64(table.high()).u64(table.low());
        }
    }

    static List<TableContent> read(ByteSource source, SchemaCodec.Schemas schemas) {
        int count = source.length();
        List<TableContent> tables = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int oid = schemas.get(source.index(schemas.size())).oid();
            tables.add(new TableContent(oid, source.varint(), source.u64(), source.u64()));
        }
        return tables;
    }

    /** The first table that is not in both alike; empty if all are. */
    public Optional<TableContent> firstNotOf(List<TableContent> kept) {
        endTable();
        for (int i = 0; i < Math.max(tables.size(), kept.size()); i++) {
            TableContent found = i < tables.size() ? tables.get(i) : kept.get(i);
            if (i >= kept.size() || !found.equals(kept.get(i)) || i >= tables.size()) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }
}
