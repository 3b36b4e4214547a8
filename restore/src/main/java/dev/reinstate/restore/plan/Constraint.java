package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A condition that rows of a table have to fulfil, alone or together with others.
 *
 * @param expressions the condition of a CHECK; of a unique index or an exclusion what is compared, one for each operator
 * @param operators what two rows may not fulfil all of; none for a CHECK
 * @param predicate which rows it is about; empty for all
 * @param nullsEqual whether two NULLs count as equal
 * @param columns the table's columns it depends on
 * @param plain whether the expressions are columns, in order, and it is about all rows
 */
record Constraint(
        String name,
        List<String> expressions,
        List<String> operators,
        Optional<String> predicate,
        boolean nullsEqual,
        List<String> columns,
        boolean plain) {
    private static final String CHECKS = """
            SELECT n.nspname, c.relname, k.conname AS name, ARRAY[pg_get_expr(k.conbin, k.conrelid)] AS expressions,
                   ARRAY[]::text[] AS operators, NULL AS predicate, false AS nulls_equal, false AS plain,
                   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) u (attnum)
                           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) AS columns
              FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE k.contype = 'c' AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
               AND n.nspname NOT IN ('pg_catalog', 'information_schema')
             ORDER BY c.oid, k.conname
            """;

    /** The operators of a unique index are the equalities of its operator classes. */
    private static final String INDEXES = """
            SELECT n.nspname, c.relname, ic.relname AS name,
                   ARRAY(SELECT pg_get_indexdef(i.indexrelid, p, false) FROM generate_series(1, i.indnkeyatts) p
                          ORDER BY p) AS expressions,
                   ARRAY(SELECT 'OPERATOR(' || quote_ident(s.nspname) || '.' || o.oprname || ')'
                           FROM unnest(coalesce(k.conexclop, ARRAY(
                                    SELECT m.amopopr
                                      FROM unnest(i.indclass::oid[]) WITH ORDINALITY u (opclass, position)
                                      JOIN pg_opclass f ON f.oid = u.opclass
                                      JOIN pg_amop m ON m.amopfamily = f.opcfamily AND m.amopstrategy = 3
                                           AND m.amoplefttype = f.opcintype AND m.amoprighttype = f.opcintype
                                     WHERE u.position <= i.indnkeyatts
                                     ORDER BY u.position))) WITH ORDINALITY x (operator, position)
                           JOIN pg_operator o ON o.oid = x.operator JOIN pg_namespace s ON s.oid = o.oprnamespace
                          ORDER BY x.position) AS operators,
                   pg_get_expr(i.indpred, i.indrelid) AS predicate,
                   coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal,
                   i.indexprs IS NULL AND i.indpred IS NULL AND k.conexclop IS NULL AS plain,
                   ARRAY(SELECT a.attname::text FROM pg_attribute a
                          WHERE a.attrelid = i.indrelid AND a.attnum > 0
                            AND (a.attnum = ANY (i.indkey::int2[]) OR EXISTS (
                                SELECT FROM pg_depend d
                                 WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
                                   AND d.refobjsubid = a.attnum))) AS columns
              FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
              JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
             WHERE (i.indisunique OR k.contype = 'x') AND i.indisready AND c.relkind = 'r'
               AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
             ORDER BY c.oid, ic.relname
            """;

    Constraint {
        expressions = List.copyOf(expressions);
        operators = List.copyOf(operators);
        columns = List.copyOf(columns);
    }

    boolean isCheck() {
        return operators.isEmpty();
    }

    /** Those of all tables. */
    static Map<TableName, List<Constraint>> read(Connection connection) {
        Map<TableName, List<Constraint>> found = new HashMap<>();
        for (String sql : List.of(CHECKS, INDEXES)) {
            Query.list(connection, "Reading the constraints", sql, row -> Map.entry(table(row), constraint(row)))
                    .forEach(entry -> found.computeIfAbsent(entry.getKey(), table -> new ArrayList<>())
                            .add(entry.getValue()));
        }
        return found;
    }

    private static TableName table(ResultSet row) throws SQLException {
        return new TableName(row.getString("nspname"), row.getString("relname"));
    }

    private static Constraint constraint(ResultSet row) throws SQLException {
        return new Constraint(
                row.getString("name"),
                Query.texts(row, "expressions"),
                Query.texts(row, "operators"),
                Optional.ofNullable(row.getString("predicate")),
                row.getBoolean("nulls_equal"),
                Query.texts(row, "columns"),
                row.getBoolean("plain"));
    }
}
