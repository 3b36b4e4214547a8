package dev.reinstate.archive.format;

import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What is in an object without reading its blocks.
 *
 * @param truncations tables truncated in it, each with its last truncation
 * @param entries partitions in token order
 */
public record Directory(List<Truncation> truncations, List<Entry> entries) {
    /** The last truncation of a table in an object. */
    public record Truncation(int oid, long lsn, long ordinal) {
        public boolean isAfter(long otherLsn, long otherOrdinal) {
            int order = Long.compareUnsigned(lsn, otherLsn);
            return order > 0 || (order == 0 && Long.compareUnsigned(ordinal, otherOrdinal) > 0);
        }
    }

    /**
     * A partition's part of an object.
     *
     * @param lastLsn its newest commit here; 0 in images
     */
    public record Entry(Token token, Partition partition, long lastLsn, long lastMicros, List<TableCount> tables) {
        /** How many records the partition has in the object. */
        public long records() {
            return tables.stream()
                    .flatMap(table -> table.operations.values().stream())
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    /**
     * @param schema number of the newest schema in the object's schema section
     * @param netRows rows that appeared minus rows that went, after the table's last truncation in the object
     */
    public record TableCount(int schema, Map<Operation, Long> operations, long netRows) {}

    static void writeTruncations(ByteSink sink, List<Truncation> truncations) {
        sink.varint(truncations.size());
        truncations.forEach(
                truncation -> sink.u32(truncation.oid).u64(truncation.lsn).varint(truncation.ordinal));
    }

    static void write(ByteSink sink, Entry entry) {
        sink.u64(entry.token.high()).u64(entry.token.low());
        PartitionLabel.write(sink, entry.partition);
        sink.u64(entry.lastLsn).zigzag(entry.lastMicros).varint(entry.tables.size());
        for (TableCount table : entry.tables) {
            sink.varint(table.schema).varint(table.operations.size());
            table.operations.forEach(
                    (operation, count) -> sink.u8(operation.code()).varint(count));
            sink.zigzag(table.netRows);
        }
    }

    public static Directory read(byte[] raw) {
        ByteSource source = new ByteSource(raw);
        int truncationCount = source.length();
        List<Truncation> truncations = new ArrayList<>(truncationCount);
        for (int i = 0; i < truncationCount; i++) {
            truncations.add(new Truncation(source.u32(), source.u64(), source.varint()));
        }
        int count = source.length();
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(readEntry(source));
        }
        source.requireEnd("A directory section");
        return new Directory(truncations, entries);
    }

    private static Entry readEntry(ByteSource source) {
        Token token = new Token(source.u64(), source.u64());
        Partition partition = PartitionLabel.read(source);
        long lastLsn = source.u64();
        long lastMicros = source.zigzag();
        int tableCount = source.length();
        List<TableCount> tables = new ArrayList<>(tableCount);
        for (int i = 0; i < tableCount; i++) {
            int schema = (int) source.varint();
            int operationCount = source.length();
            Map<Operation, Long> operations = new EnumMap<>(Operation.class);
            for (int j = 0; j < operationCount; j++) {
                operations.put(Operation.ofCode(source.u8()), source.varint());
            }
            tables.add(new TableCount(schema, operations, source.zigzag()));
        }
        return new Entry(token, partition, lastLsn, lastMicros, tables);
    }
}
