package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.copy.CopyOut;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's live rows of several tables, read at once, handed out table by table in that order and by key within. A
 * tenant without live rows costs no sorting. Not thread-safe.
 */
final class LiveReader implements AutoCloseable {
    private final @Nullable RowSorter sorter;
    private final @Nullable RowStream sorted;
    private final Map<TableName, Integer> numbers;
    private @Nullable FoldedRow row;

    private LiveReader(@Nullable RowSorter sorter, Map<TableName, Integer> numbers) {
        this.sorter = sorter;
        this.sorted = sorter == null ? null : sorter.sorted();
        this.numbers = numbers;
        advance();
    }

    static LiveReader ofAll(
            Connection connection, LiveRows liveRows, Supplier<RowSorter> sorters, List<TableLayout> tables) {
        Map<TableName, Integer> numbers = new HashMap<>();
        RowSorter sorter = null;
        try {
            for (TableLayout table : tables) {
                TableSchema schema = schema(table, numbers.size() + 1);
                numbers.put(table.name(), schema.oid());
                int columns = schema.columns().size();
                sorter = add(liveRows.read(connection, table, columns), table, schema, sorter, sorters);
                if (table.readsNobodys()) {
                    sorter = add(liveRows.readNobodys(connection, table, columns), table, schema, sorter, sorters);
                }
            }
            return new LiveReader(sorter, numbers);
        } catch (RuntimeException e) {
            if (sorter != null) {
                sorter.close();
            }
            throw e;
        }
    }

    private static @Nullable RowSorter add(
            CopyOut rows,
            TableLayout table,
            TableSchema schema,
            @Nullable RowSorter known,
            Supplier<RowSorter> sorters) {
        RowSorter sorter = known;
        try (CopyOut copy = rows) {
            for (Tuple live = copy.next(); live != null; live = copy.next()) {
                if (sorter == null) {
                    sorter = sorters.get();
                }
                sorter.add(new FoldedRow(schema, table.liveKey(live), live));
            }
        }
        return sorter;
    }

    /** The shape of live rows as they are read; numbered in the order of the tables, which is the order to sort by. */
    private static TableSchema schema(TableLayout table, int number) {
        List<Column> columns = new ArrayList<>();
        table.liveColumns().forEach(name -> columns.add(new Column(0, name, 0, "text")));
        columns.add(new Column(0, "ctid", 0, "tid"));
        columns.add(new Column(0, "xmin", 0, "xid"));
        return new TableSchema(number, table.name(), columns, List.of());
    }

    /** The rows of the next table; the one before it must have been read to its end. */
    OfTable next(TableLayout table) {
        Integer number = numbers.get(table.name());
        if (number == null) {
            throw new IllegalStateException("the live rows of " + table.name() + " were not read");
        }
        return new OfTable(number);
    }

    private void advance() {
        row = sorted != null && sorted.hasNext() ? sorted.next() : null;
    }

    @Override
    public void close() {
        if (sorted != null) {
            sorted.close();
        }
        if (sorter != null) {
            sorter.close();
        }
    }

    /** One table's live rows. */
    final class OfTable {
        private final int number;

        private OfTable(int number) {
            this.number = number;
        }

        /** The row at hand; null at the end. */
        @Nullable
        FoldedRow row() {
            FoldedRow next = row;
            return next != null && next.table().oid() == number ? next : null;
        }

        @Nullable
        FoldedRow advance() {
            LiveReader.this.advance();
            return row();
        }
    }
}
