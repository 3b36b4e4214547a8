package dev.reinstate.archive.format;

import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import java.util.ArrayList;
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
        DirectoryReader reader = new DirectoryReader(raw);
        List<Entry> entries = new ArrayList<>(reader.left());
        reader.forEachRemaining(entries::add);
        return new Directory(reader.truncations(), entries);
    }
}
