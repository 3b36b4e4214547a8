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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that selects one tenant's live rows, at a cost that follows the tenant when foreign keys are indexed: parents
 * are joined by their keys, so the planner may come from the tenant's side. Where rows of a table belong to rows of
 * several others, each of those gives a branch of its own. Where rows belong to rows of their own table, the server goes
 * down from those that belong to others, or up from one row, step by step; rows that go in a circle are met by neither.
 *
 * <p>The tenant's id is a literal without a cast: it takes the column's own type, where a cast to {@code varchar(8)}
 * would cut a longer id down to another tenant's.
 *
 * <p>What the server takes for equal and writes differently does not belong together, as in the archive.
 */
public final class TenancySql {
    private final Catalogue catalogue;
    private final TenancyMap map;

    private record Join(String from, String on) {}

    /** The tables that lead from a row upwards and, under its alias, the last of them. */
    private record Path(List<Join> joins, TableName end, String endAlias) {
        /** The JOINs behind a FROM that names the row's table. */
        String joined() {
            return joins.stream()
                    .map(join -> " JOIN " + join.from() + " ON " + join.on())
                    .collect(Collectors.joining());
        }

        /** From the row's parent upwards; what the first join is on refers to the row outside, so it moves into WHERE. */
        String fromParents() {
            Join first = joins.getFirst();
            return "FROM " + first.from() + new Path(joins.subList(1, joins.size()), end, endAlias).joined() + " WHERE "
                    + first.on();
        }
    }

    /** Names for the tables of one statement. */
    private static final class Aliases {
        private int last;

        String next() {
            return "p" + ++last;
        }
    }

    public TenancySql(Catalogue catalogue, TenancyMap map) {
        this.catalogue = catalogue;
        this.map = map;
    }

    /**
     * A SELECT of those columns of the tenant's rows of a tenant-owned table, the id filled in; fit for {@code COPY (…)
     * TO STDOUT}. It joins the tables that lead to the tenant, once for every way there is.
     */
    public String selectRows(TableName table, List<String> columns, TenantId tenant) {
        String list = columns.stream().map(c -> "r." + Sql.identifier(c)).collect(Collectors.joining(", "));
        Search search = new Search(end -> parents(end).isEmpty() || map.isTree(end), Optional.empty());
        return routes(table, "r", search).stream()
                .map(route -> "SELECT " + list + " FROM " + from(table, "r") + route.joined() + " WHERE "
                        + endCondition(route, tenant, new Aliases()))
                .collect(Collectors.joining(" UNION ALL "));
    }

    /** A condition on the table under that alias that is true for the tenant's rows. */
    public String condition(TableName table, String alias, TenantId tenant) {
        return condition(table, alias, tenant, new Aliases());
    }

    private String condition(TableName table, String alias, TenantId tenant, Aliases aliases) {
        Path path = path(table, alias, aliases);
        String condition = endCondition(path, tenant, aliases);
        return path.joins().isEmpty() ? condition : "EXISTS (SELECT " + path.fromParents() + " AND " + condition + ")";
    }

    /** Whether the row at the end of the path is the tenant's. */
    private String endCondition(Path path, TenantId tenant, Aliases aliases) {
        return switch (rule(path.end())) {
            case TableRule.TenantTable tenants -> isTenant(path, tenants.idColumn(), tenant);
            case TableRule.ByColumn column -> isTenant(path, column.column(), tenant);
            case TableRule.BySchema schema ->
                tenantOf(path.end()).filter(tenant::equals).isPresent() ? "true" : "false";
            case TableRule.ByPaths several ->
                eachPath(path, several, aliases).stream()
                        .map(way -> way.isFirst() + " AND " + leadsTo(way, tenant, aliases))
                        .collect(Collectors.joining(" OR ", "(", ")"));
            case TableRule.ByType type ->
                map.isTree(path.end()) ? isInTree(path, type, tenant, aliases) : isOfTypes(path, type, tenant, aliases);
            case null -> throw notOwned(path.end());
            default -> throw notOwned(path.end());
        };
    }

