package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Column;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Rows that are older than columns which their tables had by then: adding a column writes no row, so the archive has them
 * without it. They have NULL there, as the server says, too; where it says anything else the table was read anew, and no
 * row is older.
 */
final class GrownRows implements RowStream {
    private final RowStream rows;
    private final IntFunction<Optional<TableSchema>> shapeThen;
    private final Map<TableSchema, TableSchema> grown = new HashMap<>();

    /** @param shapeThen by oid, what the table was at the moment of the rows; empty where it is not sure */
    GrownRows(RowStream rows, IntFunction<Optional<TableSchema>> shapeThen) {
        this.rows = rows;
        this.shapeThen = shapeThen;
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public FoldedRow next() {
        FoldedRow row = rows.next();
        TableSchema shape = grown.computeIfAbsent(row.table(), this::grow);
        int missing = shape.columns().size() - row.table().columns().size();
        return missing == 0 ? row : new FoldedRow(shape, row.key(), withNulls(row.tuple(), missing));
    }

    /** Numbers of columns only grow, so that one with a higher number than all others was added later. */
    private TableSchema grow(TableSchema shape) {
        int newest = shape.columns().stream().mapToInt(Column::attnum).max().orElse(0);
        boolean numbered = shape.columns().stream().allMatch(column -> column.attnum() > 0);
        List<Column> added = shapeThen.apply(shape.oid()).stream()
                .flatMap(then -> then.columns().stream())
                .filter(column -> numbered && column.attnum() > newest)
                .toList();
        if (added.isEmpty()) {
            return shape;
        }
        List<Column> all = new ArrayList<>(shape.columns());
        all.addAll(added);
        return new TableSchema(shape.oid(), shape.name(), all, shape.keyColumns());
    }

    private static Tuple withNulls(Tuple tuple, int nulls) {
        Tuple.Builder builder = new Tuple.Builder(tuple.encoded().length + nulls);
        for (int i = 0; i < tuple.columnCount(); i++) {
            builder.addColumn(tuple, i);
        }
        for (int i = 0; i < nulls; i++) {
            builder.addNull();
        }
        return builder.build();
    }

    @Override
    public void close() {
        rows.close();
    }
}
