package dev.reinstate.postgres.discovery;

import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The tenant of a sampled row as an SQL expression, by any rule, also one that was not chosen. One look-up by a unique
 * key a step, so that a sample stays a sample.
 */
final class OwnerSql {
    private final Catalogue catalogue;
    private final Optional<SchemaPattern> tenantSchemas;
    private final Map<TableName, TableRule> rules;
    private int aliases;

    /** @param rules of the tables that ways lead through */
    OwnerSql(Catalogue catalogue, Optional<SchemaPattern> tenantSchemas, Map<TableName, TableRule> rules) {
        this.catalogue = catalogue;
        this.tenantSchemas = tenantSchemas;
        this.rules = rules;
    }

    /** Text; NULL where the row leads to no tenant. */
    String owner(TableName table, TableRule rule, String alias) {
        return switch (rule) {
            case TableRule.TenantTable tenant -> text(alias, tenant.idColumn());
            case TableRule.ByColumn column -> text(alias, column.column());
            case TableRule.ByPath path -> byPath(path, alias);
            case TableRule.ByPaths several ->
                several.paths().stream()
                        .map(path ->
                                " WHEN " + PathColumns.areSet(path.columns(), alias) + " THEN " + byPath(path, alias))
                        .collect(Collectors.joining("", "CASE", " END"));
            case TableRule.ByType type ->
                type.parents().contains(table) ? inTree(table, type, alias) : byType(table, type, alias);
            case TableRule.BySchema schema ->
                tenantSchemas
                        .flatMap(pattern -> pattern.tenantOf(table.schema()))
                        .map(tenant -> Sql.literal(tenant.value()) + "::text")
                        .orElse("NULL::text");
            case TableRule.Shared shared -> "NULL::text";
            case TableRule.Ignored ignored -> "NULL::text";
            case TableRule.Unmapped unmapped -> "NULL::text";
        };
    }

    private String byPath(TableRule.ByPath path, String alias) {
        Table parent = catalogue.require(path.parent());
        List<String> key = path.parentColumns().isEmpty() ? parent.rowKey() : path.parentColumns();
        String next = "o" + ++aliases;
        return lookUp(parent, next, equal(parent, next, key, alias, path.columns()));
    }

    private String byType(TableName table, TableRule.ByType type, String alias) {
        String cases = type.parentsByType().entrySet().stream()
                .filter(entry -> !entry.getValue().equals(table))
                .map(entry -> " WHEN " + Sql.literal(entry.getKey()) + " THEN "
                        + ofType(table, type.idColumn(), entry.getValue(), alias))
                .collect(Collectors.joining());
        return "CASE " + text(alias, type.typeColumn()) + cases + " END";
    }

    /** Up from the row, over rows of the same table, to the one that names a row of another, if they get there. */
    private String inTree(TableName tableName, TableRule.ByType type, String alias) {
        Table table = catalogue.require(tableName);
        String up = "o" + ++aliases;
        String parent = "o" + ++aliases;
        String columns = "." + Sql.identifier(type.typeColumn()) + ", %s." + Sql.identifier(type.idColumn());
        String own = type.textsOf(tableName).stream().map(Sql::literal).collect(Collectors.joining(", "));
        String match = keyMatch(table, type.idColumn(), table, parent, up).orElse("false");
        return "(WITH RECURSIVE " + up + " AS (SELECT " + alias + columns.replace("%s", alias) + " UNION SELECT "
                + parent
                + columns.replace("%s", parent) + " FROM " + up + " JOIN " + from(table, parent) + " ON "
                + text(up, type.typeColumn()) + " IN (" + own + ") AND " + match + ") SELECT "
                + byType(tableName, type, up) + " FROM " + up + " WHERE " + text(up, type.typeColumn()) + " NOT IN ("
                + own + ") LIMIT 1)";
    }

    private static String from(Table table, String alias) {
        return (table.kind() == Table.Kind.PARTITIONED ? "" : "ONLY ") + Sql.table(table.name()) + " " + alias;
    }

    private String ofType(TableName table, String idColumn, TableName parentName, String alias) {
        Table parent = catalogue.require(parentName);
        String next = "o" + ++aliases;
        return keyMatch(catalogue.require(table), idColumn, parent, next, alias)
                .map(condition -> lookUp(parent, next, condition))
                .orElse("NULL::text");
    }

    /** A condition that a row's id is the parent's one-column key, whose type may be another; by the parent's index. */
    static Optional<String> keyMatch(Table table, String idColumn, Table parent, String parentAlias, String alias) {
        if (parent.rowKey().size() != 1) {
            return Optional.empty();
        }
        String keyColumn = parent.rowKey().getFirst();
        String id = alias + "." + Sql.identifier(idColumn);
        return KeyTypes.cast(
                        table.column(idColumn).orElseThrow().column(),
                        parent.column(keyColumn).orElseThrow().column(),
                        id)
                .map(cast -> parent.equality(keyColumn).of(parentAlias + "." + Sql.identifier(keyColumn), cast));
    }

    private String lookUp(Table parent, String alias, String condition) {
        TableRule rule = rules.getOrDefault(parent.name(), new TableRule.Unmapped());
        return "(SELECT " + owner(parent.name(), rule, alias) + " FROM " + from(parent, alias) + " WHERE " + condition
                + " LIMIT 1)";
    }

    private static String text(String alias, String column) {
        return alias + "." + Sql.identifier(column) + "::text";
    }

    private static String equal(
            Table parent, String parentAlias, List<String> key, String alias, List<String> columns) {
        return IntStream.range(0, key.size())
                .mapToObj(i -> parent.equality(key.get(i))
                        .of(
                                parentAlias + "." + Sql.identifier(key.get(i)),
                                alias + "." + Sql.identifier(columns.get(i))))
                .collect(Collectors.joining(" AND "));
    }
}
