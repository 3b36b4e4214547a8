package dev.reinstate.model;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a person decides about whose rows are whose: few rules for many tables, and tables that have their own. With the
 * tables there are it becomes a {@link TenancyMap}, so that a table of tomorrow that fits a rule has it.
 *
 * @param tenantTable the table with one row a tenant; it has a rule of its own
 * @param tenantSchemas where each tenant has a schema, how its name tells the tenant
 * @param patterns the first that fits a table without a rule of its own is its rule
 * @param tables rules of single tables
 * @param exclusions columns that are never archived
 */
public record TenancyRules(
        Optional<TableName> tenantTable,
        Optional<SchemaPattern> tenantSchemas,
        List<PatternRule> patterns,
        SortedMap<TableName, TableRule> tables,
        List<ColumnExclusion> exclusions) {
    /** A schema that is no tenant's unless a table's own rule says so, even where a tenant's may have any name. */
    private static final String EVERYBODYS = "public";

    public TenancyRules {
        patterns = List.copyOf(patterns);
        tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
        exclusions = List.copyOf(exclusions);
    }

    /** Rules that exclude no column. */
    public TenancyRules(
            Optional<TableName> tenantTable,
            Optional<SchemaPattern> tenantSchemas,
            List<PatternRule> patterns,
            SortedMap<TableName, TableRule> tables) {
        this(tenantTable, tenantSchemas, patterns, tables, List.of());
    }

    /** The rules that spell out that map, table by table. */
    public static TenancyRules of(TenancyMap map) {
        return new TenancyRules(map.tenantTable(), map.tenantSchemas(), List.of(), map.rules());
    }

    /** These rules with those exclusions. */
    public TenancyRules excluding(List<ColumnExclusion> columns) {
        return new TenancyRules(tenantTable, tenantSchemas, patterns, tables, columns);
    }

    /** These rules; {@code INVALID} when there are no tenants in them or no table could change that they contradict. */
    public TenancyRules requireSound() {
        if (patterns.isEmpty() && tenantSchemas.isEmpty()) {
            resolve(List.of());
        } else if (tenantTable.isPresent() && !(tables.get(tenantTable.get()) instanceof TableRule.TenantTable)) {
            new TenancyMap(tenantTable, tenantSchemas, tables);
        }
        return this;
    }

    /**
     * A table of a database.
     *
     * @param root the topmost table of a partition, whose rule it has; of any other table itself
     */
    public record Member(TableName name, TableName root, Set<String> columns) {
        public Member {
            columns = Set.copyOf(columns);
        }
    }

    /**
     * What the rules say of those tables, and of single tables that are not among them. Tables that no rule fits are not
     * in it. {@code INVALID} when the rules contradict themselves.
     */
    public TenancyMap resolve(Collection<Member> members) {
        Map<TableName, Member> byName = new HashMap<>();
        members.forEach(member -> byName.put(member.name(), member));
        SortedMap<TableName, TableRule> rules = new TreeMap<>(tables);
        for (Member member : members) {
            if (!tables.containsKey(member.name())) {
                rule(byName.getOrDefault(member.root(), member)).ifPresent(rule -> rules.put(member.name(), rule));
            }
        }
        return new TenancyMap(tenantTable, tenantSchemas, rules);
    }

    /**
     * Whether that column must not be archived.
     *
     * @param root the topmost table of a partition, whose exclusions hold for it, too; of any other table itself
     */
    public boolean excludes(TableName table, TableName root, String column) {
        return exclusions.stream()
                .anyMatch(exclusion -> exclusion.names(table, column) || exclusion.names(root, column));
    }

    private Optional<TableRule> rule(Member table) {
        TableRule own = tables.get(table.name());
        if (own != null) {
            return Optional.of(own);
        }
        return patterns.stream()
                .filter(pattern -> pattern.fits(table.name(), table.columns()))
                .findFirst()
                .map(PatternRule::rule)
                .or(() -> tenantSchemas
                        .filter(schemas -> !table.name().schema().equals(EVERYBODYS))
                        .flatMap(schemas -> schemas.tenantOf(table.name().schema()))
                        .map(tenant -> new TableRule.BySchema()));
    }
}
