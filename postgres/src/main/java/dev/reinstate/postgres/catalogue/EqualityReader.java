package dev.reinstate.postgres.catalogue;

import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.util.HashMap;
import java.util.Map;

/** Reads by which operator values of each type are equal: that of the type's default B-tree, else of its default hash. */
final class EqualityReader {
    /** Types of columns with the type that a domain is made of; 16384 is the first oid of what users make. */
    private static final String TYPES = """
            WITH RECURSIVE made_of AS (
                SELECT DISTINCT a.atttypid AS type, a.atttypid AS base FROM pg_attribute a
                 WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
                UNION
                SELECT m.type, t.typbasetype FROM made_of m JOIN pg_type t ON t.oid = m.base AND t.typtype = 'd')
            SELECT m.type::bigint AS type, m.base::bigint AS base, t.typtype = 'e' AS is_enum, coalesce((
                   SELECT CASE n.nspname WHEN 'pg_catalog' THEN '=' ELSE format('OPERATOR(%I.%s)', n.nspname, o.oprname) END
                     FROM pg_opclass c JOIN pg_am am ON am.oid = c.opcmethod
                     JOIN pg_amop e ON e.amopfamily = c.opcfamily AND e.amoplefttype = c.opcintype
                          AND e.amoprighttype = c.opcintype
                          AND e.amopstrategy = CASE am.amname WHEN 'btree' THEN 3 ELSE 1 END
                     JOIN pg_operator o ON o.oid = e.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
                    WHERE c.opcintype = m.base AND c.opcdefault AND am.amname IN ('btree', 'hash')
                    ORDER BY am.amname LIMIT 1), '=') AS operator
              FROM made_of m JOIN pg_type t ON t.oid = m.base AND t.typtype <> 'd'
            """;

    private EqualityReader() {}

    /** By oid of the column's type. */
    static Map<Integer, Equality> read(Connection connection) {
        Map<Integer, Equality> equalities = new HashMap<>();
        Query.list(
                connection,
                "Cannot read the catalogue",
                TYPES,
                row -> equalities.put(
                        (int) row.getLong("type"),
                        Equality.of((int) row.getLong("base"), row.getString("operator"), row.getBoolean("is_enum"))));
        return equalities;
    }
}
