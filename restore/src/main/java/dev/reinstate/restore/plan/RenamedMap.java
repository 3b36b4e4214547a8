package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.restore.schema.Lineage;
import dev.reinstate.restore.schema.SchemaChoices;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A tenancy map under the names that tables and columns have now. */
final class RenamedMap {
    private final Catalogue catalogue;
    private final SchemaChoices choices;
    private final Lineage lineage;

    private RenamedMap(Catalogue catalogue, SchemaChoices choices, Lineage lineage) {
        this.catalogue = catalogue;
        this.choices = choices;
        this.lineage = lineage;
    }

    /** A rule under a name of now is the table's own; one under a name of then is taken along. */
    static TenancyMap of(TenancyMap map, Catalogue catalogue, SchemaChoices choices, Lineage lineage) {
        RenamedMap renamed = new RenamedMap(catalogue, choices, lineage);
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        map.rules().forEach((then, rule) -> {
            TableName now = renamed.table(then);
            boolean hasOwn = map.rules().containsKey(now) && renamed.table(now).equals(now);
            if (now.equals(then) || !hasOwn) {
                rules.put(now, renamed.rule(now, rule));
            }
        });
        return new TenancyMap(map.tenantTable().map(renamed::table), map.tenantSchemas(), rules);
    }

    private TableRule rule(TableName table, TableRule rule) {
        return switch (rule) {
            case TableRule.TenantTable tenants -> new TableRule.TenantTable(column(table, tenants.idColumn()));
            case TableRule.ByColumn column -> new TableRule.ByColumn(column(table, column.column()));
            case TableRule.ByPath path -> path(table, path);
            case TableRule.ByPaths several ->
                new TableRule.ByPaths(
                        several.paths().stream().map(path -> path(table, path)).toList());
            case TableRule.ByType type -> {
                SortedMap<String, TableName> parents = new TreeMap<>();
                type.parentsByType().forEach((text, parent) -> parents.put(text, table(parent)));
                yield new TableRule.ByType(column(table, type.typeColumn()), column(table, type.idColumn()), parents);
            }
            case TableRule.BySchema schema -> schema;
            case TableRule.Shared shared -> shared;
            case TableRule.Ignored ignored -> ignored;
            case TableRule.Unmapped unmapped -> unmapped;
        };
    }

    private TableRule.ByPath path(TableName table, TableRule.ByPath path) {
        TableName parent = table(path.parent());
        return new TableRule.ByPath(columns(table, path.columns()), parent, columns(parent, path.parentColumns()));
    }

    private List<String> columns(TableName table, List<String> columns) {
        return columns.stream().map(column -> column(table, column)).toList();
    }

    private TableName table(TableName then) {
        return choices.isMapped(then)
                ? choices.now(then)
                : lineage.nameNow(then).orElse(then);
    }

    /** A column that is there under its name is not looked for under another. */
    private String column(TableName table, String column) {
        Optional<Table> found = catalogue.table(table);
        if (found.isEmpty() || found.get().column(column).isPresent()) {
            return column;
        }
        String mapped = choices.columns(table).get(column);
        return mapped == null ? lineage.columnNow(found.get(), column).orElse(column) : mapped;
    }
}
