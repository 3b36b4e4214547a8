package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.restore.schema.SchemaChoices;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A tenancy map under the names that tables and columns have now. */
final class RenamedMap {
    private final Catalogue catalogue;
    private final SchemaChoices choices;

    private RenamedMap(Catalogue catalogue, SchemaChoices choices) {
        this.catalogue = catalogue;
        this.choices = choices;
    }

    /** A rule under a name of now is the table's own; one under a name of then is taken along. */
    static TenancyMap of(TenancyMap map, Catalogue catalogue, SchemaChoices choices) {
        RenamedMap renamed = new RenamedMap(catalogue, choices);
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        map.rules().forEach((then, rule) -> {
            TableName now = choices.now(then);
            if (now.equals(then) || !map.rules().containsKey(now)) {
                rules.put(now, renamed.rule(now, rule));
            }
        });
        return new TenancyMap(map.tenantTable().map(choices::now), map.tenantSchemas(), rules);
    }

    private TableRule rule(TableName table, TableRule rule) {
        return switch (rule) {
            case TableRule.TenantTable tenants -> new TableRule.TenantTable(column(table, tenants.idColumn()));
            case TableRule.ByColumn column -> new TableRule.ByColumn(column(table, column.column()));
            case TableRule.ByPath path -> {
                TableName parent = choices.now(path.parent());
                yield new TableRule.ByPath(
                        columns(table, path.columns()), parent, columns(parent, path.parentColumns()));
            }
            case TableRule.ByType type -> {
                SortedMap<String, TableName> parents = new TreeMap<>();
                type.parentsByType().forEach((text, parent) -> parents.put(text, choices.now(parent)));
                yield new TableRule.ByType(column(table, type.typeColumn()), column(table, type.idColumn()), parents);
            }
            case TableRule.BySchema schema -> schema;
            case TableRule.Shared shared -> shared;
            case TableRule.Ignored ignored -> ignored;
            case TableRule.Unmapped unmapped -> unmapped;
        };
    }

    private List<String> columns(TableName table, List<String> columns) {
        return columns.stream().map(column -> column(table, column)).toList();
    }

    /** A column that is there under its name is not looked for under another. */
    private String column(TableName table, String column) {
        boolean there = catalogue
                .table(table)
                .filter(found -> found.column(column).isPresent())
                .isPresent();
        return there ? column : choices.columns(table).getOrDefault(column, column);
    }
}
