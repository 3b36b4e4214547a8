package dev.reinstate.restore.plan;

import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.OnDelete;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks, while a tenant is merged for a plan, for whatever is in the way of writing its rows. */
final class PlanChecks implements MergeSink, AutoCloseable {
    private final Connection connection;
    private final WriteMode mode;
    private final Supplier<RowSorter> sorters;
    private final TargetTables target;
    private final RestoreRequest request;
    private final ThenRows thenRows;
    private final ReferenceChecks references;
    private final List<Problem> problems = new ArrayList<>();
    private final List<SchemaEffect> effects = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private @Nullable Open open;

    /** What is found out about the table at hand. */
    private record Open(ColumnChecks columns, ConstraintChecks constraints) {}

    PlanChecks(
            Connection connection,
            TargetTables target,
            RestoreRequest request,
            Supplier<RowSorter> sorters,
            ThenRows then,
            WriteMode mode,
            ReferenceChecks references) {
        this.connection = connection;
        this.mode = mode;
        this.sorters = sorters;
        this.thenRows = then;
        this.target = target;
        this.request = request;
        this.references = references;
    }

    ReferenceChecks references() {
        return references;
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

    @Override
    public void beginTable(TableLayout table) {
        open = new Open(
                new ColumnChecks(table, target.checkedTypes(), thenRows, mode),
                new ConstraintChecks(
                        table,
                        target.generated(table.name()),
                        ConstraintChecks.breakable(target, table, request),
                        ConstraintChecks.standing(target, table, request),
                        connection,
                        sorters));
        references.beginTable(table);
    }

    @Override
    public void missing(TableLayout table, RowShape shape, Tuple then) {
        if (open != null && open.columns().insert(shape, then)) {
            open.constraints().insert(shape, then);
            references.written(shape, then);
        }
    }

    @Override
    public void relinked(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        if (open != null && open.columns().update(shape, then, live)) {
            open.constraints().update(shape, then, live);
            references.written(shape, then);
        }
    }

    @Override
    public void different(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        if (request.policy().changesLiveRows()) {
            relinked(table, shape, then, live);
        } else {
            references.standing(shape, then);
        }
    }

    @Override
    public void surplus(TableLayout table, Tuple live) {
        // counted by the tally; what refers to it is checked when it is deleted
    }

    static Path spoolDirectory() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    @Override
    public void endTable(TableLayout table, TableTally tally) {
        addLookedUp(table, tally);
        addRefusals(tally.toPlan());
        addColumnProblems(table, tally);
    }

    private void addLookedUp(TableLayout table, TableTally tally) {
        long taken = tally.keysTaken();
        if (taken > 0) {
            conflict(
                    table.name(),
                    taken,
                    table.name() + ": " + taken + " keys of missing rows are held by rows that are not this tenant's",
                    "move those rows to other keys, or leave the table out with --leave-out " + table.name());
        }
        if (tally.keysRespelled() > 0) {
            addRespelled(table.name(), tally.keysRespelled());
        }
        if (tally.isPartlyLookedUp()) {
            notes.add(table.name() + ": whether others hold keys of missing rows was looked up for the first "
                    + KeyLookup.MANY + " of them; should a later one be taken, the restore fails and rolls back");
        }
        if (tally.relinked() > 0) {
            notes.add(table.name() + ": rows that outlived what they belonged to and are nobody's now are linked again "
                    + "and put back as they were, under any policy" + withoutKey(table));
        }
    }

    private static String withoutKey(TableLayout table) {
        return table.hasKey()
                ? ""
                : "; without a key they were found by what is in their other columns, as many as the archive does not"
                        + " know to have been nobody's all along";
    }

    /** Where rows may be deleted first and nothing fires for it, those of then simply take their place. */
    private void addRespelled(TableName table, long keys) {
        String what =
                table + ": " + keys + " rows of then have a key that a living row of the tenant has too, equal and"
                        + " written differently (as 1.0 and 1.00)";
        if (!request.policy().changesLiveRows()) {
            problems.add(new Problem(
                    FailureKind.REFUSED, table, keys, what, "--replace writes the row of then in its place"));
        } else if (mode == WriteMode.TRIGGERS_FIRE) {
            conflict(
                    table,
                    keys,
                    what,
                    "restore as a role that may set session_replication_role, or leave the table out with --leave-out "
                            + table);
        } else {
            notes.add(what + "; the row of then takes its place");
        }
    }

    private void addRefusals(TablePlan plan) {
        if (request.policy() == RestorePolicy.INTO_EMPTY && plan.writtenSince() > 0) {
            problems.add(new Problem(
                    FailureKind.REFUSED,
                    plan.table(),
                    plan.writtenSince(),
                    plan.table() + ": " + plan.different() + " live rows are different, " + plan.surplus()
                            + " were not there then",
                    "choose a policy for live rows"));
        }
    }

    private void addColumnProblems(TableLayout table, TableTally tally) {
        if (!table.goneKeyColumns().isEmpty()) {
            conflict(
                    table.name(),
                    tally.rowsToWrite(),
                    table.name() + ": the key was " + table.keyColumns() + ", of which the table no longer has "
                            + table.goneKeyColumns(),
                    "leave the table out with --leave-out " + table.name() + " and export its rows instead");
        }
        if (open != null) {
            open.columns().report(problems, effects);
            open.constraints().report(problems, notes);
            open.constraints().close();
            open = null;
        }
    }

    private void conflict(TableName table, long rows, String message, String next) {
        problems.add(new Problem(FailureKind.CONFLICT, table, rows, message, next));
    }

    /** What can only be said once all tables are merged. */
    void finish(List<TableTally> tallies, SortedMap<TableName, Long> goneTables) {
        problems.addAll(GoneSchemas.of(target, goneTables));
        goneTables.forEach((table, rows) -> conflict(
                table,
                rows,
                table + ": the table is gone, the tenant had " + rows + " rows in it",
                "if it has another name now, --map " + table
                        + "=SCHEMA.NEWNAME; else create it again, or leave it out with" + " --leave-out " + table
                        + " and `reinstate export` its rows"));
        references.report(problems, effects, notes);
        for (TableTally tally : tallies) {
            addNotes(tally);
        }
        if (mode == WriteMode.TRIGGERS_FIRE) {
            notes.add("this role may not set session_replication_role: the tables' triggers will fire, and a trigger "
                    + "that changes a restored row makes the restore fail and roll back");
        }
        List<String> tables = request.leaveOut().stream()
                .filter(name ->
                        effects.stream().noneMatch(effect -> name.equals(effect.table() + "." + effect.column())))
                .sorted()
                .toList();
        if (!tables.isEmpty()) {
            notes.add("left out on request: " + String.join(", ", tables));
        }
    }

    private void addNotes(TableTally tally) {
        Table table = tally.table().table();
        if (tally.rowsToWrite() > 0
                && mode == WriteMode.REPLICA_ROLE
                && !table.alwaysTriggers().isEmpty()) {
            notes.add(table.name() + ": triggers " + table.alwaysTriggers()
                    + " are ENABLE ALWAYS and will fire for restored rows");
        }
        boolean keyless = !tally.table().shapes().isEmpty() && !tally.table().hasKey();
        if (keyless) {
            notes.add(table.name() + ": has no key, so only inserts were captured; rows that were changed or deleted "
                    + "before that moment come back as they were inserted");
        }
        boolean defaults = table.foreignKeys().stream().anyMatch(key -> key.onDelete() == OnDelete.SET_DEFAULT);
        if (keyless && defaults && tally.toPlan().missing() > 0) {
            notes.add(
                    table.name() + ": has no key, and rows that ON DELETE SET DEFAULT gave another reference than NULL"
                            + " cannot be found; those come back a second time");
        }
    }

    @Override
    public void close() {
        if (open != null) {
            open.constraints().close();
        }
        references.close();
    }
}
