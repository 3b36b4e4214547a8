package dev.reinstate.bench.load;

/**
 * One tenant's rows in one table.
 *
 * @param table unqualified
 * @param condition SQL over its columns
 */
public record TenantRows(String table, String condition) {}
