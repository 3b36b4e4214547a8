package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Equality;
import dev.reinstate.postgres.catalogue.Table;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Keys as a relation {@code wanted} in a query that takes no parameters, as COPY does not. */
final class Wanted {
    private Wanted() {}

    /** The keys in those columns' types, named {@code v0}, {@code v1} and so on, and their number {@code n} from 1. */
    static String relation(Table table, List<String> columns, List<Tuple> keys) {
        return relation(columns, column -> typeOf(table, column), keys);
    }

    /** The keys as texts. */
    static String texts(List<String> columns, List<Tuple> keys) {
        return relation(columns, column -> "text", keys);
    }

    private static String relation(List<String> columns, UnaryOperator<String> types, List<Tuple> keys) {
        String casts = numbered(columns, i -> Sql.fromText("t" + i, types.apply(columns.get(i))) + " AS v" + i);
        String arrays = numbered(columns, i -> array(keys, i));
        return "(SELECT " + casts + ", n FROM unnest(" + arrays + ") WITH ORDINALITY AS texts("
                + numbered(columns, i -> "t" + i) + ", n)) AS wanted";
    }

    private static String numbered(List<String> columns, IntFunction<String> each) {
        return IntStream.range(0, columns.size()).mapToObj(each).collect(Collectors.joining(", "));
    }

    private static String array(List<Tuple> keys, int column) {
        return keys.stream()
                .map(key -> Sql.literal(key.text(column).orElseThrow()))
                .collect(Collectors.joining(",", "ARRAY[", "]::text[]"));
    }

    private static String typeOf(Table table, String column) {
        return table.column(column)
                .map(found -> found.column().typeName())
                .orElseThrow(() -> new IllegalStateException(table.name() + " has no column " + column));
    }

    /** That the texts of a row of the table under that alias are the key's. */
    static String matchTexts(Table table, String alias, List<String> columns) {
        return each(
                columns,
                (column, i) -> table.equality(column).text(alias + "." + Sql.identifier(column)) + " = wanted.v" + i);
    }

    /** That a row of the table under that alias has the key, by the server's opinion: no other row can have it. */
    static String match(Table table, String alias, List<String> columns) {
        return each(
                columns,
                (column, i) -> table.equality(column).of(alias + "." + Sql.identifier(column), "wanted.v" + i));
    }

    /** The same, and that the key is written the same. */
    static String matchExactly(Table table, String alias, List<String> columns) {
        return each(columns, (column, i) -> {
            Equality equality = table.equality(column);
            return equality.exactly(alias + "." + Sql.identifier(column), equality, "wanted.v" + i);
        });
    }

    private interface Condition {
        String of(String column, int number);
    }

    private static String each(List<String> columns, Condition condition) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> condition.of(columns.get(i), i))
                .collect(Collectors.joining(" AND "));
    }
}
