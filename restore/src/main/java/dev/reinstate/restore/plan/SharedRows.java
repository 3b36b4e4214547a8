package dev.reinstate.restore.plan;

import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rows of shared tables that a restore brings back because rows of then refer to them and they are gone: exactly those,
 * and those that they refer to. Immutable.
 */
public final class SharedRows {
    /** None. */
    public static final SharedRows NONE = new SharedRows(Map.of(), List.of(), List.of());

    private final Map<Integer, Set<RowKey>> keys;
    private final List<TableTally> tallies;
    private final List<TableLayout> layouts;
    private final List<TablePlan> tables;
    private final Set<TableName> names = new HashSet<>();

    /**
     * @param keys the archive's, by the table's oid
     * @param tallies of the tables, referenced ones first
     * @param layouts to write them by, in the same order
     */
    SharedRows(Map<Integer, Set<RowKey>> keys, List<TableTally> tallies, List<TableLayout> layouts) {
        this.keys = Map.copyOf(keys);
        this.tallies = List.copyOf(tallies);
        this.layouts = List.copyOf(layouts);
        this.tables = tallies.stream().map(TableTally::toPlan).toList();
        tables.forEach(table -> names.add(table.table()));
    }

    /** What is inserted into each table, referenced ones first; every row is {@link TablePlan#missing}. */
    public List<TablePlan> tables() {
        return tables;
    }

    /** How rows of then fit those tables, in the same order. */
    public List<TableLayout> layouts() {
        return layouts;
    }

    public boolean isEmpty() {
        return tables.isEmpty();
    }

    public long rows() {
        return tables.stream().mapToLong(TablePlan::missing).sum();
    }

    List<TableTally> tallies() {
        return tallies;
    }

    boolean hasTable(TableName table) {
        return names.contains(table);
    }

    /** Whether a row as the archive has it is one of them. */
    boolean has(FoldedRow archived) {
        return keys.getOrDefault(archived.table().oid(), Set.of()).contains(archived.key());
    }
}
