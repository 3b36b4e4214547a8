package dev.reinstate.restore.schema;

import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A database's enumerations. */
final class EnumTypes {
    /**
     * One of them.
     *
     * @param typeName as {@code format_type} writes it
     */
    record EnumType(String typeName, List<String> labels) {}

    private EnumTypes() {}

    /** All of them by {@code schema.type}, unquoted. */
    static SortedMap<String, EnumType> read(Connection connection) {
        SortedMap<String, EnumType> found = new TreeMap<>();
        Query.list(
                connection,
                "Reading the enumerations",
                """
                SELECT n.nspname || '.' || t.typname AS name, format_type(t.oid, NULL) AS type_name,
                       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid
                              ORDER BY e.enumsortorder) AS labels
                  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                 WHERE t.typtype = 'e'
                """,
                row -> found.put(
                        row.getString("name"), new EnumType(row.getString("type_name"), Query.texts(row, "labels"))));
        return found;
    }
}
