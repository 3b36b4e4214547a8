package dev.reinstate.restore.apply;

import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.copy.CopyIn;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.spool.TupleSpool;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies rows into one table. A COPY has one list of columns: rows of the first shape that comes go straight in, those
 * of other shapes wait on disk for a COPY of their own. Not thread-safe.
 */
final class RowCopy implements AutoCloseable {
    private final Connection connection;
    private final TableLayout table;
    private final Set<String> nullAtFirst;
    private final Path directory;
    private final Map<RowShape, TupleSpool> waiting = new LinkedHashMap<>();
    private @Nullable RowShape shape;
    private @Nullable CopyIn copy;

    /** @param nullAtFirst columns to write NULL into whatever the row has there */
    RowCopy(Connection connection, TableLayout table, Set<String> nullAtFirst, Path directory) {
        this.connection = connection;
        this.table = table;
        this.nullAtFirst = nullAtFirst;
        this.directory = directory;
    }

    void add(RowShape rowShape, Tuple row) {
        if (copy == null) {
            begin(rowShape);
        }
        if (rowShape == shape) {
            write(rowShape, row);
        } else {
            waiting.computeIfAbsent(rowShape, other -> new TupleSpool(directory, row.columnCount()))
                    .add(row);
        }
    }

    private void begin(RowShape rowShape) {
        shape = rowShape;
        copy = CopyIn.start(connection, table.name(), rowShape.columns());
    }

    private void write(RowShape rowShape, Tuple row) {
        CopyIn open = copy;
        if (open == null) {
            throw new IllegalStateException("no COPY has begun");
        }
        if (nullAtFirst.isEmpty()) {
            open.add(row, rowShape.source());
        } else {
            open.add(withNulls(rowShape, row));
        }
    }

    private Tuple withNulls(RowShape rowShape, Tuple row) {
        Tuple.Builder builder = new Tuple.Builder(row.encoded().length);
        for (int i = 0; i < rowShape.columns().size(); i++) {
            if (nullAtFirst.contains(rowShape.columns().get(i))) {
                builder.addNull();
            } else {
                builder.addColumn(row, rowShape.source()[i]);
            }
        }
        return builder.build();
    }

    /** Completes the table. */
    void finish() {
        end();
        waiting.forEach((other, rows) -> {
            begin(other);
            rows.forEach(row -> write(other, row));
            end();
        });
    }

    private void end() {
        if (copy != null) {
            copy.finish();
            copy = null;
        }
    }

    @Override
    public void close() {
        waiting.values().forEach(TupleSpool::close);
        if (copy != null) {
            copy.close();
        }
    }
}
