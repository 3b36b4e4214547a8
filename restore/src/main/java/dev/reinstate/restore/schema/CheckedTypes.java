package dev.reinstate.restore.schema;

import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Types of a database's columns that may have changed without another name: enumerations lose labels, domains get
 * conditions, composites other attributes.
 *
 * @param changeable as {@code format_type} writes them
 * @param notNull those of them that do not take NULL
 * @param enumerations those of them that are, with their names as {@code schema.type}
 */
public record CheckedTypes(Set<String> changeable, Set<String> notNull, Map<String, String> enumerations) {
    public CheckedTypes {
        changeable = Set.copyOf(changeable);
        notNull = Set.copyOf(notNull);
        enumerations = Map.copyOf(enumerations);
    }

    public static CheckedTypes read(Connection connection) {
        Set<String> changeable = new HashSet<>();
        Set<String> notNull = new HashSet<>();
        Query.list(connection, "Reading the columns' types", """
                SELECT format_type(a.atttypid, a.atttypmod) AS type_name, bool_or(t.typnotnull) AS not_null
                  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_type t ON t.oid = a.atttypid
                  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
                 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
                   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                   AND coalesce(e.typtype, t.typtype) IN ('e', 'd', 'c')
                 GROUP BY 1
                """, row -> {
            if (row.getBoolean("not_null")) {
                notNull.add(row.getString("type_name"));
            }
            return changeable.add(row.getString("type_name"));
        });
        Map<String, String> enumerations = new HashMap<>();
        EnumTypes.read(connection).forEach((name, type) -> enumerations.put(type.typeName(), name));
        return new CheckedTypes(changeable, notNull, enumerations);
    }
}
