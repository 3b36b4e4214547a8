package dev.reinstate.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which rows of a store belong to which tenant.
 *
 * @param tenantTable the table with one row a tenant; empty where tenants are known by their schemas alone
 * @param tenantSchemas where each tenant has a schema, how its name tells the tenant
 * @param rules every table's rule
 */
public record TenancyMap(
        Optional<TableName> tenantTable, Optional<SchemaPattern> tenantSchemas, SortedMap<TableName, TableRule> rules) {
    public TenancyMap {
        rules = Collections.unmodifiableSortedMap(new TreeMap<>(rules));
        requireTenants(tenantTable, tenantSchemas, rules);
        for (TableName table : rules.keySet()) {
            requireEndsAtTenant(table, rules, new LinkedHashSet<>());
        }
    }

    /** The map of a store whose tenants have one row each in that table. */
    public TenancyMap(TableName tenantTable, SortedMap<TableName, TableRule> rules) {
        this(Optional.of(tenantTable), Optional.empty(), rules);
    }

    private static void requireTenants(
            Optional<TableName> tenantTable, Optional<SchemaPattern> schemas, Map<TableName, TableRule> rules) {
        if (tenantTable.isEmpty() && schemas.isEmpty()) {
            throw ReinstateException.invalid(
                    "The tenancy map has no tenants",
                    "it names neither a tenant table nor how tenants' schemas are called",
                    "give it a tenantTable or tenantSchemas");
        }
        tenantTable
                .filter(table -> !(rules.get(table) instanceof TableRule.TenantTable))
                .ifPresent(table -> {
                    throw ReinstateException.invalid(
                            "The tenancy map does not call " + table + " its tenant table",
                            "exactly that table holds one row a tenant",
                            "give it the rule \"tenant COLUMN\", or name another tenantTable");
                });
        rules.forEach((table, rule) -> {
            if (rule instanceof TableRule.BySchema
                    && schemas.flatMap(pattern -> pattern.tenantOf(table.schema()))
                            .isEmpty()) {
                throw ReinstateException.invalid(
                        "The schema of " + table + " names no tenant",
                        schemas.map(pattern -> "tenants' schemas are called " + pattern)
                                .orElse("the tenancy map does not say how tenants' schemas are called"),
                        "mend tenantSchemas, or give the table another rule");
            }
        });
    }

    private static boolean endsAtTenant(Map<TableName, TableRule> rules, TableName table) {
        TableRule rule = rules.get(table);
        return rule != null && rule.isOwned();
    }

    private static void requireEndsAtTenant(TableName table, Map<TableName, TableRule> rules, Set<TableName> below) {
        TableRule rule = rules.get(table);
        if (rule == null || rule.parents().isEmpty()) {
            return;
        }
        if (!below.add(table)) {
            throw ReinstateException.invalid(
                    "The path of " + below.iterator().next() + " goes in a circle through " + below,
                    "a path must end at the tenant table or a table with a tenant column",
                    "give one of them another rule in the tenancy map");
        }
        Collection<TableName> others = rule.parentsBesides(table);
        if (rule instanceof TableRule.ByPaths && others.size() < rule.parents().size()) {
            throw ReinstateException.invalid(
                    "One of several paths of " + table + " leads to " + table,
                    "of rows that may belong to rows of their own table, only a type can tell which do",
                    "leave that path out, or give the table another rule");
        }
        if (others.isEmpty()) {
            throw ReinstateException.invalid(
                    "Rows of " + table + " belong to rows of " + table + " alone",
                    "a path must end at the tenant table or a table with a tenant column",
                    "give it another rule, or a type that stands for another table");
        }
        for (TableName parent : others) {
            if (!endsAtTenant(rules, parent)) {
                throw ReinstateException.invalid(
                        "The path of " + below.iterator().next() + " leads to " + parent
                                + ", which belongs to no tenant",
                        "a path must end at the tenant table or a table with a tenant column",
                        "give one of them another rule in the tenancy map");
            }
            requireEndsAtTenant(parent, rules, below);
        }
        below.remove(table);
    }

    /** The same tenants with other rules. */
    public TenancyMap withRules(SortedMap<TableName, TableRule> other) {
        return new TenancyMap(tenantTable, tenantSchemas, other);
    }

    public Optional<TableRule> rule(TableName table) {
        return Optional.ofNullable(rules.get(table));
    }

    /** Whether rows of the table may belong to rows of the same table: a tree, whose roots belong to rows of others. */
    public boolean isTree(TableName table) {
        return rule(table).filter(rule -> rule.parents().contains(table)).isPresent();
    }

    /** Whether that is the table with one row a tenant. */
    public boolean isTenantTable(TableName table) {
        return tenantTable.filter(table::equals).isPresent();
    }

    /** Whether rows of the table belong to tenants. */
    public boolean isTenantOwned(TableName table) {
        return endsAtTenant(rules, table);
    }

    /** Tables whose rows are captured: tenants' and shared ones. */
    public List<TableName> capturedTables() {
        List<TableName> captured = new ArrayList<>();
        rules.forEach((table, rule) -> {
            if (rule.isOwned() || rule instanceof TableRule.Shared) {
                captured.add(table);
            }
        });
        return captured;
    }

    /** Tenants' tables, every table after those its rows belong to rows of. */
    public List<TableName> tenantTablesParentsFirst() {
        Set<TableName> ordered = new LinkedHashSet<>();
        rules.keySet().stream().filter(this::isTenantOwned).forEach(table -> addAfterParents(table, ordered));
        return List.copyOf(ordered);
    }

    private void addAfterParents(TableName table, Set<TableName> ordered) {
        if (!ordered.contains(table)) {
            rule(table)
                    .ifPresent(rule -> rule.parentsBesides(table).forEach(parent -> addAfterParents(parent, ordered)));
            ordered.add(table);
        }
    }
}
