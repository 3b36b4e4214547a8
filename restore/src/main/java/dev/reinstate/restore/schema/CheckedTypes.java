package dev.reinstate.restore.schema;

import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Types of a database's columns that may take other texts than they did without having another name: enumerations lose
 * labels, domains get conditions, composites other attributes, and what a {@code regclass} or its like names may be gone.
 *
 * @param changeable as {@code format_type} writes them
 * @param naming those of them whose values name objects of the server
 * @param notNull those of them that do not take NULL
 * @param enumerations those of them that are, with their names as {@code schema.type}
 */
public record CheckedTypes(
        Set<String> changeable, Set<String> naming, Set<String> notNull, Map<String, String> enumerations) {
    private static final String NAMING = "'{regclass,regtype,regproc,regprocedure,regoper,regoperator,regnamespace,"
            + "regrole,regcollation,regconfig,regdictionary,aclitem}'::regtype[]";

    public CheckedTypes {
        changeable = Set.copyOf(changeable);
        naming = Set.copyOf(naming);
        notNull = Set.copyOf(notNull);
        enumerations = Map.copyOf(enumerations);
    }

    public static CheckedTypes read(Connection connection) {
        Set<String> changeable = new HashSet<>();
        Set<String> naming = new HashSet<>();
        Set<String> notNull = new HashSet<>();
        Query.list(connection, "Reading the columns' types", """
                SELECT format_type(a.atttypid, a.atttypmod) AS type_name, bool_or(t.typnotnull) AS not_null,
                       coalesce(e.oid, t.oid) = ANY (%1$s) AS naming
                  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_type t ON t.oid = a.atttypid
                  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
                 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
                   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                   AND (coalesce(e.typtype, t.typtype) IN ('e', 'd', 'c') OR coalesce(e.oid, t.oid) = ANY (%1$s))
                 GROUP BY 1, 3
                """.formatted(NAMING), row -> {
            if (row.getBoolean("naming")) {
                naming.add(row.getString("type_name"));
            }
            if (row.getBoolean("not_null")) {
                notNull.add(row.getString("type_name"));
            }
            return changeable.add(row.getString("type_name"));
        });
        Map<String, String> enumerations = new HashMap<>();
        EnumTypes.read(connection).forEach((name, type) -> enumerations.put(type.typeName(), name));
        return new CheckedTypes(changeable, naming, notNull, enumerations);
    }
}
