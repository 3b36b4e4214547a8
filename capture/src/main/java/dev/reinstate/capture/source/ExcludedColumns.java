package dev.reinstate.capture.source;

import dev.reinstate.model.ColumnExclusion;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which columns a person has excluded: capture goes on as though the tables did not have them. */
public final class ExcludedColumns {
    private final TenancyRules rules;

    public ExcludedColumns(TenancyRules rules) {
        this.rules = rules;
    }

    /** The table's columns that are excluded, in the catalogue's order. */
    public List<String> of(Catalogue catalogue, Table table) {
        TableName root = catalogue.root(table.name());
        return table.columns().stream()
                .map(Table.TableColumn::name)
                .filter(column -> rules.excludes(table.name(), root, column))
                .toList();
    }

    /**
     * Whether a column of the stream is to be left out. Of a table that is gone by now nobody can say whose partition it
     * was, so that every exclusion counts.
     */
    boolean leavesOut(Catalogue catalogue, int oid, TableName table, String column) {
        return catalogue
                .table(oid)
                .map(found -> rules.excludes(table, catalogue.root(found.name()), column)
                        || rules.excludes(found.name(), table, column))
                .orElseGet(() -> rules.exclusions().stream().anyMatch(exclusion -> exclusion.namesColumn(column)));
    }

    /** A table that the stream tells of, without them; it may be new, or have another name than in the catalogue. */
    Table told(Catalogue catalogue, Table table) {
        return table.without(table.columns().stream()
                .map(Table.TableColumn::name)
                .filter(column -> leavesOut(catalogue, table.oid(), table.name(), column))
                .collect(Collectors.toSet()));
    }

    /** The tables without them; those that cannot do without one are left out, see {@link #refused}. */
    Catalogue without(Catalogue catalogue, Map<TableName, List<String>> refused) {
        return rules.exclusions().isEmpty()
                ? catalogue
                : catalogue.map(table -> Optional.of(table)
                        .filter(t -> !refused.containsKey(t.name()))
                        .map(t -> t.without(Set.copyOf(of(catalogue, t)))));
    }

    /** Tables of which a column is excluded by which their rows, or rows that belong to theirs, are known. */
    public Map<TableName, List<String>> refused(Catalogue catalogue, TenancyMap map) {
        if (rules.exclusions().isEmpty()) {
            return Map.of();
        }
        Map<TableName, Set<String>> referenced = referenced(map);
        Map<TableName, List<String>> refused = new LinkedHashMap<>();
        for (Table table : catalogue.tables()) {
            if (map.capturedTables().contains(table.name())) {
                Set<String> needed = new HashSet<>(table.rowKey());
                map.rule(table.name()).map(TableRule::ownerColumns).ifPresent(needed::addAll);
                needed.addAll(referenced.getOrDefault(catalogue.root(table.name()), Set.of()));
                List<String> excluded = new ArrayList<>(of(catalogue, table));
                excluded.retainAll(needed);
                if (!excluded.isEmpty()) {
                    refused.put(table.name(), excluded);
                }
            }
        }
        return refused;
    }

    private static Map<TableName, Set<String>> referenced(TenancyMap map) {
        return map.rules().values().stream()
                .flatMap(rule -> rule.paths().stream())
                .collect(Collectors.toMap(
                        TableRule.ByPath::parent, path -> new TreeSet<>(path.parentColumns()), (a, b) -> {
                            Set<String> both = new TreeSet<>(a);
                            both.addAll(b);
                            return both;
                        }));
    }

    /** Exclusions that name no column of any table there is. */
    public List<ColumnExclusion> idle(Catalogue catalogue) {
        return rules.exclusions().stream()
                .filter(exclusion -> catalogue.tables().stream()
                        .noneMatch(table -> table.columns().stream()
                                .anyMatch(column -> exclusion.names(table.name(), column.name()))))
                .toList();
    }
}
