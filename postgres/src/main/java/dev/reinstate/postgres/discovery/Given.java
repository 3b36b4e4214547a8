package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a person has said before discovery begins; discovery never contradicts it and builds on it.
 *
 * @param tenantTable the table with one row a tenant
 * @param decided rules for some tables
 */
public record Given(Optional<TableName> tenantTable, SortedMap<TableName, TableRule> decided) {
    public Given {
        decided = Collections.unmodifiableSortedMap(new TreeMap<>(decided));
    }

    public static Given tenantTable(TableName table) {
        return new Given(Optional.of(table), new TreeMap<>());
    }
}
