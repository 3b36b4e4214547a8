package dev.reinstate.model;

/** A table's schema and name, unquoted, as in the catalogue. */
public record TableName(String schema, String name) implements Comparable<TableName> {
    public TableName {
        if (schema.isEmpty() || name.isEmpty()) {
            throw ReinstateException.invalid(
                    "An empty table name", "a table is named schema.table", "write it as public.site");
        }
    }

    /** Reads {@code schema.table}; without a dot the schema is {@code public}. The first dot divides. */
    public static TableName parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0 ? new TableName("public", text) : new TableName(text.substring(0, dot), text.substring(dot + 1));
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
