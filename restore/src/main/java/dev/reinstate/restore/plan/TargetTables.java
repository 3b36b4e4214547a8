package dev.reinstate.restore.plan;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.OnDelete;
import dev.reinstate.postgres.discovery.TenancySql;
import dev.reinstate.restore.schema.CheckedTypes;
import dev.reinstate.restore.schema.Lineage;
import dev.reinstate.restore.schema.SchemaChoices;
import dev.reinstate.restore.schema.SchemaKnowledge;
import java.sql.Connection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tables of a database that hold tenants' rows, with what leads to and from them. Immutable. */
public final class TargetTables {
    /** A foreign key and the table it is of. */
    public record Reference(Table from, ForeignKey key) {}

    private final Catalogue catalogue;
    private final TenancyMap map;
    private final TenancySql tenancy;
    private final List<Table> owned;
    private final Optional<TableOrder> orderForAll;
    private final PathIndexes indexes;
    private final List<LooseReference> looseReferences;
    private final SchemaChoices choices;
    private final Lineage lineage;
    private final List<String> lostHistory;
    private final CheckedTypes checkedTypes;
    private final Map<TableName, List<Constraint>> constraints;
    private final Map<TableName, SortedMap<String, String>> generated;

    private TargetTables(Connection connection, Catalogue catalogue, TenancyMap map, SchemaKnowledge knowledge) {
        this.catalogue = catalogue;
        this.lostHistory = knowledge.lost();
        this.lineage = new Lineage(catalogue, knowledge);
        this.choices =
                SchemaChoices.find(connection, catalogue, knowledge, map.rules().keySet());
        // partitions, and tables in tenants' schemas, may have been made since it was recorded
        this.map =
                TenancyRules.of(RenamedMap.of(map, catalogue, choices, lineage)).resolve(catalogue.members());
        this.indexes = PathIndexes.read(connection);
        this.checkedTypes = CheckedTypes.read(connection);
        this.constraints = Constraint.read(connection);
        this.generated = GeneratedColumns.read(connection);
        this.tenancy = new TenancySql(catalogue, this.map);
        this.owned = catalogue.tables().stream()
                .filter(table -> table.kind() != Table.Kind.PARTITIONED)
                .filter(table -> this.map.isTenantOwned(table.name()))
                .toList();
        boolean haveSchemas = owned.stream().anyMatch(table -> rule(table.name()) instanceof TableRule.BySchema);
        this.orderForAll = haveSchemas ? Optional.empty() : Optional.of(order(owned));
        this.looseReferences = owned.stream()
                .flatMap(table -> LooseReference.of(this, table.name()).stream())
                .toList();
    }

    /** Reads them from that database, in the archive's tenancy map. */
    public static TargetTables read(Connection connection, TenancyMap map) {
        return read(connection, map, SchemaKnowledge.NONE);
    }

    /** The same, with what is known and decided about changes since; {@code INVALID} for a decision that does not fit. */
    public static TargetTables read(Connection connection, TenancyMap map, SchemaKnowledge knowledge) {
        return new TargetTables(connection, Catalogue.read(connection), map, knowledge);
    }

    /** What became of tables and columns. */
    Lineage lineage() {
        return lineage;
    }

    /** What of the archive's record of tables cannot be read any more. */
    List<String> lostHistory() {
        return lostHistory;
    }

    /** What was decided about changes of the schema. */
    SchemaChoices choices() {
        return choices;
    }

    /** Types whose columns' values have to be looked at although they are called what they were. */
    CheckedTypes checkedTypes() {
        return checkedTypes;
    }

    /** What rows of that table have to fulfil. */
    List<Constraint> constraints(TableName table) {
        return constraints.getOrDefault(table, List.of());
    }

    /** What the server computes columns of that table of: expressions of other columns. */
    SortedMap<String, String> generated(TableName table) {
        return generated.getOrDefault(table, new TreeMap<>());
    }

    /** The table of that name, if there is one. */
    Optional<Table> find(TableName name) {
        return catalogue.table(name);
    }

