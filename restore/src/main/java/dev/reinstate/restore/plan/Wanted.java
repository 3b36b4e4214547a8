package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Sql;
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
        String casts = numbered(columns, i -> "t" + i + "::" + types.apply(columns.get(i)) + " AS v" + i);
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

    /** That the texts of a row under that alias are the key's. */
    static String matchTexts(String alias, List<String> columns) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> alias + "." + Sql.identifier(columns.get(i)) + "::text = wanted.v" + i)
                .collect(Collectors.joining(" AND "));
    }

    /** That a row under that alias has the key. */
    static String match(String alias, List<String> columns) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> alias + "." + Sql.identifier(columns.get(i)) + " = wanted.v" + i)
                .collect(Collectors.joining(" AND "));
    }
}
