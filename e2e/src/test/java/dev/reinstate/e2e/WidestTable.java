package dev.reinstate.e2e;

import dev.reinstate.model.TableName;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table of as many columns as PostgreSQL allows, of several small types. */
final class WidestTable {
    static final TableName NAME = new TableName("matrix", "widest");

    private static final int COLUMNS = 1600;
    private static final List<String> TYPES = List.of("smallint", "boolean", "date", "\"char\"");

    private WidestTable() {}

    /** All but the key and the tenant. */
    private static IntStream columns() {
        return IntStream.range(0, COLUMNS - 2);
    }

    static String create() {
        return columns()
                .mapToObj(i -> ", c" + i + " " + TYPES.get(i % TYPES.size()))
                .collect(Collectors.joining("", "CREATE TABLE matrix.widest (id int PRIMARY KEY, tenant text", ");"));
    }

    private static String value(int column, int number) {
        int seed = column * 31 + number * 7;
        return switch (column % TYPES.size()) {
            case 0 -> String.valueOf(seed % 32_000);
            case 1 -> String.valueOf(seed % 3 == 0);
            case 2 -> "date '2000-01-01' + " + seed;
            default -> seed % 5 == 0 ? "NULL" : "chr(" + (33 + seed % 90) + ")::\"char\"";
        };
    }

    /** That row of every tenant. */
    static String fill(List<String> tenants, int number) {
        return columns()
                .mapToObj(i -> ", " + value(i, number))
                .collect(Collectors.joining(
                        "",
                        "INSERT INTO matrix.widest SELECT n * 100 + " + number + ", tenant",
                        " FROM unnest('{" + String.join(",", tenants)
                                + "}'::text[]) WITH ORDINALITY AS tenants (tenant, n);\n"));
    }

    /** Changes every third column of that row of every tenant. */
    static String change(int number) {
        return columns()
                .filter(i -> i % 3 == 0)
                .mapToObj(i -> "c" + i + " = " + value(i, number + 1000))
                .collect(Collectors.joining(", ", "UPDATE matrix.widest SET ", " WHERE id % 100 = " + number + ";"));
    }

    static String damage() {
        return "DELETE FROM matrix.widest WHERE tenant = 'deleted';"
                + columns()
                        .mapToObj(i -> "c" + i + " = NULL")
                        .collect(Collectors.joining(
                                ", ", "UPDATE matrix.widest SET ", " WHERE tenant = 'nulled' AND id % 100 <> 3;"))
                + "UPDATE matrix.widest SET c0 = 1, c1597 = NULL WHERE tenant = 'mixed';"
                + "UPDATE matrix.widest SET id = id + 50 WHERE tenant = 'grown' AND id % 100 = 2;";
    }
}
