package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Partitions and children by inheritance as what they are for a person: parts of one table, its root. Foreign keys are
 * not inherited, so those that every part declares count as the root's.
 */
final class LogicalTables {
    private final Catalogue catalogue;
    private final List<Table> roots = new ArrayList<>();
    private final Map<TableName, List<Table>> children = new HashMap<>();
    private final Map<TableName, List<ForeignKey>> foreignKeys = new HashMap<>();

    LogicalTables(Catalogue catalogue) {
        this.catalogue = catalogue;
        for (Table table : catalogue.tables()) {
            List<TableName> parents = knownParents(table);
            if (parents.isEmpty()) {
                roots.add(table);
            }
            parents.forEach(parent ->
                    children.computeIfAbsent(parent, p -> new ArrayList<>()).add(table));
        }
        roots.forEach(root -> foreignKeys.put(root.name(), ownAndCommon(root)));
    }

    /** Parents that are tables of this catalogue. */
    List<TableName> knownParents(Table table) {
        return table.parents().stream()
                .filter(parent -> catalogue.table(parent).isPresent())
                .toList();
    }

    /** Tables that are no part of another, by name. */
    List<Table> roots() {
        return roots;
    }

    /** The topmost table it is a part of; of several, the one inherited first. The name itself when unknown. */
    TableName rootOf(TableName table) {
        Set<TableName> seen = new HashSet<>();
        TableName root = table;
        while (seen.add(root)) {
            List<TableName> parents =
                    catalogue.table(root).map(this::knownParents).orElse(List.of());
            if (parents.isEmpty()) {
                return root;
            }
            root = parents.getFirst();
        }
        return root;
    }

    /** All parts below a table, parents before children; a part that inherits twice is there once. */
    List<Table> parts(TableName root) {
        List<Table> parts = new ArrayList<>();
        children.getOrDefault(root, List.of()).forEach(child -> {
            if (!parts.contains(child)) {
                parts.add(child);
            }
            parts(child.name()).stream().filter(p -> !parts.contains(p)).forEach(parts::add);
        });
        return parts;
    }

    /** The root's foreign keys and those that all its parts declare alike. */
    List<ForeignKey> foreignKeys(Table root) {
        return foreignKeys.getOrDefault(root.name(), root.foreignKeys());
    }

    private List<ForeignKey> ownAndCommon(Table root) {
        List<Table> leaves = parts(root.name()).stream()
                .filter(part -> children.getOrDefault(part.name(), List.of()).isEmpty())
                .toList();
        List<ForeignKey> keys = new ArrayList<>(root.foreignKeys());
        if (leaves.isEmpty()) {
            return keys;
        }
        leaves.getFirst().foreignKeys().stream()
                .filter(key -> keys.stream().noneMatch(own -> sameKey(own, key)))
                .filter(key ->
                        key.columns().stream().allMatch(c -> root.column(c).isPresent()))
                .filter(key -> leaves.stream()
                        .allMatch(leaf -> leaf.foreignKeys().stream().anyMatch(other -> sameKey(other, key))))
                .forEach(keys::add);
        return keys;
    }

    private static boolean sameKey(ForeignKey one, ForeignKey other) {
        return one.columns().equals(other.columns())
                && one.referenced().equals(other.referenced())
                && one.referencedColumns().equals(other.referencedColumns());
    }
}
