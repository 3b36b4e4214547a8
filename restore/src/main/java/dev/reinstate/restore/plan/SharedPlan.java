package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.restore.reference.DistinctValues;
import dev.reinstate.restore.reference.ReferenceQueries;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Plans how shared rows that were found come back, and looks for what is in their way. Not thread-safe. */
final class SharedPlan {
    /** Shared rows are only inserted; modes differ in what they can update. */
    private static final WriteMode ANY_MODE = WriteMode.REPLICA_ROLE;

    private final Connection connection;
    private final TargetTables target;
    private final RestoreRequest request;
    private final ThenRows then;
    private final Supplier<RowSorter> sorters;
    private final List<Problem> problems = new ArrayList<>();
    private final List<SchemaEffect> effects = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /** @param then which has not read anything yet: what changes of the schema mean is counted of these rows alone */
    SharedPlan(
            Connection connection,
            TargetTables target,
            RestoreRequest request,
            ThenRows then,
            Supplier<RowSorter> sorters) {
        this.connection = connection;
        this.target = target;
        this.request = request;
        this.then = then;
        this.sorters = sorters;
    }

    List<Problem> problems() {
        return problems;
    }

    List<SchemaEffect> effects() {
        return effects;
    }

    List<String> notes() {
        return notes;
    }

    /** One table while its rows are read. */
    private final class OneTable implements AutoCloseable {
        private final TableLayout layout;
        private final TableTally tally;
        private final ColumnChecks columns;
        private final ConstraintChecks constraints;
        private final DistinctValues keys;

        OneTable(TableLayout layout) {
            this.layout = layout;
            this.tally = new TableTally(layout, request.policy());
            this.columns = new ColumnChecks(layout, target.checkedTypes(), then, ANY_MODE);
            this.constraints = new ConstraintChecks(
                    layout,
                    target.generated(layout.name()),
                    target.constraints(layout.name()),
                    "true", // all that lives stays
                    connection,
                    sorters);
            this.keys = new DistinctValues(
                    PlanChecks.spoolDirectory(), layout.keyColumns().size());
        }

        void add(FoldedRow row) {
            RowShape shape = layout.shape(row.table()).orElseThrow();
            tally.missing(shape, row.tuple());
            if (columns.insert(shape.inserted(), shape.toInsert(row.tuple()))) {
                constraints.insert(shape.inserted(), shape.toInsert(row.tuple()));
                if (layout.goneKeyColumns().isEmpty()) {
                    keys.add(
                            row.tuple(),
                            layout.keyColumns().stream().map(shape::sourceOf).toList());
                }
            }
        }

        void report() {
            columns.report(problems, effects);
            constraints.report(problems, notes);
            TableName name = layout.name();
            if (!layout.goneKeyColumns().isEmpty()) {
                conflict(
                        name,
                        tally.rowsToWrite(),
                        "its key was " + layout.keyColumns() + ", of which the table no" + " longer has "
                                + layout.goneKeyColumns());
            }
            long[] taken = new long[1];
            keys.forEachBatch(batch -> taken[0] +=
                    new ReferenceQueries(connection).countPresent(layout.table(), layout.keyColumns(), batch));
            if (taken[0] > 0) {
                conflict(name, taken[0], taken[0] + " keys of shared rows to bring back are held by other rows now");
            }
            if (!layout.table().alwaysTriggers().isEmpty()) {
                notes.add(name + ": triggers " + layout.table().alwaysTriggers()
                        + " are ENABLE ALWAYS and will fire for restored rows");
            }
        }

        @Override
        public void close() {
            constraints.close();
            keys.close();
        }
    }

    private void conflict(TableName table, long rows, String what) {
        problems.add(new Problem(
                FailureKind.CONFLICT,
                table,
                rows,
                table + ": " + what,
                "see to those rows, or decide otherwise with --references"));
    }

    /** The plan of the rows that were found. */
    SharedRows of(SharedSearch search) {
        Map<TableName, OneTable> tables = new LinkedHashMap<>();
        try {
            for (TableName name : target.referencedFirst(search.shapes().keySet())) {
                layout(target.table(name), search.shapes().getOrDefault(name, Set.of()))
                        .ifPresent(layout -> tables.put(name, new OneTable(layout)));
            }
            SharedRows found = new SharedRows(search.rows(), List.of(), List.of());
            try (RowStream rows = then.fold(Partition.SHARED, tables::containsKey, found::has)) {
                while (rows.hasNext()) {
                    FoldedRow row = rows.next();
                    Optional.ofNullable(tables.get(row.table().name())).ifPresent(table -> table.add(row));
                }
            }
            tables.values().forEach(OneTable::report);
            effects.addAll(then.effects());
            return new SharedRows(
                    search.rows(),
                    tables.values().stream().map(table -> table.tally).toList(),
                    tables.values().stream()
                            .map(table -> table.layout.converting(then.changed(table.layout.shapes())))
                            .toList());
        } finally {
            tables.values().forEach(OneTable::close);
        }
    }

    private Optional<TableLayout> layout(Table table, Set<TableSchema> shapes) {
        List<TableSchema> all = List.copyOf(shapes);
        if (all.stream().map(TableSchema::oid).distinct().count() > 1) {
            conflict(
                    table.name(),
                    0,
                    "the table was dropped and created again, and the archive has rows of then in both; which of them"
                            + " were there then is not known");
            return Optional.empty();
        }
        TableLayout.Owning owning = new TableLayout.Owning(target.rule(table.name()), true, false, Set.of());
        return Optional.of(
                new TableLayout(table, all, request, owning, target.choices().defaults(table.name()))
                        .converting(then.reordering(all)));
    }
}
