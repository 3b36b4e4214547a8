package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The order in which rows are written so that what is referenced comes first. Where tables reference each other in a
 * circle, the circle is opened at a foreign key that can wait: a deferrable one, or else one that may be NULL at first.
 * Tables whose rows others belong to without a foreign key come first where no foreign key is against it.
 */
public final class TableOrder {
    /** A foreign key that leads from a table to one written after it. */
    public record OpenedKey(TableName table, ForeignKey key) {}

    private final Catalogue catalogue;
    private final List<Table> tables;
    private final Function<TableName, Collection<TableName>> parents;
    private final List<TableName> parentsFirst = new ArrayList<>();
    private final List<OpenedKey> opened = new ArrayList<>();

    private TableOrder(Catalogue catalogue, List<Table> tables, Function<TableName, Collection<TableName>> parents) {
        this.catalogue = catalogue;
        this.tables = tables;
        this.parents = parents;
    }

    /**
     * The order of those tables.
     *
     * @param parents tables that come before a table if they can, though no foreign key may lead to them
     */
    public static TableOrder of(
            Catalogue catalogue, List<Table> tables, Function<TableName, Collection<TableName>> parents) {
        TableOrder order = new TableOrder(catalogue, tables, parents);
        order.arrange();
        return order;
    }

    public List<TableName> parentsFirst() {
        return List.copyOf(parentsFirst);
    }

    public List<OpenedKey> opened() {
        return List.copyOf(opened);
    }

    private void arrange() {
        Set<Table> left = new LinkedHashSet<>(tables);
        while (!left.isEmpty()) {
            Table next = next(left);
            left.remove(next);
            parentsFirst.add(next.name());
            for (ForeignKey key : next.foreignKeys()) {
                if (left.stream().anyMatch(other -> references(key, other))) {
                    opened.add(new OpenedKey(next.name(), key));
                }
            }
        }
    }

    private Table next(Set<Table> left) {
        return left.stream()
                .filter(table -> parentsLeft(table, left).isEmpty())
                .findFirst()
                .orElseGet(() -> openCircle(left));
    }

    /** A table of a circle that waits for nothing outside of it, with keys that can wait where there is such a table. */
    private Table openCircle(Set<Table> left) {
        List<Table> circle = left.stream()
                .filter(table -> reachable(table, left).stream()
                        .allMatch(other -> reachable(other, left).contains(table)))
                .toList();
        return circle.stream()
                .filter(table -> referencedLeft(table, left).isEmpty())
                .findFirst()
                .or(() -> circle.stream()
                        .filter(table -> table.foreignKeys().stream()
                                .filter(key -> left.stream()
                                        .anyMatch(
                                                other -> !other.name().equals(table.name()) && references(key, other)))
                                .allMatch(key -> canWait(table, key)))
                        .findFirst())
                .orElse(circle.getFirst());
    }

    private static boolean canWait(Table table, ForeignKey key) {
        return key.deferrable() || mayBeNull(table, key);
    }

    /** Whether a row may be written without that reference at first. */
    public static boolean mayBeNull(Table table, ForeignKey key) {
        return key.columns().stream()
                .flatMap(column -> table.column(column).stream())
                .anyMatch(column -> !column.notNull());
    }

    private List<Table> referencedLeft(Table table, Set<Table> left) {
        return left.stream()
                .filter(other -> !other.name().equals(table.name()))
                .filter(other -> table.foreignKeys().stream().anyMatch(key -> references(key, other)))
                .toList();
    }

    private List<Table> parentsLeft(Table table, Set<Table> left) {
        Set<Table> before = new LinkedHashSet<>(referencedLeft(table, left));
        for (TableName parent : parents.apply(table.name())) {
            left.stream()
                    .filter(other -> !other.name().equals(table.name()))
                    .filter(other -> parent.equals(other.name()) || parent.equals(catalogue.root(other.name())))
                    .forEach(before::add);
        }
        return List.copyOf(before);
    }

    private Set<Table> reachable(Table start, Set<Table> left) {
        Set<Table> seen = new HashSet<>();
        Deque<Table> next = new ArrayDeque<>(parentsLeft(start, left));
        while (!next.isEmpty()) {
            Table table = next.pop();
            if (seen.add(table)) {
                next.addAll(parentsLeft(table, left));
            }
        }
        return seen;
    }

    /** Whether a foreign key leads to that table or to the partitioned table it is a part of. */
    private boolean references(ForeignKey key, Table other) {
        return key.referenced().equals(other.name()) || key.referenced().equals(catalogue.root(other.name()));
    }
}
