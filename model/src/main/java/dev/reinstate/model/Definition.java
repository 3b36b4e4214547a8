package dev.reinstate.model;

/**
 * One thing of a database that its tables are made of, as the SQL that makes it.
 *
 * @param name what it is and its name, as {@code table public.orders}; for people
 * @param sql one statement without a semicolon at its end; every name in it is qualified by its schema
 */
public record Definition(String name, String sql) {}
