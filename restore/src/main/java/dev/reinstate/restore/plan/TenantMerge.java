package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.content.TupleColumns;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
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
    private final ThenRows archived;
    private final LiveReader.Source live;
    private final RestoreRequest request;
    private final OrphanKeys orphans;
    private final List<TableLayout> trees = new ArrayList<>();
    private final Set<TableLayout> lookedAhead = new HashSet<>();

    /** @param orphans filled by one merge */
    public TenantMerge(
            ThenRows archived,
            Supplier<RowSorter> sorters,
            Connection connection,
            LiveRows liveRows,
            RestoreRequest request,
            OrphanKeys orphans) {
        this.archived = archived;
        this.live = new LiveReader.Source(connection, liveRows, sorters);
        this.request = request;
        this.orphans = orphans;
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

    /**
     * Merges those tables in that order, reading the archive once for every run of tables that the archive has in the
     * same order. All live rows are read before the first difference is told, so that what is written meanwhile is not
     * taken for them; where rows are looked for among those of nobody, live rows are read table by table, parents first,
     * and nothing may be written meanwhile.
     *
     * @return a tally for every table, in the same order
     */
    public List<TableTally> run(List<TableLayout> tables, MergeSink sink) {
        trees.addAll(
                tables.stream().filter(table -> orphans.isTree(table.name())).toList());
        List<TableTally> tallies = new ArrayList<>();
        if (tables.stream().anyMatch(table -> table.lookup() != KeyLookup.Extent.NONE)) {
            for (List<TableLayout> stage : stages(tables)) {
                runStage(stage, tallies, (table, folded) -> mergeAsRead(table, folded, sink));
            }
            return tallies;
        }
        try (LiveReader all = LiveReader.ofAll(live, tables)) {
            for (List<TableLayout> stage : stages(tables)) {
                runStage(stage, tallies, (table, folded) -> mergeTable(table, folded, all.next(table), sink));
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

    private void runStage(
            List<TableLayout> stage, List<TableTally> tallies, BiFunction<TableLayout, Folded, TableTally> merge) {
        Set<TableName> asked = names(stage);
        try (RowStream fold = archived.fold(asked::contains)) {
            Folded folded = new Folded(fold);
            for (TableLayout table : stage) {
                tallies.add(merge.apply(table, folded));
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
        try (RowStream fold = archived.fold(asked::contains)) {
            Folded folded = new Folded(fold);
            while (folded.row != null) {
                TableSchema schema = folded.row.table();
                TableLayout table = waiting.remove(schema.name());
                if (table == null) {
                    throw new UnknownShape(schema); // two tables of one name: dropped and created again
                }
                TableLayout known = table.shapes().isEmpty() ? learn.apply(table, schema) : table;
                tallies.add(mergeAsRead(known, folded, sink));
            }
            for (TableLayout table : waiting.values()) {
                tallies.add(mergeAsRead(table, folded, sink));
            }
        }
        return tallies;
    }

    private static Set<TableName> names(List<TableLayout> tables) {
        return tables.stream().map(TableLayout::name).collect(Collectors.toSet());
    }

    private TableTally mergeAsRead(TableLayout table, Folded folded, MergeSink sink) {
        if (orphans.isTree(table.name())) {
            lookAheadFrom(table);
        }
        try (LiveReader rows = LiveReader.of(live, table, orphans)) {
            return mergeTable(table, folded, rows.next(table), sink);
        }
    }

    /** Parts of one table are looked at together, before the first is merged: rows of one hang below those of another. */
    private void lookAheadFrom(TableLayout table) {
        List<TableLayout> parts = trees.stream()
                .filter(tree -> orphans.areParts(tree.name(), table.name()))
                .toList();
        if (parts.size() < 2) {
            lookAhead(table);
        } else {
            trees.removeAll(parts);
            parts.forEach(this::lookAhead);
            // then what names rows of any part that come back
            parts.forEach(part -> LiveReader.of(live, part, orphans).close());
            lookedAhead.addAll(parts);
        }
    }

    /** Notes which rows of a tree come back or are linked again: live rows of it hang below them. */
    private void lookAhead(TableLayout table) {
        if (lookedAhead.contains(table)) {
            return;
        }
        try (RowStream fold = archived.again().fold(table.name()::equals);
                LiveReader rows = LiveReader.of(live, table, orphans)) {
            mergeTable(table, new Folded(fold), rows.next(table), MergeSink.NOTHING);
        }
    }

    private TableTally mergeTable(TableLayout table, Folded folded, LiveReader.OfTable rows, MergeSink sink) {
        TableTally tally = new TableTally(table, request.policy());
        sink.beginTable(table);
        if (table.shapes().isEmpty() || !table.mustSort()) {
            merge(table, tally, sink, folded, rows);
        } else {
            try (RowSorter sorter = live.sorters().get()) {
                sortRows(table, folded, sorter);
                try (RowStream sorted = sorter.sorted()) {
                    merge(table, tally, sink, new Folded(sorted), rows);
                }
            }
        }
        orphans.merged(table);
        sink.endTable(table, tally);
        return tally;
    }

    private void merge(TableLayout table, TableTally tally, MergeSink sink, Folded folded, LiveReader.OfTable rows) {
        try (TablePass pass = new TablePass(table, tally, sink)) {
            pass.merge(folded, rows);
        }
    }

    /** By keys as they are now; without a key, rows are told apart by all of their values, equal ones by their number. */
    private static void sortRows(TableLayout table, Folded folded, RowSorter sorter) {
        int oid = table.shapes().getFirst().oid();
        FoldedRow row = folded.row;
        while (row != null && row.table().oid() == oid) {
            RowShape shape = shapeOf(table, row.table());
            sorter.add(new FoldedRow(row.table(), table.keyOf(shape, row.tuple()), row.tuple()));
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
            row = null; // rows may be large: not two of them at once
            row = rows.hasNext() ? rows.next() : null;
            return row;
        }
    }

    /** One walk along a table's two sorted streams. */
    private final class TablePass implements RowLookup.Outcome, AutoCloseable {
        private final TableLayout table;
        private final TableTally tally;
        private final MergeSink sink;
        private final RowLookup lookup;
        private final boolean belowUnreached;
        private @Nullable TableSchema lastSchema;
        private @Nullable RowShape lastShape;

        TablePass(TableLayout table, TableTally tally, MergeSink sink) {
            this.table = table;
            this.tally = tally;
            this.sink = sink;
            this.lookup = table.hasClearedRows()
                    ? new CutOffRows(table, archived, live, this)
                    : new KeyLookup(table, live.connection(), live.liveRows(), this);
            this.belowUnreached = orphans.mayHangBelowUnreached(table.name());
        }

        void merge(Folded folded, LiveReader.OfTable rows) {
            while (true) {
                FoldedRow then = ofThisTable(folded.row);
                FoldedRow now = rows.row();
                if (then == null && now == null) {
                    break;
                }
                int order = order(then, now);
                if (order >= 0 && now != null && LiveReader.isBelow(table, now)) {
                    tally.below();
                }
                compare(order, then, now);
                then = null; // not kept while the next are read: rows may be large
                now = null;
                if (order <= 0) {
                    folded.advance();
                }
                if (order >= 0) {
                    rows.advance();
                }
            }
            lookup.finish();
            tally.lookedUp(lookup);
        }

        private void compare(int order, @Nullable FoldedRow then, @Nullable FoldedRow now) {
            if (then != null && order <= 0) {
                RowShape shape = shape(then.table());
                if (order < 0 && archived.isRefused(table, shape, then.tuple())) {
                    tally.missing(shape, then.tuple());
                    sink.missing(table, shape.inserted(), shape.toInsert(then.tuple()));
                    return;
                }
                noteUnreached(shape, then.tuple());
                if (order == 0 && now != null) {
                    pair(shape, then.tuple(), now);
                } else {
                    lookup.add(shape, then);
                }
            } else if (now != null) {
                tally.surplus(now.tuple());
                sink.surplus(table, now.tuple());
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

        private void noteUnreached(RowShape shape, Tuple then) {
            if (table.canBeLookedUp() && (belowUnreached || table.mayHaveBeenCutOff(shape, then))) {
                orphans.notReached(table, shape, then);
                tally.unreached();
            }
        }

        private void pair(RowShape shape, Tuple then, FoldedRow now) {
            if (LiveReader.isBelow(table, now)) {
                linkAgain(shape, then, now.tuple());
            } else if (isSame(shape, then, now.tuple())) {
                tally.right(shape, then, now.tuple());
            } else {
                tally.different(shape, then, now.tuple());
                sink.different(table, shape, then, now.tuple());
            }
        }

        @Override
        public void close() {
            lookup.close();
        }

        @Override
        public void missing(RowShape shape, Tuple then) {
            orphans.returns(table, shape, then);
            tally.missing(shape, then);
            sink.missing(table, shape.inserted(), shape.toInsert(then));
        }

        @Override
        public void orphan(RowShape shape, Tuple then, Tuple now, boolean cutOff) {
            if (cutOff && !table.isCutOff(shape, then)) {
                orphans.linkAgain(table, now);
            }
            linkAgain(shape, then, now);
        }

        private void linkAgain(RowShape shape, Tuple then, Tuple now) {
            if (isSame(shape, then, now)) {
                tally.right(shape, then, now);
            } else {
                tally.relinked(shape, then, now);
                sink.relinked(table, shape, then, now);
            }
        }

        private boolean isSame(RowShape shape, Tuple then, Tuple live) {
            for (int i = 0; i < shape.source().length; i++) {
                if (!TupleColumns.isSame(then, shape.source()[i], live, shape.live()[i])) {
                    return false;
                }
            }
            return !archived.differElsewhere(table, shape, then, live).findAny().isPresent();
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
