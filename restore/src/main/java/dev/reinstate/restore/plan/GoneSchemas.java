package dev.reinstate.restore.plan;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Schemas that a tenant had rows in and that the database no longer has: one problem each, not one a table. */
final class GoneSchemas {
    private GoneSchemas() {}

    /**
     * What is to be said of them.
     *
     * @param goneTables tables that are gone, with the rows the tenant had in them; those of such schemas are removed
     */
    static List<Problem> of(TargetTables target, SortedMap<TableName, Long> goneTables) {
        SortedMap<String, SortedMap<TableName, Long>> bySchema = new TreeMap<>();
        goneTables.forEach((table, rows) -> {
            if (!target.hasTablesIn(table.schema())) {
                bySchema.computeIfAbsent(table.schema(), schema -> new TreeMap<>())
                        .put(table, rows);
            }
        });
        List<Problem> problems = new ArrayList<>();
        bySchema.forEach((schema, tables) -> {
            goneTables.keySet().removeAll(tables.keySet());
            problems.add(problem(schema, tables));
        });
        return problems;
    }

    private static Problem problem(String schema, SortedMap<TableName, Long> tables) {
        long rows = tables.values().stream().mapToLong(Long::longValue).sum();
        return new Problem(
                FailureKind.CONFLICT,
                tables.firstKey(),
                rows,
                "schema " + schema + " is gone: the tenant had " + rows + " rows in " + tables.size()
                        + " of its tables: "
                        + String.join(
                                ", ",
                                tables.keySet().stream().map(TableName::name).toList()),
                "create the schema and its tables again, as another tenant's are (`pg_dump --schema-only -n` with the name "
                        + "changed), then restore; `reinstate export` has the rows without that");
    }
}