    /** How rows of that table find their tenant. */
    public TableRule rule(TableName table) {
        return map.rule(table).orElseThrow(() -> new IllegalStateException("no rule for " + table));
    }

    /** Columns by which rows of that table name their owner or the row they belong to. */
    List<String> owningColumns(TableName table) {
        return rule(table).ownerColumns();
    }

    /** {@code CONFLICT} unless the table has the columns by which its rows find their tenant. */
    void requireOwningColumns(Table table) {
        for (String column : owningColumns(table.name())) {
            if (table.column(column).isEmpty()) {
                String name = table.name() + "." + column;
                throw ReinstateException.conflict(
                        "Rows of " + table.name() + " cannot be told by tenant",
                        "the tenancy map says by " + column + ", and the table has no such column now",
                        "if it has another name now, --map " + name
                                + "=NEWNAME; else leave the table out with --leave-out " + table.name());
            }
        }
    }

    /** Whether rows of that table may be left behind, belonging to nobody, when a row they belong to is deleted. */
    boolean mayBeCutOff(TableName table) {
        boolean here = owningKeys(table).stream()
                .anyMatch(key -> key.onDelete() == OnDelete.SET_NULL || key.onDelete() == OnDelete.SET_DEFAULT);
        return here
                || !isBound(table)
                || rule(table).parentsBesides(root(table)).stream().anyMatch(this::mayBeCutOff);
    }

    /**
     * Columns of that table that may become NULL when what they refer to is deleted, and those that name what its rows
     * belong to, which an application may have emptied; none where these cannot be NULL.
     */
    Set<String> clearedColumns(TableName name) {
        Table table = table(name);
        Set<String> cleared = new HashSet<>(owningColumns(name));
        cleared.removeIf(column -> table.column(column).orElseThrow().notNull());
        if (!cleared.isEmpty()) {
            table.foreignKeys().stream()
                    .filter(key -> key.onDelete() == OnDelete.SET_NULL || key.onDelete() == OnDelete.SET_DEFAULT)
                    .forEach(key -> cleared.addAll(key.columns()));
        }
        return cleared;
    }

    /** Whether the server sees to it that what rows of that table refer to is there: no application need clean up. */
    boolean isBound(TableName table) {
        TableRule rule = rule(table);
        return rule instanceof TableRule.ByPaths several
                ? several.paths().stream().allMatch(path -> isBound(table, path.columns()))
                : rule.parents().isEmpty() || isBound(table, rule.ownerColumns());
    }

    /** Whether the server sees to it that what rows of that table refer to by those columns is there. */
    boolean isBound(TableName table, List<String> columns) {
        return foreignKeys(table, columns).anyMatch(key -> refersByText(table(table), key));
    }

    /** Whether what the foreign key takes for equal is written the same: else it refers to rows it does not belong to. */
    boolean refersByText(Table table, ForeignKey key) {
        Table referenced = table(key.referenced());
        return IntStream.range(0, key.columns().size())
                .allMatch(i -> table.equality(key.columns().get(i))
                        .isPlain(referenced.equality(key.referencedColumns().get(i))));
    }

    /** How rows of tables that are not bound name rows of that one. */
    List<LooseReference> looseReferencesTo(TableName table) {
        return looseReferences.stream()
                .filter(reference -> reference.parent().equals(root(table)))
                .toList();
    }

    /** The key of that table's rows; empty for a table without one or that is gone. */
    List<String> keyOf(TableName table) {
        return catalogue.table(table).map(Table::rowKey).orElse(List.of());
    }

    private List<ForeignKey> owningKeys(TableName table) {
        TableRule rule = rule(table);
        return rule instanceof TableRule.ByPaths several
                ? several.paths().stream()
                        .flatMap(path -> foreignKeys(table, path.columns()))
                        .toList()
                : foreignKeys(table, rule.ownerColumns()).toList();
    }

    private Stream<ForeignKey> foreignKeys(TableName table, List<String> columns) {
        Set<String> wanted = new HashSet<>(columns);
        return table(table).foreignKeys().stream().filter(key -> wanted.equals(new HashSet<>(key.columns())));
    }

