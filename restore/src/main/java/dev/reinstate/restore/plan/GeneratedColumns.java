package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the server computes generated columns of. */
final class GeneratedColumns {
    private static final String EXPRESSIONS = """
            SELECT n.nspname, c.relname, a.attname,
                   format('(%s)::%s', pg_get_expr(d.adbin, d.adrelid), format_type(a.atttypid, a.atttypmod)) AS expression
              FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
             WHERE a.attgenerated <> '' AND NOT a.attisdropped AND c.relkind = 'r'
               AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """;

    private GeneratedColumns() {}

    /** Of every table that has any, by column: an expression of the table's other columns. */
    static Map<TableName, SortedMap<String, String>> read(Connection connection) {
        Map<TableName, SortedMap<String, String>> found = new HashMap<>();
        Query.list(
                connection,
                "Reading the generated columns",
                EXPRESSIONS,
                row -> found.computeIfAbsent(
                                        new TableName(row.getString("nspname"), row.getString("relname")),
                                        table -> new TreeMap<>())
                                .put(row.getString("attname"), row.getString("expression"))
                        == null);
        return found;
    }
}
