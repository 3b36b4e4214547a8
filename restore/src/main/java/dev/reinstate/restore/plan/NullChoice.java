package dev.reinstate.restore.plan;

import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which columns of a foreign key to write NULL into so that it refers to nothing.
 *
 * @param columns as few as it takes; none when it cannot be
 * @param hindrance why not, when it cannot be
 */
record NullChoice(List<String> columns, String hindrance) {
    /**
     * @param keyThen columns of the key that rows had then
     * @param matchFull whether all columns of the foreign key have to be NULL together
     */
    static NullChoice of(TargetTables target, Table table, List<String> keyThen, ForeignKey key, boolean matchFull) {
        Map<String, String> hindrances = new HashMap<>();
        for (String column : key.columns()) {
            hindrance(target, table, keyThen, column).ifPresent(why -> hindrances.put(column, why));
        }
        List<String> may = key.columns().stream()
                .filter(column -> !hindrances.containsKey(column))
                .toList();
        boolean enough = matchFull ? hindrances.isEmpty() : !may.isEmpty();
        if (!enough) {
            return new NullChoice(List.of(), String.join(", ", new HashSet<>(hindrances.values())));
        }
        return new NullChoice(matchFull ? may : List.of(leastUsed(table, key, may)), "");
    }

    /** The last that no other foreign key has, if there is one. */
    private static String leastUsed(Table table, ForeignKey key, List<String> may) {
        Set<String> others = new HashSet<>();
        table.foreignKeys().stream()
                .filter(other -> !other.equals(key))
                .forEach(other -> others.addAll(other.columns()));
        return may.reversed().stream()
                .filter(column -> !others.contains(column))
                .findFirst()
                .orElse(may.getLast());
    }

    private static Optional<String> hindrance(TargetTables target, Table table, List<String> keyThen, String name) {
        TableColumn column = table.column(name).orElseThrow();
        if (column.notNull()
                || target.checkedTypes().notNull().contains(column.column().typeName())) {
            return Optional.of(name + " must not be NULL");
        }
        if (column.generated()) {
            return Optional.of(name + " is computed");
        }
        if (keyThen.contains(name) || table.rowKey().contains(name)) {
            return Optional.of(name + " is in the key");
        }
        if (target.owningColumns(table.name()).contains(name)) {
            return Optional.of(name + " names what the row belongs to");
        }
        boolean referenced = target.referencesTo(table.name()).stream()
                .anyMatch(reference -> reference.key().referencedColumns().contains(name));
        boolean named = target.map().rules().values().stream()
                .flatMap(rule -> rule.paths().stream())
                .anyMatch(path -> target.root(path.parent()).equals(target.root(table.name()))
                        && path.parentColumns().contains(name));
        return referenced || named ? Optional.of("rows refer to " + name) : Optional.empty();
    }
}
