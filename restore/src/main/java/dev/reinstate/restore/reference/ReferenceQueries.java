package dev.reinstate.restore.reference;

import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Looks up many values at once, by index, in the running transaction. */
public final class ReferenceQueries {
    private final Connection connection;

    public ReferenceQueries(Connection connection) {
        this.connection = connection;
    }

    /** How many of those values a table has rows for in those columns. */
    public long countPresent(Table table, List<String> columns, List<Tuple> values) {
        return count(
                """
                SELECT count(*) FROM %s AS wanted
                WHERE EXISTS (SELECT FROM %s AS present WHERE %s)
                """.formatted(wanted(table, columns), Sql.table(table.name()), match(table, "present", columns)),
                columns.size(),
                values,
                true);
    }

    /** How many of those values a table has no row for in those columns. */
    public long countAbsent(Table table, List<String> columns, List<Tuple> values) {
        return values.size() - countPresent(table, columns, values);
    }

    /** Those of the values that a table has no row for in those columns. */
    public List<Tuple> absent(Table table, List<String> columns, List<Tuple> values) {
        String sql = """
                SELECT wanted.n FROM %s AS wanted
                WHERE NOT EXISTS (SELECT FROM %s AS present WHERE %s)
                """.formatted(numbered(table, columns), Sql.table(table.name()), match(table, "present", columns));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            setValues(statement, 0, columns.size(), values);
            return ByIndex.call(connection, () -> chosen(statement, values));
        } catch (SQLException e) {
            throw PostgresFailure.of("Looking up references", e);
        }
    }

    private static List<Tuple> chosen(PreparedStatement statement, List<Tuple> values) {
        List<Tuple> chosen = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                chosen.add(values.get(result.getInt(1) - 1));
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Looking up references", e);
        }
        return chosen;
    }

    /** Takes the places of two values in their lists. */
    public interface Pair {
        void accept(int left, int right);
    }

    /** Which values of one list are, as values of a table's columns, equal to which of another, by the server's opinion. */
    public void equal(Table table, List<String> columns, List<Tuple> left, List<Tuple> right, Pair pairs) {
        String equal = IntStream.range(0, columns.size())
                .mapToObj(i -> table.equality(columns.get(i)).of("one.v" + i, "other.v" + i))
                .collect(Collectors.joining(" AND "));
        String sql = "SELECT one.n, other.n FROM %s AS one JOIN %s AS other ON %s"
                .formatted(numbered(table, columns), numbered(table, columns), equal);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            setValues(statement, 0, columns.size(), left);
            setValues(statement, columns.size(), columns.size(), right);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    pairs.accept(result.getInt(1) - 1, result.getInt(2) - 1);
                }
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Comparing references", e);
        }
    }

    /** Whether the columns of that foreign key have to be NULL together. */
    public boolean isMatchFull(TableName table, String foreignKey) {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT coalesce(bool_or(confmatchtype = 'f'), false) FROM pg_constraint"
                        + " WHERE conrelid = ?::regclass AND contype = 'f' AND conname = ?")) {
            statement.setString(1, Sql.table(table));
            statement.setString(2, foreignKey);
            return first(statement, result -> result.getBoolean(1));
        } catch (SQLException e) {
            throw PostgresFailure.of("Reading foreign key " + foreignKey + " of " + table, e);
        }
    }

    /** How many of those values a table has rows for that this very transaction wrote. */
    public long countOwn(Table table, List<String> columns, List<Tuple> values) {
        return count(
                """
                SELECT count(*) FROM %s AS wanted JOIN %s AS present ON %s
                WHERE present.xmin = pg_current_xact_id()::xid
                """.formatted(wanted(table, columns), Sql.table(table.name()), match(table, "present", columns)),
                columns.size(),
                values,
                true);
    }

    /**
     * How many of those values a table has rows for, which are kept from being deleted, or their keys changed, until the
     * transaction ends.
     */
    public long lockPresent(Table table, List<String> columns, List<Tuple> values) {
        return count(
                """
                WITH locked AS (
                    SELECT FROM %s AS wanted JOIN %s AS present ON %s
                    FOR KEY SHARE OF present)
                SELECT count(*) FROM locked
                """.formatted(wanted(table, columns), Sql.table(table.name()), match(table, "present", columns)),
                columns.size(),
                values,
                true);
    }

    /** How many rows of {@code from} hold one of those values although the table they refer to no longer has it. */
    public long countDangling(Table from, List<String> columns, Table to, List<String> referenced, List<Tuple> values) {
        String toItself = IntStream.range(0, columns.size())
                .mapToObj(i -> to.equality(referenced.get(i))
                        .of(
                                "target." + Sql.identifier(referenced.get(i)),
                                "referrer." + Sql.identifier(columns.get(i))))
                .collect(Collectors.joining(" AND "));
        return count(
                """
                SELECT count(*) FROM %s AS wanted JOIN %s AS referrer ON %s
                WHERE NOT EXISTS (SELECT FROM %s AS target WHERE %s)
                """.formatted(
                                wanted(from, columns),
                                Sql.table(from.name()),
                                match(from, "referrer", columns),
                                Sql.table(to.name()),
                                toItself),
                columns.size(),
                values,
                false);
    }

    /** How many rows of {@code from} hold one of those values and are not excepted by a condition on {@code referrer}. */
    public long countReferring(Table from, List<String> columns, List<Tuple> values, String except) {
        return count(
                """
                SELECT count(*) FROM %s AS wanted JOIN %s AS referrer ON %s
                WHERE (%s) IS NOT TRUE
                """.formatted(wanted(from, columns), Sql.table(from.name()), match(from, "referrer", columns), except),
                columns.size(),
                values,
                false);
    }

    /** Whether this role may lock rows of the table against deletion. */
    public boolean mayLock(TableName table) {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT has_any_column_privilege(?::regclass, 'UPDATE') OR has_table_privilege(?::regclass, 'DELETE')")) {
            statement.setString(1, Sql.table(table));
            statement.setString(2, Sql.table(table));
            return first(statement, result -> result.getBoolean(1));
        } catch (SQLException e) {
            throw PostgresFailure.of("Asking for the right to lock rows of " + table, e);
        }
    }

    /** The values as a relation of those columns' types, their columns named {@code v0}, {@code v1} and so on. */
    private static String wanted(Table table, List<String> columns) {
        return values(table, columns, "", "", "");
    }

    /** The same with a column {@code n} that numbers them from 1. */
    private static String numbered(Table table, List<String> columns) {
        return values(table, columns, ", n", " WITH ORDINALITY", ", n");
    }

    private static String values(Table table, List<String> columns, String select, String option, String alias) {
        String casts = IntStream.range(0, columns.size())
                .mapToObj(i -> Sql.fromText("t" + i, typeOf(table, columns.get(i))) + " AS v" + i)
                .collect(Collectors.joining(", "));
        String names = IntStream.range(0, columns.size()).mapToObj(i -> "t" + i).collect(Collectors.joining(", "));
        String parameters = columns.stream().map(column -> "?::text[]").collect(Collectors.joining(", "));
        return "(SELECT " + casts + select + " FROM unnest(" + parameters + ")" + option + " AS texts(" + names + alias
                + "))";
    }

    private static String typeOf(Table table, String column) {
        return table.column(column)
                .map(found -> found.column().typeName())
                .orElseThrow(() -> new IllegalStateException(table.name() + " has no column " + column));
    }

    private static String match(Table table, String alias, List<String> columns) {
        return IntStream.range(0, columns.size())
                .mapToObj(i ->
                        table.equality(columns.get(i)).of(alias + "." + Sql.identifier(columns.get(i)), "wanted.v" + i))
                .collect(Collectors.joining(" AND "));
    }

    private long count(String sql, int columnCount, List<Tuple> values, boolean byIndex) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            setValues(statement, 0, columnCount, values);
            return byIndex ? ByIndex.call(connection, () -> firstNumber(statement)) : firstNumber(statement);
        } catch (SQLException e) {
            throw PostgresFailure.of("Looking up references", e);
        }
    }

    private void setValues(PreparedStatement statement, int before, int columnCount, List<Tuple> values)
            throws SQLException {
        for (int column = 0; column < columnCount; column++) {
            int at = column;
            String[] texts =
                    values.stream().map(value -> value.text(at).orElseThrow()).toArray(String[]::new);
            statement.setArray(before + column + 1, connection.createArrayOf("text", texts));
        }
    }

    private static long firstNumber(PreparedStatement statement) {
        try {
            return first(statement, result -> result.getLong(1));
        } catch (SQLException e) {
            throw PostgresFailure.of("Looking up references", e);
        }
    }

    private interface ResultReader<T> {
        T read(ResultSet result) throws SQLException;
    }

    private static <T> T first(PreparedStatement statement, ResultReader<T> reader) throws SQLException {
        try (ResultSet result = statement.executeQuery()) {
            result.next();
            return reader.read(result);
        }
    }
}
