package dev.reinstate.postgres.discovery;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that selects one tenant's live rows, at a cost that follows the tenant when foreign keys are indexed: parents
 * are joined by their keys, so the planner may come from the tenant's side.
 *
 * <p>The tenant's id is a literal without a cast: it takes the column's own type, where a cast to {@code varchar(8)}
 * would cut a longer id down to another tenant's.
 */
public final class TenancySql {
    private final Catalogue catalogue;
    private final TenancyMap map;

    private record Join(String from, String on) {}

    /** The tables a path leads through and the column at its end. */
    private record Path(List<Join> joins, String tenantColumn) {
        String condition(TenantId tenant) {
            return tenantColumn + " = " + Sql.literal(tenant.value());
        }
    }

    public TenancySql(Catalogue catalogue, TenancyMap map) {
        this.catalogue = catalogue;
        this.map = map;
    }

    /**
     * A SELECT of those columns of the tenant's rows of a tenant-owned table, the id filled in; fit for {@code COPY (…)
     * TO STDOUT} and for appending {@code FOR UPDATE OF r}. The table's alias is {@code r}.
     */
    public String selectRows(TableName table, List<String> columns, TenantId tenant) {
        Path path = path(table, "r");
        String list = columns.stream().map(c -> "r." + Sql.identifier(c)).collect(Collectors.joining(", "));
        StringBuilder sql =
                new StringBuilder("SELECT ").append(list).append(" FROM ").append(from(table, "r"));
        path.joins().forEach(join -> append(sql, join));
        return sql.append(" WHERE ").append(path.condition(tenant)).toString();
    }

    /** A condition on the table under that alias that is true for the tenant's rows. */
    public String condition(TableName table, String alias, TenantId tenant) {
        Path path = path(table, alias);
        return path.joins().isEmpty()
                ? path.condition(tenant)
                : "EXISTS (SELECT " + fromParents(path) + " AND " + path.condition(tenant) + ")";
    }

    /** The tenant's id that the row under that alias leads to, as an expression; NULL for a row that is nobody's. */
    public String owner(TableName table, String alias) {
        Path path = path(table, alias);
        return path.joins().isEmpty()
                ? path.tenantColumn()
                : "(SELECT " + path.tenantColumn() + " " + fromParents(path) + ")";
    }

    /** A condition that is true where that very row refers to nothing, whatever it is for those above and below it. */
    public String isCutOff(TableName table, String alias) {
        Path path = path(table, alias);
        if (path.joins().isEmpty()) {
            return path.tenantColumn() + " IS NULL";
        }
        Join first = path.joins().getFirst();
        return "NOT EXISTS (SELECT FROM " + first.from() + " WHERE " + first.on() + ")";
    }

    /** The JOINs that lead from rows of the table, under one alias, to a table on its path, under another. */
    public String joinsTo(TableName ancestor, String ancestorAlias, TableName table, String alias) {
        StringBuilder sql = new StringBuilder();
        TableName at = table;
        String atAlias = alias;
        for (int hop = 1; !at.equals(ancestor); hop++) {
            if (!(rule(at) instanceof TableRule.ByPath path)) {
                throw new IllegalStateException("no path leads from " + table + " to " + ancestor);
            }
            String parentAlias = path.parent().equals(ancestor) ? ancestorAlias : "p" + hop;
            append(sql, join(path, atAlias, parentAlias));
            at = path.parent();
            atAlias = parentAlias;
        }
        return sql.toString();
    }

    /** From the row's parent upwards; what the first join is on refers to the row outside, so it moves into WHERE. */
    private static String fromParents(Path path) {
        Join first = path.joins().getFirst();
        StringBuilder sql = new StringBuilder("FROM ").append(first.from());
        path.joins().stream().skip(1).forEach(join -> append(sql, join));
        return sql.append(" WHERE ").append(first.on()).toString();
    }

    private static void append(StringBuilder sql, Join join) {
        sql.append(" JOIN ").append(join.from()).append(" ON ").append(join.on());
    }

    private Path path(TableName start, String startAlias) {
        List<Join> joins = new ArrayList<>();
        TableName table = start;
        String alias = startAlias;
        while (rule(table) instanceof TableRule.ByPath path
                && path.parentColumns().isEmpty()) {
            String parentAlias = "p" + (joins.size() + 1);
            joins.add(join(path, alias, parentAlias));
            table = path.parent();
            alias = parentAlias;
        }
        return new Path(joins, alias + "." + Sql.identifier(tenantColumn(table)));
    }

    private Join join(TableRule.ByPath path, String alias, String parentAlias) {
        Table parent = catalogue.require(path.parent());
        return new Join(from(parent.name(), parentAlias), equal(parentAlias, parent.rowKey(), alias, path.columns()));
    }

    private static String equal(String leftAlias, List<String> left, String rightAlias, List<String> right) {
        if (left.size() != right.size()) {
            throw ReinstateException.conflict(
                    "The path through " + right + " does not fit",
                    "the table it leads to is now known by " + left.size() + " columns",
                    "compare the tenancy map with the table's primary key");
        }
        return IntStream.range(0, left.size())
                .mapToObj(i -> leftAlias + "." + Sql.identifier(left.get(i)) + " = " + rightAlias + "."
                        + Sql.identifier(right.get(i)))
                .collect(Collectors.joining(" AND "));
    }

    private String tenantColumn(TableName table) {
        return switch (rule(table)) {
            case TableRule.TenantTable tenant -> tenant.idColumn();
            case TableRule.ByColumn column -> column.column();
            case null -> throw notOwned(table);
            default -> throw notOwned(table);
        };
    }

    private @Nullable TableRule rule(TableName table) {
        return map.rules().get(table);
    }

    private static ReinstateException notOwned(TableName table) {
        return ReinstateException.invalid(
                "Rows of " + table + " cannot be selected by tenant",
                "the tenancy map says they belong to none",
                "give the table a rule in the tenancy map");
    }

    /** Children by inheritance are tables of their own; a partitioned table is its partitions. */
    private String from(TableName table, String alias) {
        boolean partitioned = catalogue.require(table).kind() == Table.Kind.PARTITIONED;
        return (partitioned ? "" : "ONLY ") + Sql.table(table) + " " + alias;
    }
}
