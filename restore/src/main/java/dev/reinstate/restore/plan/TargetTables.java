package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.OnDelete;
import dev.reinstate.postgres.discovery.TenancySql;
import dev.reinstate.restore.schema.CheckedTypes;
import dev.reinstate.restore.schema.SchemaChoices;
import dev.reinstate.restore.schema.SchemaOptions;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The tables of a database that hold tenants' rows, with what leads to and from them. Immutable. */
public final class TargetTables {
    /** A foreign key and the table it is of. */
    public record Reference(Table from, ForeignKey key) {}

    private final Catalogue catalogue;
    private final TenancyMap map;
    private final TenancySql tenancy;
    private final TableOrder order;
    private final PathIndexes indexes;
    private final SchemaChoices choices;
    private final CheckedTypes checkedTypes;

    private TargetTables(
            Catalogue catalogue,
            TenancyMap map,
            PathIndexes indexes,
            SchemaChoices choices,
            CheckedTypes checkedTypes) {
        this.catalogue = catalogue;
        // partitions, and tables in tenants' schemas, may have been made since it was recorded
        this.map = TenancyRules.of(RenamedMap.of(map, catalogue, choices)).resolve(catalogue.members());
        this.indexes = indexes;
        this.choices = choices;
        this.checkedTypes = checkedTypes;
        this.tenancy = new TenancySql(catalogue, this.map);
        List<Table> owned = catalogue.tables().stream()
                .filter(table -> table.kind() != Table.Kind.PARTITIONED)
                .filter(table -> this.map.isTenantOwned(table.name()))
                .toList();
        this.order = TableOrder.of(catalogue, owned);
    }

    /** Reads them from that database, in the archive's tenancy map. */
    public static TargetTables read(Connection connection, TenancyMap map) {
        return read(connection, map, SchemaOptions.NONE);
    }

    /** The same, where a person has decided about changes since; {@code INVALID} for what does not fit. */
    public static TargetTables read(Connection connection, TenancyMap map, SchemaOptions options) {
        Catalogue catalogue = Catalogue.read(connection);
        SchemaChoices choices =
                SchemaChoices.find(connection, catalogue, options, map.rules().keySet());
        return new TargetTables(catalogue, map, PathIndexes.read(connection), choices, CheckedTypes.read(connection));
    }

    /** What was decided about changes of the schema. */
    SchemaChoices choices() {
        return choices;
    }

    /** Types whose columns' values have to be looked at although they are called what they were. */
    CheckedTypes checkedTypes() {
        return checkedTypes;
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

    /** Whether rows of that table may be left behind, belonging to nobody, when a row they belong to is deleted. */
    boolean mayBeCutOff(TableName table) {
        List<String> columns = owningColumns(table);
        List<ForeignKey> keys = table(table).foreignKeys().stream()
                .filter(key -> new HashSet<>(key.columns()).equals(new HashSet<>(columns)))
                .toList();
        boolean here = keys.stream()
                .anyMatch(key -> key.onDelete() == OnDelete.SET_NULL || key.onDelete() == OnDelete.SET_DEFAULT);
        return here || (rule(table) instanceof TableRule.ByPath path && (keys.isEmpty() || mayBeCutOff(path.parent())));
    }

    /** The tables that the table's rows belong to rows of, its parent first. */
    List<TableName> pathAbove(TableName table) {
        List<TableName> above = new ArrayList<>();
        TableName at = table;
        while (rule(at) instanceof TableRule.ByPath path) {
            at = path.parent();
            above.add(at);
        }
        return above;
    }

    /** Whether rows of other tables belong to rows of that one. */
    boolean isPathParent(TableName table) {
        return map.rules().values().stream()
                .anyMatch(rule -> rule instanceof TableRule.ByPath path
                        && root(path.parent()).equals(root(table)));
    }

    /** The partitioned table that it is a part of, or itself. */
    TableName root(TableName table) {
        return catalogue.root(table);
    }

    /** Whether a tenant's rows of that table can be found by index all the way. */
    public boolean isIndexed(TableName table) {
        return indexes.covers(map, table);
    }

    /** Tables that hold rows themselves (leaves of partitioned ones), referenced ones first. */
    public List<Table> parentsFirst() {
        return order.parentsFirst().stream().map(catalogue::require).toList();
    }

    /** Foreign keys that lead to a table later in that order. */
    public List<TableOrder.OpenedKey> openedKeys() {
        return order.opened();
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