    /** Down from rows that belong to the tenant's rows of other tables. */
    private String isInTree(Path path, TableRule.ByType type, TenantId tenant, Aliases aliases) {
        TableName table = path.end();
        String key = Sql.identifier(rowKey(table, type));
        String root = aliases.next();
        String tree = aliases.next();
        String child = aliases.next();
        return path.endAlias() + "." + key + " IN (WITH RECURSIVE " + tree + " AS (SELECT " + root + "." + key
                + " FROM "
                + from(table, root) + " WHERE "
                + isOfTypes(new Path(List.of(), table, root), type, tenant, aliases)
                + " UNION SELECT " + child + "." + key + " FROM " + tree + " JOIN " + from(table, child) + " ON "
                + namesOwn(table, child, type, tree) + ") SELECT " + key + " FROM " + tree + ")";
    }

    /** Up from the row, over rows of its table, to those that name a row of another: at most one. */
    private String upTree(TableName table, String alias, TableRule.ByType type, String up, Aliases aliases) {
        String parent = aliases.next();
        String columns = "%s." + Sql.identifier(type.typeColumn()) + ", %s." + Sql.identifier(type.idColumn());
        return "WITH RECURSIVE " + up + " AS (SELECT " + columns.replace("%s", alias) + " UNION SELECT "
                + columns.replace("%s", parent) + " FROM " + up + " JOIN " + from(table, parent) + " ON "
                + namesOwn(table, up, type, parent) + ")";
    }

    /** Whether the row under one alias names, as its parent, that of the same table under the other. */
    private String namesOwn(TableName table, String alias, TableRule.ByType type, String parentAlias) {
        return typeText(table, alias, type) + " IN (" + ownTexts(table, type) + ") AND "
                + comparison(table, alias, type, table, parentAlias).condition();
    }

    /** Texts that stand for the very table. */
    private static String ownTexts(TableName table, TableRule.ByType type) {
        return type.textsOf(table).stream().map(Sql::literal).collect(Collectors.joining(", "));
    }

    private String rowKey(TableName table, TableRule.ByType type) {
        List<String> key = catalogue.require(table).rowKey();
        requireSameLength(key, List.of(type.idColumn()));
        return key.getFirst();
    }

    private String isTenant(Path path, String column, TenantId tenant) {
        return catalogue
                .require(path.end())
                .equality(column)
                .exactly(path.endAlias() + "." + Sql.identifier(column), Sql.literal(tenant.value()));
    }

    /** From the tenant's rows of every type, and not the table's rows one by one: an index on type and id is of use. */
    private String isOfTypes(Path path, TableRule.ByType type, TenantId tenant, Aliases aliases) {
        Map<String, List<String>> byHolder = new LinkedHashMap<>();
        String typeText = typeText(path.end(), path.endAlias(), type);
        List<String> conditions = new ArrayList<>();
        type.besides(path.end()).forEach((text, parent) -> {
            String parentAlias = aliases.next();
            KeyComparison comparison = comparison(path.end(), path.endAlias(), type, parent, parentAlias);
            String rows = from(parent, parentAlias) + " WHERE " + condition(parent, parentAlias, tenant, aliases);
            if (comparison.isByOneOperator()) {
                byHolder.computeIfAbsent(comparison.holder(), holder -> new ArrayList<>())
                        .add("SELECT " + Sql.literal(text) + "::text, " + comparison.keyAsHeld() + " FROM " + rows);
            } else {
                conditions.add(typeText + " = " + Sql.literal(text) + " AND EXISTS (SELECT FROM " + rows + " AND "
                        + comparison.condition() + ")");
            }
        });
        byHolder.forEach((holder, branches) ->
                conditions.add("(" + typeText + ", " + holder + ") IN (" + String.join(" UNION ALL ", branches) + ")"));
        return conditions.isEmpty() ? "false" : "(" + String.join(" OR ", conditions) + ")";
    }

    /** The tenant's id that the row under that alias leads to, as an expression; NULL for a row that is nobody's. */
    public String owner(TableName table, String alias) {
        return owner(table, alias, new Aliases());
    }

    private String owner(TableName table, String alias, Aliases aliases) {
        Path path = path(table, alias, aliases);
        String owner = endOwner(path, aliases);
        return path.joins().isEmpty() ? owner : "(SELECT " + owner + " " + path.fromParents() + ")";
    }

