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

    /** Where rows are read and sorted. */
    record Source(Connection connection, LiveRows liveRows, Supplier<RowSorter> sorters) {}

    static LiveReader ofAll(Source source, List<TableLayout> tables) {
        try (Gathering gathering = new Gathering(source)) {
            tables.forEach(gathering::read);
            return gathering.finish();
        }
    }

    /** One table's, and with them those that will be the tenant's once rows above them are linked again. */
    static LiveReader of(Source source, TableLayout table, OrphanKeys orphans) {
        try (Gathering gathering = new Gathering(source)) {
            gathering.read(table);
            gathering.readReturning(table, orphans);
            gathering.readBelow(table, orphans);
            return gathering.finish();
        }
    }

    /** Rows on their way into a sorter, which is made for the first. */
    private static final class Gathering implements AutoCloseable {
        private final Source source;
        private final Map<TableName, Integer> numbers = new HashMap<>();
        private @Nullable RowSorter sorter;

        Gathering(Source source) {
            this.source = source;
        }

        void read(TableLayout table) {
            numbers.put(table.name(), numbers.size() + 1);
            TableSchema schema = schema(table, numbers.size());
            int columns = schema.columns().size();
            try (CopyOut copy = source.liveRows().read(source.connection(), table, columns)) {
                for (Tuple live = copy.next(); live != null; live = copy.next()) {
                    add(table, schema, live);
                }
            }
        }

        /** Rows that will be the tenant's once what they name is back, and then what hangs below them. */
        void readReturning(TableLayout table, OrphanKeys orphans) {
            TableSchema below = below(table);
            orphans.forEachReturning(
                    table.name(),
                    (reference, keys) -> source.liveRows()
                            .forEachReturning(source.connection(), table, reference, keys, live -> {
                                orphans.linkAgain(table, live);
                                add(table, below, live);
                            }));
        }

        private TableSchema below(TableLayout table) {
            TableSchema schema = schema(table, numbers.size());
            List<Column> columns = new ArrayList<>(schema.columns());
            columns.add(new Column(0, "below", 0, "bool"));
            return new TableSchema(schema.oid(), schema.name(), columns, List.of());
        }

        void readBelow(TableLayout table, OrphanKeys orphans) {
            TableSchema below = below(table);
            for (TableName ancestor : orphans.linkedAgainAbove(table.name())) {
                orphans.forEachLinkedAgain(
                        ancestor,
                        (keyColumns, keys) -> source.liveRows()
                                .forEachBelow(
                                        source.connection(),
                                        table,
                                        new LiveRows.Above(ancestor, keyColumns, keys),
                                        live -> add(table, below, live)));
            }
        }

        private void add(TableLayout table, TableSchema schema, Tuple live) {
            RowSorter into = sorter == null ? source.sorters().get() : sorter;
            sorter = into;
            into.add(new FoldedRow(schema, table.liveKey(live), live));
        }

        LiveReader finish() {
            LiveReader reader = new LiveReader(sorter, numbers);
            sorter = null;
            return reader;
        }

        @Override
        public void close() {
            if (sorter != null) {
                sorter.close();
            }
        }
    }

    /** Whether it is nobody's as long as rows above it are not linked again. */
    static boolean isBelow(TableLayout table, FoldedRow live) {
        return live.tuple().columnCount() > table.xminColumn() + 1;
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
        row = null; // rows may be large: not two of them at once
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
