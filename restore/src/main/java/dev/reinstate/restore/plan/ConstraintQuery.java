package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A query that counts which of a table's constraints rows would break that are given as texts. */
final class ConstraintQuery {
    private final TableLayout table;
    private final List<Constraint> constraints;
    private final List<TableColumn> columns;
    private final SortedMap<String, String> computed = new TreeMap<>();
    private final String standing;
    private final Map<String, Optional<String>> defaults = new HashMap<>();

    /**
     * @param generated what the server computes columns of; where one is needed, so is whatever the table has
     * @param standing which live rows stay as they are, a condition on the alias {@code live}
     */
    ConstraintQuery(
            TableLayout table, SortedMap<String, String> generated, List<Constraint> constraints, String standing) {
        this.table = table;
        this.constraints = constraints;
        this.standing = standing;
        Set<String> needed = new LinkedHashSet<>(table.keyColumns());
        constraints.forEach(constraint -> needed.addAll(constraint.columns()));
        this.computed.putAll(generated);
        this.computed.keySet().retainAll(needed);
        if (!computed.isEmpty()) {
            table.table().columns().forEach(column -> needed.add(column.name()));
        }
        this.columns = needed.stream()
                .flatMap(name -> table.table().column(name).stream())
                .filter(column -> !column.generated())
                .toList();
    }

    /** How many columns the query takes, an array of texts for each. */
    int columnCount() {
        return columns.size();
    }

    /** A row's values in those columns; what it does not bring is what the live row has, or the column's default. */
    @Nullable
    String[] row(Connection connection, RowShape shape, Tuple row, @Nullable Tuple live) {
        @Nullable String[] values = new String[columns.size()];
        for (int i = 0; i < values.length; i++) {
            TableColumn column = columns.get(i);
            int at = shape.sourceOf(column.name());
            Optional<String> value;
            if (at >= 0) {
                value = row.text(at);
            } else if (live != null) {
                value = live.text(table.liveColumns().indexOf(column.name()));
            } else {
                value = defaults.computeIfAbsent(column.name(), name -> defaultOf(connection, column));
            }
            values[i] = value.orElse(null);
        }
        return values;
    }

    /** A default may call anything, which may fail; then nothing is known of the value. */
    private static Optional<String> defaultOf(Connection connection, TableColumn column) {
        Optional<String> expression =
                column.defaultExpression().filter(text -> !text.contains("nextval(")); // a plan takes no number away
        if (expression.isEmpty()) {
            return Optional.empty();
        }
        String sql = "SELECT CASE WHEN v IS NULL THEN NULL ELSE format('%s', v) END FROM (SELECT (" + expression.get()
                + ")::" + column.column().typeName() + ") AS evaluated(v)";
        try {
            Savepoint before = connection.setSavepoint();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                row.next();
                Optional<String> value = Optional.ofNullable(row.getString(1));
                connection.releaseSavepoint(before);
                return value;
            } catch (SQLException e) {
                connection.rollback(before);
                return Optional.empty();
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Evaluating the default of " + column.name(), e);
        }
    }

    /** One number for each constraint: how many of the rows break it. */
    String sql() {
        String casts = numbered(
                columns.size(),
                i -> Sql.fromText("t" + i, columns.get(i).column().typeName()) + " AS "
                        + Sql.identifier(columns.get(i).name()));
        String arrays = numbered(columns.size(), i -> "?::text[]");
        String names = numbered(columns.size(), i -> "t" + i);
        String compared = IntStream.range(0, constraints.size())
                .boxed()
                .filter(c -> !constraints.get(c).isCheck())
                .flatMap(c -> IntStream.range(0, constraints.get(c).operators().size())
                        .mapToObj(e -> ", (" + constraints.get(c).expressions().get(e) + ") AS " + compared(c, e)))
                .collect(Collectors.joining());
        String generated = computed.entrySet().stream()
                .map(column -> ", " + column.getValue() + " AS " + Sql.identifier(column.getKey()))
                .collect(Collectors.joining());
        return "WITH brought AS MATERIALIZED (SELECT " + casts + " FROM unnest(" + arrays + ") AS texts(" + names
                + ")), given AS MATERIALIZED (SELECT brought.*" + generated
                + " FROM brought), keyed AS MATERIALIZED (SELECT given.*" + compared + " FROM given) SELECT "
                + numbered(constraints.size(), this::count);
    }

    private interface Each {
        String of(int number);
    }

    private static String numbered(int count, Each each) {
        return IntStream.range(0, count).mapToObj(each::of).collect(Collectors.joining(", "));
    }

    private static String compared(int constraint, int expression) {
        return "reinstate_" + constraint + "_" + expression;
    }

    private String count(int number) {
        Constraint constraint = constraints.get(number);
        if (constraint.isCheck()) {
            return "(SELECT count(*) FROM given WHERE ("
                    + constraint.expressions().getFirst() + ") IS FALSE)";
        }
        String about = constraint
                .predicate()
                .map(predicate -> "(" + predicate + ") AND ")
                .orElse("");
        String clashes = IntStream.range(0, constraint.operators().size())
                .mapToObj(e -> clash(constraint, e, "keyed." + compared(number, e)))
                .collect(Collectors.joining(" AND "));
        String itself = table.keyColumns().stream()
                .map(column -> table.table()
                        .equality(column)
                        .of("live." + Sql.identifier(column), "keyed." + Sql.identifier(column)))
                .collect(Collectors.joining(" AND "));
        return "(SELECT count(*) FROM keyed WHERE " + about + "EXISTS (SELECT FROM ONLY "
                + Sql.table(table.name()) + " AS live WHERE " + about + clashes
                + (itself.isEmpty() ? "" : " AND (" + itself + ") IS NOT TRUE") + " AND (" + standing + ")))";
    }

    private static String clash(Constraint constraint, int expression, String value) {
        String own = "(" + constraint.expressions().get(expression) + ")";
        String same = own + " " + constraint.operators().get(expression) + " " + value;
        return constraint.nullsEqual() ? "(" + same + " OR (" + own + " IS NULL AND " + value + " IS NULL))" : same;
    }
}
