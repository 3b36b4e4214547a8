package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.restore.reference.ByIndex;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has the server evaluate a table's constraints on rows to write, a few thousand at a time, before any is written; rows
 * to write that are the same in what must be unique are found by sorting. Not thread-safe.
 */
final class ConstraintChecks implements AutoCloseable {
    private static final int BATCH_ROWS = 2_000;
    private static final int BATCH_BYTES = 4 << 20;

    private static final List<Column> NOTHING = List.of(new Column(0, "nothing", 0, "text"));
    private static final Tuple NULL = new Tuple.Builder(1).addNull().build();

    private final TableLayout table;
    private final List<Constraint> constraints;
    private final ConstraintQuery query;
    private final Connection connection;
    private final Supplier<RowSorter> sorters;
    private @Nullable RowSorter unique;
    private final Map<Constraint, Long> broken = new LinkedHashMap<>();
    private final List<@Nullable String[]> batch = new ArrayList<>();
    private int batchBytes;
    private boolean unanswered;

    /**
     * @param generated what the server computes columns of
     * @param constraints of the table; those that no restore can break are left aside
     * @param standing which live rows stay as they are, a condition on the alias {@code live}
     */
    ConstraintChecks(
            TableLayout table,
            SortedMap<String, String> generated,
            List<Constraint> constraints,
            String standing,
            Connection connection,
            Supplier<RowSorter> sorters) {
        this.table = table;
        this.connection = connection;
        this.sorters = sorters;
        this.constraints = constraints.stream().filter(this::canBeChecked).toList();
        this.query = new ConstraintQuery(table, generated, this.constraints, standing);
    }

    /** The key is looked up elsewhere. */
    private boolean canBeChecked(Constraint constraint) {
        boolean isKey =
                constraint.plain() && new HashSet<>(constraint.columns()).equals(new HashSet<>(table.keyColumns()));
        return !isKey
                && constraint.columns().stream()
                        .allMatch(name -> table.table().column(name).isPresent());
    }

    /** A row that would be inserted. */
    void insert(RowShape shape, Tuple row) {
        add(shape, row, null);
        if (batch.size() >= BATCH_ROWS || batchBytes >= BATCH_BYTES) {
            flush();
        }
    }

    /** A row that would replace a live one; asks nothing, since live rows may just be read. */
    void update(RowShape shape, Tuple row, Tuple live) {
        add(shape, row, live);
    }

    private void add(RowShape shape, Tuple row, @Nullable Tuple live) {
        if (constraints.isEmpty()) {
            return;
        }
        batch.add(query.row(connection, shape, row, live));
        batchBytes += row.encoded().length;
        for (int i = 0; i < constraints.size(); i++) {
            if (constraints.get(i).plain()) {
                addUnique(i, shape, row);
            }
        }
    }

    private void addUnique(int number, RowShape shape, Tuple row) {
        Constraint constraint = constraints.get(number);
        List<Integer> places =
                constraint.columns().stream().map(shape::sourceOf).toList();
        if (places.stream().allMatch(at -> at >= 0 && (constraint.nullsEqual() || !row.isNull(at)))) {
            RowSorter sorter = unique == null ? sorters.get() : unique;
            unique = sorter;
            TableSchema values = new TableSchema(number, table.name(), NOTHING, List.of());
            sorter.add(new FoldedRow(values, RowKey.ofColumns(row, places), NULL));
        }
    }

    private void flush() {
        if (batch.isEmpty() || unanswered) {
            batch.clear();
            return;
        }
        ByIndex.call(connection, this::ask);
        batch.clear();
        batchBytes = 0;
    }

