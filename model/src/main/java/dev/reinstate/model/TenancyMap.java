package dev.reinstate.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a store belong to which tenant.
 *
 * @param tenantTable the table with one row a tenant
 * @param rules every table's rule
 */
public record TenancyMap(TableName tenantTable, SortedMap<TableName, TableRule> rules) {
    public TenancyMap {
        rules = Collections.unmodifiableSortedMap(new TreeMap<>(rules));
        if (!(rules.get(tenantTable) instanceof TableRule.TenantTable)) {
            throw ReinstateException.invalid(
                    "The tenancy map does not call " + tenantTable + " its tenant table",
                    "exactly that table holds one row a tenant",
                    "run `reinstate init` again or mend the tenancy map");
        }
        for (TableName table : rules.keySet()) {
            requireEndsAtTenant(table, rules);
        }
    }

    private static boolean endsAtTenant(@Nullable TableRule rule) {
        return rule instanceof TableRule.TenantTable
                || rule instanceof TableRule.ByColumn
                || rule instanceof TableRule.ByPath;
    }

    private static void requireEndsAtTenant(TableName start, Map<TableName, TableRule> rules) {
        Set<TableName> seen = new LinkedHashSet<>();
        TableName table = start;
        while (rules.get(table) instanceof TableRule.ByPath path) {
            if (!seen.add(table)) {
                throw ReinstateException.invalid(
                        "The path of " + start + " goes in a circle through " + seen,
                        "a path must end at the tenant table or a table with a tenant column",
                        "give one of them another rule in the tenancy map");
            }
            table = path.parent();
            if (!endsAtTenant(rules.get(table))) {
                throw ReinstateException.invalid(
                        "The path of " + start + " leads to " + table + ", which belongs to no tenant",
                        "a path must end at the tenant table or a table with a tenant column",
                        "give one of them another rule in the tenancy map");
            }
        }
    }

    public Optional<TableRule> rule(TableName table) {
        return Optional.ofNullable(rules.get(table));
    }

    /** Whether rows of the table belong to tenants. */
    public boolean isTenantOwned(TableName table) {
        return endsAtTenant(rules.get(table));
    }

    /** Tables whose rows are captured: tenants' and shared ones. */
    public List<TableName> capturedTables() {
        List<TableName> captured = new ArrayList<>();
        rules.forEach((table, rule) -> {
            if (isTenantOwned(table) || rule instanceof TableRule.Shared) {
                captured.add(table);
            }
        });
        return captured;
    }

    /** Tenants' tables, every table after the one its path leads to. */
    public List<TableName> tenantTablesParentsFirst() {
        Set<TableName> ordered = new LinkedHashSet<>();
        rules.keySet().stream().filter(this::isTenantOwned).forEach(table -> addAfterParents(table, ordered));
        return List.copyOf(ordered);
    }

    private void addAfterParents(TableName table, Set<TableName> ordered) {
        if (rules.get(table) instanceof TableRule.ByPath path) {
            addAfterParents(path.parent(), ordered);
        }
        ordered.add(table);
    }
}