    private String endOwner(Path path, Aliases aliases) {
        return switch (rule(path.end())) {
            case TableRule.TenantTable tenants -> path.endAlias() + "." + Sql.identifier(tenants.idColumn());
            case TableRule.ByColumn column -> path.endAlias() + "." + Sql.identifier(column.column());
            case TableRule.BySchema schema ->
                tenantOf(path.end()).map(tenant -> Sql.literal(tenant.value())).orElse("NULL") + "::text";
            case TableRule.ByPaths several ->
                eachPath(path, several, aliases).stream()
                        .map(way -> " WHEN " + way.isSet() + " THEN (SELECT "
                                + owner(way.parent(), way.toParent().endAlias(), aliases) + "::text "
                                + way.toParent().fromParents() + ")")
                        .collect(Collectors.joining("", "CASE", " END"));
            case TableRule.ByType type -> {
                if (!map.isTree(path.end())) {
                    yield ownerByType(path.end(), path.endAlias(), type, aliases);
                }
                String up = aliases.next();
                yield "(" + upTree(path.end(), path.endAlias(), type, up, aliases) + " SELECT "
                        + ownerByType(path.end(), up, type, aliases) + " FROM " + up + " WHERE "
                        + typeText(path.end(), up, type) + " NOT IN (" + ownTexts(path.end(), type) + "))";
            }
            case null -> throw notOwned(path.end());
            default -> throw notOwned(path.end());
        };
    }

    private String ownerByType(TableName table, String alias, TableRule.ByType type, Aliases aliases) {
        StringBuilder sql = new StringBuilder("CASE ").append(typeText(table, alias, type));
        type.besides(table).forEach((text, parent) -> {
            String parentAlias = aliases.next();
            sql.append(" WHEN ")
                    .append(Sql.literal(text))
                    .append(" THEN (SELECT ")
                    .append(owner(parent, parentAlias, aliases))
                    .append("::text FROM ")
                    .append(from(parent, parentAlias))
                    .append(" WHERE ")
                    .append(comparison(table, alias, type, parent, parentAlias).condition())
                    .append(')');
        });
        return sql.append(" END").toString();
    }

    /** One of several paths from a row, which counts where it is set and none that comes sooner is. */
    private record OneOfPaths(TableName parent, String isSet, String isFirst, Path toParent, Optional<String> key) {}

    /** From the tenant's keys of one column, if that is what the path needs, so that an index on it is of use. */
    private String leadsTo(OneOfPaths way, TenantId tenant, Aliases aliases) {
        String alias = way.toParent().endAlias();
        String owned = condition(way.parent(), alias, tenant, aliases);
        return way.key()
                .map(key -> key + from(way.parent(), alias) + " WHERE " + owned + "))")
                .orElseGet(() -> "EXISTS (SELECT " + way.toParent().fromParents() + " AND " + owned + ")");
    }

    private List<OneOfPaths> eachPath(Path soFar, TableRule.ByPaths several, Aliases aliases) {
        return several.paths().stream()
                .map(path -> {
                    String parentAlias = aliases.next();
                    Join join = join(path, soFar.end(), soFar.endAlias(), parentAlias);
                    return new OneOfPaths(
                            path.parent(),
                            PathColumns.areSet(path.columns(), soFar.endAlias()),
                            PathColumns.noneIsSet(several.sooner(path), soFar.endAlias()),
                            new Path(List.of(join), path.parent(), parentAlias),
                            PathColumns.isAny(catalogue, path, soFar.end(), soFar.endAlias(), parentAlias));
                })
                .toList();
    }