    /** The tables that the table's rows belong to rows of, the nearest first. */
    List<TableName> pathAbove(TableName table) {
        Set<TableName> above = new LinkedHashSet<>();
        Deque<TableName> next = new ArrayDeque<>(rule(table).parents());
        while (!next.isEmpty()) {
            TableName at = next.removeFirst();
            if (above.add(at)) {
                next.addAll(rule(at).parents());
            }
        }
        return List.copyOf(above);
    }

    /** Whether rows of other tables belong to rows of that one. */
    boolean isPathParent(TableName table) {
        return map.rules().values().stream()
                .flatMap(rule -> rule.parents().stream())
                .anyMatch(parent -> root(parent).equals(root(table)));
    }

    /** The partitioned table that it is a part of, or itself. */
    TableName root(TableName table) {
        return catalogue.root(table);
    }

    /** Whether a tenant's rows of that table can be found by index all the way. */
    public boolean isIndexed(TableName table) {
        return indexes.covers(map, table);
    }

    private TableOrder order(List<Table> tables) {
        return TableOrder.of(catalogue, tables, table -> rule(table).parents());
    }

    /** Other tenants' schemas may be many: their tables are not this one's to read. */
    private TableOrder order(TenantId tenant) {
        return orderForAll.orElseGet(() -> order(
                owned.stream().filter(table -> mayHold(table.name(), tenant)).toList()));
    }

    private boolean mayHold(TableName table, TenantId tenant) {
        TableRule rule = rule(table);
        if (rule instanceof TableRule.BySchema) {
            return map.tenantSchemas()
                    .flatMap(pattern -> pattern.tenantOf(table.schema()))
                    .filter(tenant::equals)
                    .isPresent();
        }
        return rule.parents().isEmpty()
                || rule.parentsBesides(table).stream().anyMatch(parent -> mayHold(parent, tenant));
    }

    /** Tables that may hold rows of the tenant themselves (leaves of partitioned ones), referenced ones first. */
    public List<Table> parentsFirst(TenantId tenant) {
        return order(tenant).parentsFirst().stream().map(catalogue::require).toList();
    }

    /** Tables whose rows belong to all. */
    List<Table> sharedTables() {
        return catalogue.tables().stream()
                .filter(table -> map.rule(table.name()).orElse(null) instanceof TableRule.Shared)
                .toList();
    }

    /** Those tables, referenced ones first. */
    List<TableName> referencedFirst(Collection<TableName> names) {
        List<Table> tables = names.stream().sorted().map(catalogue::require).toList();
        return TableOrder.of(catalogue, tables, table -> List.of()).parentsFirst();
    }

    /** Foreign keys that lead to a table later in that order. */
    public List<TableOrder.OpenedKey> openedKeys(TenantId tenant) {
        return order(tenant).opened();
    }

    public TenancySql tenancy() {
        return tenancy;
    }

    public TenancyMap map() {
        return map;
    }

    /** Whether rows of that table, partitioned or not, belong to tenants. */
    public boolean isTenantOwned(TableName table) {
        return map.isTenantOwned(table);
    }

    /** Whether there is any table in that schema. */
    boolean hasTablesIn(String schema) {
        return catalogue.tables().stream()
                .anyMatch(table -> table.name().schema().equals(schema));
    }

    /** The table of that name, of whatever kind. */
    public Table table(TableName name) {
        return catalogue.require(name);
    }

    /** Foreign keys of all tables that may lead to rows of that one. Those of a partitioned table count for its leaves. */
    public List<Reference> referencesTo(TableName table) {
        TableName root = catalogue.root(table);
        List<Reference> references = new ArrayList<>();
        for (Table from : catalogue.tables()) {
            if (from.kind() == Table.Kind.PARTITION) {
                continue;
            }
            keys(from)
                    .filter(key ->
                            key.referenced().equals(table) || key.referenced().equals(root))
                    .forEach(key -> references.add(new Reference(from, key)));
        }
        return references;
    }

    private static Stream<ForeignKey> keys(Table table) {
        return table.foreignKeys().stream();
    }
}
