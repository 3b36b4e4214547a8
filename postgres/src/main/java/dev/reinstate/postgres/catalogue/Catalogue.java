package dev.reinstate.postgres.catalogue;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The user's tables of a database at one moment: without the system's, extensions' and temporary ones. */
public final class Catalogue {
    private static final String FAILURE = "Cannot read the catalogue";

    private final SortedMap<TableName, Table> tables;
    private final List<OtherRelation> others;
    private final Map<Integer, Table> byOid = new HashMap<>();
    private final Map<TableName, List<Table>> partitions = new HashMap<>();

    private Catalogue(SortedMap<TableName, Table> tables, List<OtherRelation> others) {
        this.tables = tables;
        this.others = List.copyOf(others);
        for (Table table : tables.values()) {
            byOid.put(table.oid(), table);
            partitionParent(table)
                    .ifPresent(parent -> partitions
                            .computeIfAbsent(parent, p -> new ArrayList<>())
                            .add(table));
        }
    }

    /**
     * Reads it in one snapshot: the running transaction's (give it REPEATABLE READ), or a read-only one of its own under
     * auto-commit.
     */
    public static Catalogue read(Connection connection) {
        try {
            if (!connection.getAutoCommit()) {
                return of(CatalogueReader.read(connection), CatalogueReader.readOthers(connection));
            }
            connection.setAutoCommit(false);
            try {
                Query.execute(connection, FAILURE, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                return of(CatalogueReader.read(connection), CatalogueReader.readOthers(connection));
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw PostgresFailure.of(FAILURE, e);
        }
    }

    /** A catalogue of those tables. */
    public static Catalogue of(Collection<Table> tables) {
        return of(tables, List.of());
    }

    private static Catalogue of(Collection<Table> tables, List<OtherRelation> others) {
        SortedMap<TableName, Table> byName = new TreeMap<>();
        tables.forEach(table -> byName.put(table.name(), table));
        return new Catalogue(byName, others);
    }

    /** The same with other tables in the place of these, or none. */
    public Catalogue map(Function<Table, Optional<Table>> other) {
        return of(
                tables.values().stream()
                        .flatMap(table -> other.apply(table).stream())
                        .toList(),
                others);
    }

    /** Relations that are no tables of the user's own, by name: views, foreign tables, what extensions own. */
    public List<OtherRelation> others() {
        return others;
    }

    /** All of them, by name. */
    public Collection<Table> tables() {
        return Collections.unmodifiableCollection(tables.values());
    }

    public Optional<Table> table(TableName name) {
        return Optional.ofNullable(tables.get(name));
    }

    public Optional<Table> table(int oid) {
        return Optional.ofNullable(byOid.get(oid));
    }

    /** The table of that name; {@code INVALID}, naming near ones, when there is none. */
    public Table require(TableName name) {
        return table(name)
                .orElseThrow(() -> ReinstateException.invalid(
                        "There is no table " + name,
                        "the database has " + tables.size() + " tables this role can see" + near(name),
                        "name it as schema.table, as it stands in the catalogue"));
    }

    private String near(TableName name) {
        String wanted = name.name().toLowerCase(Locale.ROOT);
        List<String> near = tables.keySet().stream()
                .filter(t -> {
                    String found = t.name().toLowerCase(Locale.ROOT);
                    return found.contains(wanted) || wanted.contains(found);
                })
                .limit(5)
                .map(TableName::toString)
                .toList();
        return near.isEmpty() ? "" : ", among them " + String.join(", ", near);
    }

    /** The topmost partitioned table that a partition belongs to; the table itself for any other. */
    public TableName root(TableName table) {
        TableName root = table;
        Optional<TableName> parent = partitionParent(require(root));
        while (parent.isPresent()) {
            root = parent.get();
            parent = table(root).flatMap(Catalogue::partitionParent);
        }
        return root;
    }

    /** The leaf partitions of a partitioned table; the table itself for any other. */
    public List<Table> leaves(TableName table) {
        Table found = require(table);
        if (found.kind() != Table.Kind.PARTITIONED) {
            return List.of(found);
        }
        return partitions.getOrDefault(table, List.of()).stream()
                .flatMap(partition -> leaves(partition.name()).stream())
                .toList();
    }

    /** What tenancy rules need to know of the tables. */
    public List<TenancyRules.Member> members() {
        return tables.values().stream()
                .map(table -> new TenancyRules.Member(
                        table.name(),
                        root(table.name()),
                        table.columns().stream().map(Table.TableColumn::name).collect(Collectors.toSet())))
                .toList();
    }

    private static Optional<TableName> partitionParent(Table table) {
        return table.kind() == Table.Kind.ORDINARY
                ? Optional.empty()
                : table.parents().stream().findFirst();
    }

    @Override
    public String toString() {
        return "Catalogue[" + tables.size() + " tables]";
    }
}