    /** A condition that is true where that very row refers to nothing, whatever it is for those above and below it. */
    public String isCutOff(TableName table, String alias) {
        return switch (rule(table)) {
            case TableRule.TenantTable tenants -> alias + "." + Sql.identifier(tenants.idColumn()) + " IS NULL";
            case TableRule.ByColumn column -> alias + "." + Sql.identifier(column.column()) + " IS NULL";
            case TableRule.BySchema schema -> "false";
            case TableRule.ByPath path -> {
                Join join = join(path, table, alias, "p1");
                yield "NOT EXISTS (SELECT FROM " + join.from() + " WHERE " + join.on() + ")";
            }
            case TableRule.ByPaths several ->
                eachPath(new Path(List.of(), table, alias), several, new Aliases()).stream()
                        .map(way -> " WHEN " + way.isSet() + " THEN NOT EXISTS (SELECT "
                                + way.toParent().fromParents() + ")")
                        .collect(Collectors.joining("", "CASE", " ELSE true END"));
            case TableRule.ByType type -> {
                StringBuilder sql = new StringBuilder("CASE ").append(typeText(table, alias, type));
                type.parentsByType()
                        .forEach((text, parent) -> sql.append(" WHEN ")
                                .append(Sql.literal(text))
                                .append(" THEN NOT EXISTS (SELECT FROM ")
                                .append(from(parent, "p1"))
                                .append(" WHERE ")
                                .append(comparison(table, alias, type, parent, "p1")
                                        .condition())
                                .append(')'));
                yield sql.append(" ELSE true END").toString();
            }
            case null -> throw notOwned(table);
            default -> throw notOwned(table);
        };
    }

    /**
     * The JOINs that lead from rows of the table, under one alias, to a table that they belong to rows of, under another:
     * one text for every way there is. No row goes two of them.
     */
    public List<String> joinsTo(TableName ancestor, String ancestorAlias, TableName table, String alias) {
        List<String> ways = routes(table, alias, new Search(ancestor::equals, Optional.of(ancestorAlias))).stream()
                .map(Path::joined)
                .toList();
        if (ways.isEmpty()) {
            throw new IllegalStateException("no path leads from " + table + " to " + ancestor);
        }
        return ways;
    }

    /** Which tables to look for on the way up, and the alias that one gets. */
    private record Search(Predicate<TableName> wanted, Optional<String> endAlias) {
        String endAlias(int hop) {
            return endAlias.orElse("p" + hop);
        }

        /** Whether rows above a row in its own table are looked for, too; else the table that they are in is an end. */
        boolean climbs() {
            return endAlias.isPresent();
        }
    }

    /** All ways from the table's rows up to tables that are wanted, every type of a row with several a way of its own. */
    private List<Path> routes(TableName start, String alias, Search search) {
        List<Path> routes = new ArrayList<>();
        Path path = new Path(List.of(), start, alias);
        if (search.wanted().test(start) && !search.climbs()) {
            routes.add(path);
        } else {
            addRoutes(path, search, routes);
        }
        return routes;
    }

    private void addRoutes(Path soFar, Search search, List<Path> routes) {
        if (search.climbs() && map.isTree(soFar.end()) && rule(soFar.end()) instanceof TableRule.ByType type) {
            addRoutesTo(soFar, soFar.end(), alias -> above(soFar, type, alias), search, routes);
        }
        addRoutesOut(soFar, search, routes);
    }

    /** To other tables than the one that was reached. */
    private void addRoutesOut(Path soFar, Search search, List<Path> routes) {
        switch (rule(soFar.end())) {
            case TableRule.ByPath path ->
                addRoutesTo(
                        soFar,
                        path.parent(),
                        alias -> join(path, soFar.end(), soFar.endAlias(), alias),
                        search,
                        routes);
            case TableRule.ByPaths several ->
                several.paths()
                        .forEach(path -> addRoutesTo(
                                soFar,
                                path.parent(),
                                alias -> {
                                    Join join = join(path, soFar.end(), soFar.endAlias(), alias);
                                    return new Join(
                                            join.from(),
                                            join.on() + " AND "
                                                    + PathColumns.noneIsSet(several.sooner(path), soFar.endAlias()));
                                },
                                search,
                                routes));
            case TableRule.ByType type ->
                type.besides(soFar.end())
                        .forEach((text, parent) -> addRoutesTo(
                                soFar,
                                parent,
                                alias -> new Join(
                                        from(parent, alias),
                                        typeText(soFar.end(), soFar.endAlias(), type) + " = " + Sql.literal(text)
                                                + " AND "
                                                + comparison(soFar.end(), soFar.endAlias(), type, parent, alias)
                                                        .condition()),
                                search,
                                routes));
            case null -> throw notOwned(soFar.end());
            default -> {
                // ends at a tenant without having met what is wanted
            }
        }
    }

