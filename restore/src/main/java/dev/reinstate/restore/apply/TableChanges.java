package dev.reinstate.restore.apply;

import dev.reinstate.model.Tuple;
import dev.reinstate.restore.content.TupleColumns;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.spool.TupleSpool;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** The differences of one table, on local disk until their turn. Not thread-safe. */
final class TableChanges implements AutoCloseable {
    private static final int PLACE_COLUMNS = 2;

    private final TableLayout table;
    private final Path directory;
    private final Map<RowShape, TupleSpool> inserts = new LinkedHashMap<>();
    private final Map<RowShape, TupleSpool> updates = new LinkedHashMap<>();
    private final Set<String> updatedColumns = new TreeSet<>();
    private final TupleSpool deletes;

    TableChanges(TableLayout table, Path directory) {
        this.table = table;
        this.directory = directory;
        this.deletes = new TupleSpool(directory, PLACE_COLUMNS);
    }

    TableLayout table() {
        return table;
    }

    void insert(RowShape shape, Tuple row) {
        inserts.computeIfAbsent(shape, s -> new TupleSpool(directory, row.columnCount()))
                .add(row);
    }

    void delete(Tuple live) {
        deletes.add(place(new Tuple.Builder(32), live).build());
    }

    void update(RowShape shape, Tuple then, Tuple live) {
        int columns = shape.columns().size();
        Tuple.Builder builder = new Tuple.Builder(then.encoded().length + 32);
        for (int i = 0; i < columns; i++) {
            builder.addColumn(then, shape.source()[i]);
            if (!TupleColumns.isSame(then, shape.source()[i], live, shape.live()[i])) {
                updatedColumns.add(shape.columns().get(i));
            }
        }
        updates.computeIfAbsent(shape, s -> new TupleSpool(directory, columns + PLACE_COLUMNS))
                .add(place(builder, live).build());
    }

    private Tuple.Builder place(Tuple.Builder builder, Tuple live) {
        return builder.addColumn(live, table.ctidColumn()).addColumn(live, table.xminColumn());
    }

    /** Rows to insert, as archived. */
    void forEachInsert(BiConsumer<RowShape, Tuple> consumer) {
        inserts.forEach((shape, rows) -> rows.forEach(row -> consumer.accept(shape, row)));
    }

    /** Rows to change: the values of the shape's columns, then where the live row is and its version. */
    Map<RowShape, TupleSpool> updates() {
        return updates;
    }

    /** Columns in which any row to change differs. */
    Set<String> updatedColumns() {
        return updatedColumns;
    }

    /** Where the rows to delete are, and their versions. */
    TupleSpool deletes() {
        return deletes;
    }

    @Override
    public void close() {
        inserts.values().forEach(TupleSpool::close);
        updates.values().forEach(TupleSpool::close);
        deletes.close();
    }
}