    /** A condition may call anything, which may fail; then it is the restore that finds out. */
    private boolean ask() {
        try {
            Savepoint before = connection.setSavepoint();
            try (PreparedStatement statement = connection.prepareStatement(query.sql())) {
                for (int column = 0; column < query.columnCount(); column++) {
                    int at = column;
                    statement.setArray(
                            column + 1,
                            connection.createArrayOf(
                                    "text", batch.stream().map(row -> row[at]).toArray()));
                }
                count(statement);
                connection.releaseSavepoint(before);
            } catch (SQLException e) {
                if (PostgresFailure.state(e).startsWith("08")
                        || PostgresFailure.state(e).startsWith("57")) {
                    throw e;
                }
                connection.rollback(before);
                unanswered = true;
            }
            return unanswered;
        } catch (SQLException e) {
            throw PostgresFailure.of("Looking for constraints that rows of " + table.name() + " would break", e);
        }
    }

    private void count(PreparedStatement statement) throws SQLException {
        try (ResultSet counts = statement.executeQuery()) {
            counts.next();
            for (int i = 0; i < constraints.size(); i++) {
                long rows = counts.getLong(i + 1);
                if (rows > 0) {
                    broken.merge(constraints.get(i), rows, Long::sum);
                }
            }
        }
    }

    /** Says what was found. */
    void report(List<Problem> problems, List<String> notes) {
        flush();
        if (unanswered) {
            notes.add(table.name() + ": whether its constraints hold for restored rows could not be found out before;"
                    + " should one not, the restore fails and rolls back");
        }
        broken.forEach((constraint, rows) -> problems.add(problem(constraint, rows)));
        if (unique != null) {
            repeated(unique)
                    .forEach((constraint, rows) -> problems.add(conflict(
                            rows,
                            rows + " rows to write have the same " + constraint.columns() + " as others of them, which "
                                    + constraint.name() + " does not allow",
                            "change or drop " + constraint.name())));
        }
    }

    private Problem problem(Constraint constraint, long rows) {
        return constraint.isCheck()
                ? conflict(
                        rows,
                        rows + " rows to write do not fulfil " + constraint.name() + ", CHECK ("
                                + constraint.expressions().getFirst() + ")",
                        "change or drop the constraint")
                : conflict(
                        rows,
                        rows + " rows to write clash with rows that stay, in " + constraint.expressions() + " of "
                                + constraint.name(),
                        "change those rows that have these values now");
    }

    private Problem conflict(long rows, String text, String next) {
        return new Problem(
                FailureKind.CONFLICT,
                table.name(),
                rows,
                table.name() + ": " + text,
                next + ", or leave the table out with --leave-out " + table.name());
    }

    private Map<Constraint, Long> repeated(RowSorter sorter) {
        Map<Constraint, Long> again = new LinkedHashMap<>();
        try (RowStream sorted = sorter.sorted()) {
            RowKey last = RowKey.EMPTY;
            int lastNumber = -1;
            while (sorted.hasNext()) {
                FoldedRow next = sorted.next();
                int number = next.table().oid();
                if (number == lastNumber && next.key().equals(last)) {
                    again.merge(constraints.get(number), 1L, Long::sum);
                }
                last = next.key();
                lastNumber = number;
            }
        }
        return again;
    }

    /** Which live rows a restore leaves as they are: those of others, and its own where it replaces none. */
    static String standing(TargetTables target, TableLayout table, RestoreRequest request) {
        return request.policy().changesLiveRows()
                ? "(" + target.tenancy().condition(table.name(), "live", request.tenant()) + ") IS NOT TRUE"
                : "true";
    }

    /** Constraints that rows of one tenant can break at all, since nobody else's rows have the same owner. */
    static List<Constraint> breakable(TargetTables target, TableLayout table, RestoreRequest request) {
        Set<String> owner = new HashSet<>(target.owningColumns(table.name()));
        return target.constraints(table.name()).stream()
                .filter(constraint -> constraint.isCheck()
                        || !constraint.plain()
                        || request.policy() == RestorePolicy.MISSING_ONLY
                        || !new HashSet<>(constraint.columns()).containsAll(owner))
                .toList();
    }

    @Override
    public void close() {
        if (unique != null) {
            unique.close();
        }
    }
}
