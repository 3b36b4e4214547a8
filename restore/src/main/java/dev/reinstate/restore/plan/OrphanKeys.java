package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.reference.DistinctValues;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Keys, met while a tenant is merged, of rows that the tenancy map's condition does not find, on local disk when many:
 *
 * <ul>
 *   <li>rows of then that are missing and that rows without a foreign key may name: those become the tenant's with them;
 *   <li>live rows that were cut off and will be linked again: what hangs below them becomes the tenant's with them;
 *   <li>rows of then that were cut off already, or hung below one that was, or may have been for lack of a foreign key:
 *       they are read back by key.
 * </ul>
 *
 * Not thread-safe.
 */
public final class OrphanKeys implements AutoCloseable {
    private final TargetTables target;
    private final Path directory;
    private final boolean readingBack;
    private final Map<LooseReference, DistinctValues> returning = new HashMap<>();
    private final Set<TableName> read = new HashSet<>();
    private boolean outOfOrder;
    private final Map<TableName, DistinctValues> linkedAgain = new HashMap<>();
    private final Map<TableName, List<String>> keyColumns = new HashMap<>();
    private final Map<TableName, DistinctValues> unreached = new HashMap<>();
    private final Set<TableName> merged = new HashSet<>();
    private final Set<TableName> holdUnreached = new HashSet<>();

    private OrphanKeys(TargetTables target, Path directory, boolean readingBack) {
        this.target = target;
        this.directory = directory;
        this.readingBack = readingBack;
    }

    /** For a merge after which nothing is read back. */
    static OrphanKeys toPlan(TargetTables target, Path directory) {
        return new OrphanKeys(target, directory, false);
    }

    /** For a merge, parents first, after which all is read back. */
    public static OrphanKeys toApply(TargetTables target, Path directory) {
        return new OrphanKeys(target, directory, true);
    }

    void linkAgain(TableLayout table, Tuple live) {
        TableName root = target.root(table.name());
        List<String> names = table.hasKey() ? table.keyColumns() : table.table().rowKey();
        List<Integer> columns = names.stream().map(table.liveColumns()::indexOf).toList();
        if (!columns.isEmpty() && !columns.contains(-1)) {
            keyColumns.put(root, names);
            add(linkedAgain, root, live, columns);
        }
    }

    /** A row of then will be written. */
    void returns(TableLayout table, RowShape shape, Tuple then) {
        for (LooseReference reference : target.looseReferencesTo(table.name())) {
            List<Integer> columns =
                    reference.parentColumns().stream().map(shape::sourceOf).toList();
            if (!columns.contains(-1)) {
                returning
                        .computeIfAbsent(reference, r -> new DistinctValues(directory, columns.size()))
                        .add(then, columns);
                outOfOrder |= read.contains(reference.table()) && !isOwnTree(reference.table(), table.name());
            }
        }
    }

    /** Rows of a tree are looked at before they are merged; of a part of one, those of other parts may not have been. */
    private boolean isOwnTree(TableName naming, TableName named) {
        return isTree(naming) && naming.equals(named);
    }

    /** Whether both are the same table or parts of it. */
    boolean areParts(TableName table, TableName other) {
        return target.root(table).equals(target.root(other));
    }

    /** By which keys live rows of the table may name rows that will be written; from now on it is read. */
    void forEachReturning(TableName table, BiConsumer<LooseReference, List<Tuple>> consumer) {
        read.add(table);
        returning.forEach((reference, keys) -> {
            if (reference.table().equals(table)) {
                keys.forEachBatch(batch -> consumer.accept(reference, batch));
            }
        });
    }

    private void add(Map<TableName, DistinctValues> keys, TableName table, Tuple row, List<Integer> columns) {
        keys.computeIfAbsent(table, name -> new DistinctValues(directory, columns.size()))
                .add(row, columns);
    }

    /** Whether rows of the table may belong to others of the same table: it is to be merged once more to know them. */
    boolean isTree(TableName table) {
        return target.rule(table).parents().contains(target.root(table));
    }

    /** Whether what becomes the tenant's again can only be known by merging parents first. */
    boolean wantParentsFirst() {
        return outOfOrder || linkedAgain.keySet().stream().anyMatch(target::isPathParent);
    }

    /** Tables on the table's path, above it, of which rows are linked again. */
    List<TableName> linkedAgainAbove(TableName table) {
        return target.pathAbove(table).stream()
                .filter(ancestor -> linkedAgain.containsKey(target.root(ancestor)))
                .toList();
    }

    /** The keys of such a table and the names of their columns. */
    void forEachLinkedAgain(TableName ancestor, KeysOfTable consumer) {
        TableName root = target.root(ancestor);
        List<String> columns = keyColumns.getOrDefault(root, List.of());
        DistinctValues keys = linkedAgain.get(root);
        if (keys != null) {
            keys.forEachBatch(batch -> consumer.accept(columns, batch));
        }
    }

    /** Takes some thousand keys. */
    interface KeysOfTable {
        void accept(List<String> columns, List<Tuple> keys);
    }

    /** Whether the table's rows of then may hang below one that was cut off. */
    boolean mayHangBelowUnreached(TableName table) {
        return readingBack
                && target.rule(table).parents().stream()
                        .map(target::root)
                        .anyMatch(parent -> !merged.contains(parent) || holdUnreached.contains(parent));
    }

    void notReached(TableLayout table, RowShape shape, Tuple then) {
        if (!readingBack) {
            return;
        }
        holdUnreached.add(target.root(table.name()));
        List<Integer> columns = table.keyColumns().stream().map(shape::sourceOf).toList();
        add(unreached, table.name(), then, columns);
    }

    void merged(TableLayout table) {
        merged.add(target.root(table.name()));
    }

    /** Hands out, some thousand at a time, keys of the table's rows of then that no path may lead to. */
    public void forEachUnreached(TableName table, Consumer<List<Tuple>> consumer) {
        DistinctValues keys = unreached.get(table);
        if (keys != null) {
            keys.forEachBatch(consumer);
        }
    }

    @Override
    public void close() {
        returning.values().forEach(DistinctValues::close);
        linkedAgain.values().forEach(DistinctValues::close);
        unreached.values().forEach(DistinctValues::close);
    }
}
