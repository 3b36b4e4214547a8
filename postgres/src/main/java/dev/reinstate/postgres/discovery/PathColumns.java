package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.List;
import java.util.Optional;
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

    /**
     * Whether the row under that alias names one of the rows of the parent that are still to be told, up to where those are;
     * empty unless the path has one column and {@code =} says it all.
     */
    static Optional<String> isAny(
            Catalogue catalogue, TableRule.ByPath path, TableName table, String alias, String parentAlias) {
        Table parent = catalogue.require(path.parent());
        List<String> columns = path.parentColumns().isEmpty() ? parent.rowKey() : path.parentColumns();
        String column = path.columns().getFirst();
        boolean plain = columns.size() == 1
                && catalogue.require(table).equality(column).isPlain(parent.equality(columns.getFirst()));
        return plain
                ? Optional.of(alias + "." + Sql.identifier(column) + " = ANY (ARRAY(SELECT " + parentAlias + "."
                        + Sql.identifier(columns.getFirst()) + " FROM ")
                : Optional.empty();
    }

    /** Whether the row under that alias names a row by none of those paths, each given by its columns. */
    public static String noneIsSet(List<List<String>> paths, String alias) {
        return paths.isEmpty()
                ? "true"
                : paths.stream().map(columns -> "NOT " + areSet(columns, alias)).collect(Collectors.joining(" AND "));
    }
}
