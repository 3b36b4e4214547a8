package dev.reinstate.postgres.discovery;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a person has said before discovery begins; discovery never contradicts it and builds on it.
 *
 * @param tenantTable the table with one row a tenant; empty where tenants are known by their schemas alone
 * @param tenantSchemas where each tenant has a schema, how its name tells the tenant
 * @param decided rules for some tables; a decision {@code Unmapped} is none
 */
public record Given(
        Optional<TableName> tenantTable,
        Optional<SchemaPattern> tenantSchemas,
        SortedMap<TableName, TableRule> decided) {
    public Given {
        TreeMap<TableName, TableRule> rules = new TreeMap<>(decided);
        rules.values().removeIf(TableRule.Unmapped.class::isInstance);
        decided = Collections.unmodifiableSortedMap(rules);
        if (tenantTable.isEmpty() && tenantSchemas.isEmpty()) {
            throw ReinstateException.invalid(
                    "It is not known what a tenant is",
                    "neither a tenant table nor a pattern of tenants' schemas is given",
                    "name the table with one row a tenant, or how the tenants' schemas are called");
        }
    }

    public static Given tenantTable(TableName table) {
        return new Given(Optional.of(table), Optional.empty(), new TreeMap<>());
    }
}
