package dev.reinstate.postgres.discovery;

import dev.reinstate.postgres.Sql;
import java.util.List;
import java.util.stream.Collectors;

/** Conditions on the columns of several paths, of which the first that is set counts. */
public final class PathColumns {
    private PathColumns() {}

    /** Whether the row under that alias names a row by those columns. */
    static String areSet(List<String> columns, String alias) {
        return columns.stream()
                .map(column -> alias + "." + Sql.identifier(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND ", "(", ")"));
    }

    /** Whether the row under that alias names a row by none of those paths, each given by its columns. */
    public static String noneIsSet(List<List<String>> paths, String alias) {
        return paths.isEmpty()
                ? "true"
                : paths.stream().map(columns -> "NOT " + areSet(columns, alias)).collect(Collectors.joining(" AND "));
    }
}