    /** @param join makes the join to the next table from the alias that gets */
    private void addRoutesTo(
            Path soFar, TableName next, Function<String, Join> join, Search search, List<Path> routes) {
        int hop = soFar.joins().size() + 1;
        boolean wanted = search.wanted().test(next);
        boolean climbed = soFar.end().equals(next);
        if (wanted) {
            String alias = search.endAlias(hop);
            routes.add(extended(soFar, join.apply(alias), next, alias));
        }
        Path passed = extended(soFar, join.apply("p" + hop), next, "p" + hop);
        if (climbed && !wanted) {
            addRoutesOut(passed, search, routes);
        } else if (!climbed && (!wanted || (search.climbs() && map.isTree(next)))) {
            addRoutes(passed, search, routes);
        }
    }

    /** To any row above it in its own table, of which the columns that lead there and on are known. */
    private Join above(Path soFar, TableRule.ByType type, String alias) {
        TableName table = soFar.end();
        String up = alias + "u";
        String parent = alias + "n";
        String columns = Stream.of(rowKey(table, type), type.typeColumn(), type.idColumn())
                .distinct()
                .map(column -> parent + "." + Sql.identifier(column))
                .collect(Collectors.joining(", "));
        String from = from(table, parent);
        return new Join(
                "LATERAL (WITH RECURSIVE " + up + " AS (SELECT " + columns + " FROM " + from + " WHERE "
                        + namesOwn(table, soFar.endAlias(), type, parent) + " UNION SELECT " + columns + " FROM " + up
                        + " JOIN " + from + " ON " + namesOwn(table, up, type, parent) + ") SELECT * FROM " + up + ") "
                        + alias,
                "true");
    }

    private static Path extended(Path path, Join join, TableName end, String alias) {
        List<Join> joins = new ArrayList<>(path.joins());
        joins.add(join);
        return new Path(joins, end, alias);
    }

    /** The one way up to the tenant or, where rows go several, up to there. */
    private Path path(TableName start, String startAlias, Aliases aliases) {
        Path path = new Path(List.of(), start, startAlias);
        while (rule(path.end()) instanceof TableRule.ByPath byPath) {
            String parentAlias = aliases.next();
            path = extended(path, join(byPath, path.end(), path.endAlias(), parentAlias), byPath.parent(), parentAlias);
        }
        return path;
    }

    private Join join(TableRule.ByPath path, TableName table, String alias, String parentAlias) {
        Table parent = catalogue.require(path.parent());
        List<String> columns = path.parentColumns().isEmpty() ? parent.rowKey() : path.parentColumns();
        requireSameLength(columns, path.columns());
        Table child = catalogue.require(table);
        String on = IntStream.range(0, columns.size())
                .mapToObj(i -> parent.equality(columns.get(i))
                        .exactly(
                                parentAlias + "." + Sql.identifier(columns.get(i)),
                                child.equality(path.columns().get(i)),
                                alias + "." + Sql.identifier(path.columns().get(i))))
                .collect(Collectors.joining(" AND "));
        return new Join(from(parent.name(), parentAlias), on);
    }

    private KeyComparison comparison(
            TableName table, String alias, TableRule.ByType type, TableName parentName, String parentAlias) {
        Table parent = catalogue.require(parentName);
        requireSameLength(parent.rowKey(), List.of(type.idColumn()));
        return new KeyComparison(
                parent, parent.rowKey().getFirst(), parentAlias, catalogue.require(table), type.idColumn(), alias);
    }

    /** As text, since the type of an enum would refuse a text that is none of its labels. */
    private String typeText(TableName table, String alias, TableRule.ByType type) {
        String column = type.typeColumn();
        return catalogue.require(table).equality(column).text(alias + "." + Sql.identifier(column));
    }

    private static void requireSameLength(List<String> parentColumns, List<String> columns) {
        if (parentColumns.size() != columns.size()) {
            throw ReinstateException.conflict(
                    "The path through " + columns + " does not fit",
                    "the table it leads to is now known by " + parentColumns.size() + " columns",
                    "compare the tenancy map with the table's primary key");
        }
    }

    private Optional<TenantId> tenantOf(TableName table) {
        return map.tenantSchemas().flatMap(pattern -> pattern.tenantOf(table.schema()));
    }

    private List<TableName> parents(TableName table) {
        return map.rule(table).map(rule -> List.copyOf(rule.parents())).orElse(List.of());
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
