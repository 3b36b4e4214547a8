package dev.reinstate.archive.format;

import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts records as they pass in order and writes the directory behind them (INV-16). Not thread-safe. */
public final class DirectoryBuilder {
    private static final Operation[] OPERATIONS = Operation.values();

    private final List<Directory.Truncation> truncations;
    private final Map<Integer, Directory.Truncation> truncationOfTable = new HashMap<>();
    private final ByteSink entries = new ByteSink(4096);
    private int entryCount;

    private final List<Directory.TableCount> tables = new ArrayList<>();
    private final long[] counts = new long[128];
    private int oid;
    private int schema = -1;
    private long net;
    private long lastLsn;
    private long lastMicros;

    public DirectoryBuilder(List<Directory.Truncation> truncations) {
        this.truncations = truncations;
        truncations.forEach(truncation -> truncationOfTable.put(truncation.oid(), truncation));
    }

    /** The next record, whose commit is an index into that table. */
    public void add(RawRecord record, CommitTable commits) {
        if (schema >= 0 && record.oid != oid) {
            endTable();
        }
        oid = record.oid;
        schema = Math.max(schema, record.schema);
        counts[record.operation]++;
        if (record.commit != RawRecord.NO_COMMIT && Long.compareUnsigned(record.lsn, lastLsn) > 0) {
            lastLsn = record.lsn;
            lastMicros = commits.micros(record.commit);
        }
        net += truncationOfTable.isEmpty() || !isTruncated(record) ? rowsAdded(record.operation) : 0;
    }

    private boolean isTruncated(RawRecord record) {
        Directory.Truncation truncation = truncationOfTable.get(record.oid);
        return truncation != null && truncation.isAfter(record.lsn, record.ordinal);
    }

    /** Rows that there are more after a change of that kind. */
    public static int rowsAdded(byte operation) {
        return switch (operation) {
            case 'I', 'E', 'R' -> 1;
            case 'D', 'L', 'K' -> -1;
            default -> 0;
        };
    }

    public void endPartition(Token token, Partition partition) {
        endTable();
        Directory.write(entries, new Directory.Entry(token, partition, lastLsn, lastMicros, tables));
        entryCount++;
        tables.clear();
        lastLsn = 0;
        lastMicros = 0;
    }

    private void endTable() {
        Map<Operation, Long> operations = new EnumMap<>(Operation.class);
        for (Operation operation : OPERATIONS) {
            if (counts[operation.code()] > 0) {
                operations.put(operation, counts[operation.code()]);
                counts[operation.code()] = 0;
            }
        }
        tables.add(new Directory.TableCount(schema, operations, net));
        schema = -1;
        net = 0;
    }

    /** The section's raw bytes. */
    public ByteSink finish() {
        ByteSink whole = new ByteSink(entries.size() + 64);
        Directory.writeTruncations(whole, truncations);
        return whole.varint(entryCount).raw(entries.array(), 0, entries.size());
    }
}
