package dev.reinstate.postgres.definition;

/**
 * Something that has a statement of its own, or would have to.
 *
 * @param kind {@code relation}, {@code type}, {@code function}, {@code collation}, {@code schema}, {@code extension}, or
 *     the catalogue that another kind of thing is in
 * @param oid in that catalogue
 */
record Part(String kind, long oid) implements Comparable<Part> {
    static final String RELATION = "relation";
    static final String TYPE = "type";
    static final String FUNCTION = "function";
    static final String COLLATION = "collation";
    static final String SCHEMA = "pg_namespace";
    static final String EXTENSION = "pg_extension";

    @Override
    public int compareTo(Part other) {
        int order = kind.compareTo(other.kind);
        return order != 0 ? order : Long.compare(oid, other.oid);
    }
}
