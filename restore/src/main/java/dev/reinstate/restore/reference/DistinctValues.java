package dev.reinstate.restore.reference;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.content.TupleColumns;
import dev.reinstate.restore.spool.TupleSpool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The different values of some columns in many rows, rows with a NULL among them left out. Holds some thousand in
 * memory; beyond that they go to disk, where one may be twice. Not thread-safe.
 */
public final class DistinctValues implements AutoCloseable {
    private static final int MAX_IN_MEMORY = 20_000;
    private static final int BATCH = 5_000;
    private static final int LARGE_BYTES = 64 << 10;

    private final int columnCount;
    private final TupleSpool spool;
    private final Set<RowKey> values = new HashSet<>();
    private @Nullable Tuple lastRow;
    private List<Integer> lastColumns = List.of();

    public DistinctValues(Path directory, int columnCount) {
        this.columnCount = columnCount;
        this.spool = new TupleSpool(directory, columnCount);
    }

    /** Adds the values that a row has in those columns. */
    public void add(Tuple row, List<Integer> columns) {
        if (isLast(row, columns)) {
            return;
        }
        lastRow = row.encoded().length > LARGE_BYTES ? null : row;
        lastColumns = columns;
        for (int column : columns) {
            if (row.isNull(column)) {
                return;
            }
        }
        values.add(RowKey.ofColumns(row, columns));
        if (values.size() >= MAX_IN_MEMORY) {
            values.forEach(value -> spool.add(value.values(columnCount)));
            values.clear();
        }
    }

    private boolean isLast(Tuple row, List<Integer> columns) {
        Tuple last = lastRow;
        if (last == null) {
            return false;
        }
        for (int i = 0; i < columns.size(); i++) {
            if (!TupleColumns.isSame(row, columns.get(i), last, lastColumns.get(i))) {
                return false;
            }
        }
        return true;
    }

    public boolean isEmpty() {
        return values.isEmpty() && spool.count() == 0;
    }

    /** Hands out all values, some thousand at a time. */
    public void forEachBatch(Consumer<List<Tuple>> consumer) {
        List<Tuple> batch = new ArrayList<>();
        spool.forEach(value -> {
            batch.add(value);
            if (batch.size() == BATCH) {
                consumer.accept(List.copyOf(batch));
                batch.clear();
            }
        });
        for (RowKey value : values) {
            batch.add(value.values(columnCount));
            if (batch.size() == BATCH) {
                consumer.accept(List.copyOf(batch));
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            consumer.accept(batch);
        }
    }

    @Override
    public void close() {
        spool.close();
    }
}
