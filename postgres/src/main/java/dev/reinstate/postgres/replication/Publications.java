package dev.reinstate.postgres.replication;

import dev.reinstate.model.TableName;
import java.sql.Connection;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** Makes and keeps the two publications of a store. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class Publications {
    private Publications() {}

    /** The tables of both publications as they are; empty when a publication is missing. */
    public record Published(Optional<SortedSet<TableName>> rows, Optional<SortedSet<TableName>> inserts) {}

    /**
     * Creates or alters both publications to exactly those tables, in one transaction. A table is in at most one.
     *
     * @param rows tables whose replica identity can tell an updated or deleted row
     * @param inserts tables without one
     * @return the statements that were needed; none when all was right
     */
    public static List<String> apply(
            Connection connection, SourceNames names, Collection<TableName> rows, Collection<TableName> inserts) {
        throw new UnsupportedOperationException(connection.toString() + names + rows + inserts);
    }

    public static Published read(Connection connection, SourceNames names) {
        throw new UnsupportedOperationException(connection.toString() + names);
    }

    /** Drops both, if they exist. */
    public static void drop(Connection connection, SourceNames names) {
        throw new UnsupportedOperationException(connection.toString() + names);
    }
}
