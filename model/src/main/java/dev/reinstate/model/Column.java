package dev.reinstate.model;

/**
 * One column of a table as captured: values of it are kept in PostgreSQL's own text form of {@code typeName}.
 *
 * @param attnum the column's number in the catalogue, which survives a rename; 0 when not known
 * @param name the column's name, unquoted
 * @param typeOid the type's oid in the source
 * @param typeName the type as {@code format_type} writes it, modifiers included, for example {@code numeric(12,2)}
 */
public record Column(int attnum, String name, int typeOid, String typeName) {}
