package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.content.TupleColumns;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Merges a tenant of then, folded from the archive, with the tenant of now, read from the database: both sorted by key,
 * one table after the other. Used twice for a restore: to plan it, and inside its transaction to carry it out.
 */
public final class TenantMerge {
    private final ArchiveReader archive;
    private final Supplier<RowSorter> sorters;
    private final Connection connection;
    private final LiveRows liveRows;
    private final RestoreRequest request;

    public TenantMerge(
            ArchiveReader archive,
            Supplier<RowSorter> sorters,
            Connection connection,
            LiveRows liveRows,
            RestoreRequest request) {
        this.archive = archive;
        this.sorters = sorters;
        this.connection = connection;
        this.liveRows = liveRows;
        this.request = request;
    }

    /** An archived row of a shape that its table's layout was made without. */
    static final class UnknownShape extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient TableSchema shape;

        UnknownShape(TableSchema shape) {
            super("rows of " + shape.name() + " have another shape", null, false, false);
            this.shape = shape;
        }

        TableSchema shape() {
            return shape;
        }
    }

    /** Rows of then may be among the live rows that are nobody's, and the layout does not read those. */
    static final class NobodysWanted extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient TableName table;

        NobodysWanted(TableName table) {
            super("rows of " + table + " may have lost their owner", null, false, false);
            this.table = table;
        }

        TableName table() {
            return table;
        }
    }

    /**
     * Merges those tables in that order, reading the archive once for every run of tables that the archive has in the
     * same order. All live rows are read before the first difference is told, so that what is written meanwhile is not
     * taken for them.
     *
     * @return a tally for every table, in the same order
     */
    public List<TableTally> run(List<TableLayout> tables, MergeSink sink) {
        List<TableTally> tallies = new ArrayList<>();
        try (LiveReader live = LiveReader.ofAll(connection, liveRows, sorters, tables)) {
            for (List<TableLayout> stage : stages(tables)) {
                runStage(stage, sink, tallies, live);
            }
        }
        return tallies;
    }

    private static List<List<TableLayout>> stages(List<TableLayout> tables) {
        List<List<TableLayout>> stages = new ArrayList<>();
        long lastOid = Long.MAX_VALUE;
        for (TableLayout table : tables) {
            long oid = table.shapes().isEmpty()
                    ? lastOid
                    : Integer.toUnsignedLong(table.shapes().getFirst().oid());
            if (stages.isEmpty() || oid < lastOid) {
                stages.add(new ArrayList<>());
            }
            stages.getLast().add(table);
            lastOid = oid;
        }
        return stages;
    }

    private void runStage(List<TableLayout> stage, MergeSink sink, List<TableTally> tallies, LiveReader live) {
        Set<TableName> asked = names(stage);
        try (RowStream fold = archive.fold(Partition.of(request.tenant()), request.position(), asked::contains)) {
            Folded folded = new Folded(fold);
            for (TableLayout table : stage) {
                tallies.add(mergeTable(table, folded, live.next(table), sink));
            }
            if (folded.row != null) {
                throw new UnknownShape(folded.row.table());
            }
        }
    }

    /**
     * Merges those tables in the archive's order; a table's first shape is learnt on the way. A further one ends it with
     * {@link UnknownShape}.
     */
    List<TableTally> explore(
            List<TableLayout> tables, MergeSink sink, BiFunction<TableLayout, TableSchema, TableLayout> learn) {
        List<TableTally> tallies = new ArrayList<>();
        Map<TableName, TableLayout> waiting = new LinkedHashMap<>();
        tables.forEach(table -> waiting.put(table.name(), table));
        Set<TableName> asked = names(tables);
        try (RowStream fold = archive.fold(Partition.of(request.tenant()), request.position(), asked::contains)) {
            Folded folded = new Folded(fold);
            while (folded.row != null) {
                TableSchema schema = folded.row.table();
                TableLayout table = waiting.remove(schema.name());
                if (table == null) {
                    throw new UnknownShape(schema); // two tables of one name: dropped and created again
                }
                TableLayout known = table.shapes().isEmpty() ? learn.apply(table, schema) : table;
                tallies.add(exploreTable(known, folded, sink));
            }
            for (TableLayout table : waiting.values()) {
                tallies.add(exploreTable(table, folded, sink));
            }
        }
        return tallies;
    }

    private static Set<TableName> names(List<TableLayout> tables) {
        return tables.stream().map(TableLayout::name).collect(Collectors.toSet());
    }

    private TableTally exploreTable(TableLayout table, Folded folded, MergeSink sink) {
        try (LiveReader live = LiveReader.ofAll(connection, liveRows, sorters, List.of(table))) {
            return mergeTable(table, folded, live.next(table), sink);
        }
    }

    private TableTally mergeTable(TableLayout table, Folded folded, LiveReader.OfTable live, MergeSink sink) {
        TableTally tally = new TableTally(table, request.policy());
        sink.beginTable(table);
        if (table.hasKey() || table.shapes().isEmpty()) {
            new TablePass(table, tally, sink).merge(folded, live);
        } else {
            try (RowSorter sorter = sorters.get()) {
                sortWholeRows(table, folded, sorter);
                try (RowStream sorted = sorter.sorted()) {
                    new TablePass(table, tally, sink).merge(new Folded(sorted), live);
                }
            }
        }
        sink.endTable(table, tally);
        return tally;
    }

    /** Rows of a table without a key are told apart by all of their values, equal ones by their number. */
    private static void sortWholeRows(TableLayout table, Folded folded, RowSorter sorter) {
        int oid = table.shapes().getFirst().oid();
        FoldedRow row = folded.row;
        while (row != null && row.table().oid() == oid) {
            RowShape shape = shapeOf(table, row.table());
            sorter.add(new FoldedRow(row.table(), table.wholeRow(row.tuple(), shape.compared()), row.tuple()));
            row = folded.advance();
        }
    }

    private static RowShape shapeOf(TableLayout table, TableSchema schema) {
        return table.shape(schema).orElseThrow(() -> new UnknownShape(schema));
    }

    /** The archive's rows with the next one in sight. */
    private static final class Folded {
        private final RowStream rows;
        private @Nullable FoldedRow row;

        Folded(RowStream rows) {
            this.rows = rows;
            advance();
        }

        @Nullable
        FoldedRow advance() {
            row = rows.hasNext() ? rows.next() : null;
            return row;
        }
    }

    /** One walk along a table's two sorted streams. */
    private static final class TablePass {
        private final TableLayout table;
        private final TableTally tally;
        private final MergeSink sink;
        private @Nullable TableSchema lastSchema;
        private @Nullable RowShape lastShape;

        TablePass(TableLayout table, TableTally tally, MergeSink sink) {
            this.table = table;
            this.tally = tally;
            this.sink = sink;
        }

        void merge(Folded folded, LiveReader.OfTable live) {
            FoldedRow then = ofThisTable(folded.row);
            FoldedRow now = live.row();
            while (then != null || now != null) {
                int order = order(then, now);
                if (then != null && order <= 0) {
                    RowShape shape = shape(then.table());
                    noteNobodys(shape, then);
                    if (order == 0 && now != null) {
                        pair(shape, then.tuple(), now.tuple());
                    } else {
                        tally.missing(shape, then.tuple());
                        sink.missing(table, shape, then.tuple());
                    }
                    then = ofThisTable(folded.advance());
                } else if (now != null && !isNobodys(now.tuple())) {
                    tally.surplus(now.tuple());
                    sink.surplus(table, now.tuple());
                }
                if (order >= 0) {
                    now = live.advance();
                }
            }
        }

        private @Nullable FoldedRow ofThisTable(@Nullable FoldedRow row) {
            boolean mine = row != null
                    && !table.shapes().isEmpty()
                    && row.table().oid() == table.shapes().getFirst().oid();
            return mine ? row : null;
        }

        private static int order(@Nullable FoldedRow then, @Nullable FoldedRow now) {
            if (then == null) {
                return 1;
            }
            return now == null ? -1 : then.key().compareTo(now.key());
        }

        private boolean isNobodys(Tuple live) {
            return table.readsNobodys() && table.isNobodys(live);
        }

        private void noteNobodys(RowShape shape, FoldedRow then) {
            if (table.mayBeNobodys() && table.isNobodys(shape, then.tuple())) {
                if (!table.readsNobodys()) {
                    throw new NobodysWanted(table.name());
                }
                tally.nobodys(then.key());
            }
        }

        private void pair(RowShape shape, Tuple then, Tuple live) {
            if (isSame(shape, then, live)) {
                tally.right(shape, then);
            } else if (isNobodys(live)) {
                tally.missing(shape, then);
                sink.ownerless(table, shape, then, live);
            } else {
                tally.different(shape, then, live);
                sink.different(table, shape, then, live);
            }
        }

        private static boolean isSame(RowShape shape, Tuple then, Tuple live) {
            for (int i = 0; i < shape.source().length; i++) {
                if (!TupleColumns.isSame(then, shape.source()[i], live, shape.live()[i])) {
                    return false;
                }
            }
            return true;
        }

        private RowShape shape(TableSchema schema) {
            RowShape shape = lastShape;
            if (shape == null || !schema.equals(lastSchema)) {
                shape = shapeOf(table, schema);
                lastShape = shape;
                lastSchema = schema;
            }
            return shape;
        }
    }
}
