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

    /** The tables a path leads through and the condition at its end. */
    private record Path(List<Join> joins, String condition) {}

    public TenancySql(Catalogue catalogue, TenancyMap map) {
        this.catalogue = catalogue;
        this.map = map;
    }

    /**
     * A SELECT of those columns of the tenant's rows of a tenant-owned table, the id filled in; fit for {@code COPY (…)
     * TO STDOUT} and for appending {@code FOR UPDATE OF r}. The table's alias is {@code r}.
     */
    public String selectRows(TableName table, List<String> columns, TenantId tenant) {
        Path path = path(table, "r", tenant);
        String list = columns.stream().map(c -> "r." + Sql.identifier(c)).collect(Collectors.joining(", "));
        StringBuilder sql =
                new StringBuilder("SELECT ").append(list).append(" FROM ").append(from(table, "r"));
        path.joins().forEach(join -> append(sql, join));
        return sql.append(" WHERE ").append(path.condition()).toString();
    }

    /** A condition on the table under that alias that is true for the tenant's rows. */
    public String condition(TableName table, String alias, TenantId tenant) {
        Path path = path(table, alias, tenant);
        if (path.joins().isEmpty()) {
            return path.condition();
        }
        // the first join's ON refers to the row outside, so it moves into WHERE
        Join first = path.joins().getFirst();
        StringBuilder sql = new StringBuilder("EXISTS (SELECT FROM ").append(first.from());
        path.joins().stream().skip(1).forEach(join -> append(sql, join));
        return sql.append(" WHERE ")
                .append(first.on())
                .append(" AND ")
                .append(path.condition())
                .append(')')
                .toString();
    }

    private static void append(StringBuilder sql, Join join) {
        sql.append(" JOIN ").append(join.from()).append(" ON ").append(join.on());
    }

    private Path path(TableName start, String startAlias, TenantId tenant) {
        List<Join> joins = new ArrayList<>();
        TableName table = start;
        String alias = startAlias;
        while (rule(table) instanceof TableRule.ByPath path) {
            Table parent = catalogue.require(path.parent());
            String parentAlias = "p" + (joins.size() + 1);
            joins.add(new Join(
                    from(parent.name(), parentAlias), equal(parentAlias, parent.rowKey(), alias, path.columns())));
            table = parent.name();
            alias = parentAlias;
        }
        return new Path(joins, alias + "." + Sql.identifier(tenantColumn(table)) + " = " + Sql.literal(tenant.value()));
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
