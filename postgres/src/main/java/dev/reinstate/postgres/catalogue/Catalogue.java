package dev.reinstate.postgres.catalogue;

import dev.reinstate.model.TableName;
import java.sql.Connection;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The user's tables of a database at one moment: without the system's, extensions' and temporary ones.
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class Catalogue {
    private final SortedMap<TableName, Table> tables;

    private Catalogue(SortedMap<TableName, Table> tables) {
        this.tables = tables;
    }

    /**
     * Reads it in one snapshot: the running transaction's, or a read-only one of its own under auto-commit.
     */
    public static Catalogue read(Connection connection) {
        throw new UnsupportedOperationException(connection.toString());
    }

    public static Catalogue of(Collection<Table> tables) {
        SortedMap<TableName, Table> byName = new TreeMap<>();
        tables.forEach(table -> byName.put(table.name(), table));
        return new Catalogue(byName);
    }

    /** All of them, by name. */
    public Collection<Table> tables() {
        return tables.values();
    }

    public Optional<Table> table(TableName name) {
        return Optional.ofNullable(tables.get(name));
    }

    public Optional<Table> table(int oid) {
        return tables.values().stream().filter(t -> t.oid() == oid).findFirst();
    }

    /** The table of that name; {@code INVALID}, naming near ones, when there is none. */
    public Table require(TableName name) {
        throw new UnsupportedOperationException(name.toString());
    }

    /** The topmost partitioned table that a partition belongs to; the table itself for any other. */
    public TableName root(TableName table) {
        throw new UnsupportedOperationException(table.toString());
    }

    /** The leaf partitions of a partitioned table; the table itself for any other. */
    public List<Table> leaves(TableName table) {
        throw new UnsupportedOperationException(table.toString());
    }
}
