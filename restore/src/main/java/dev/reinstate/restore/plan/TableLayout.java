package dev.reinstate.restore.plan;

import dev.reinstate.model.Column;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.restore.content.TupleColumns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * How archived rows of a table, which may be of several shapes, and its live rows are compared: column by column, by
 * name. A live row is read as {@link #liveColumns} plus two of the system's, {@code ctid} and {@code xmin}, which say
 * where it is and whether it has changed since it was read.
 */
public final class TableLayout {
    private final Table table;
    private final List<TableSchema> shapes;
    private final List<String> common;
    private final List<String> liveColumns;
    private final List<Integer> liveKey;
    private final Map<TableSchema, RowShape> byShape = new LinkedHashMap<>();
    private final List<String> goneColumns;
    private final Owning owning;
    private final List<String> leftOutColumns;
    private final SortedMap<String, Optional<String>> given;
    private final List<String> cleared;
    private final KeyLookup.Extent lookup;
    private final Set<String> converted;
    private final List<String> fixed;

    /**
     * How rows of the table find their tenant.
     *
     * @param rule by which they do
     * @param isBound whether the server sees to it that what they refer to is there
     * @param mayBeCutOff whether the deletion of what they belong to may leave them behind
     * @param cleared columns that may become NULL with what they refer to, or by hand; those that name the owner among
     *     them, else none
     */
    record Owning(TableRule rule, boolean isBound, boolean mayBeCutOff, Set<String> cleared) {
        /** Whether rows belong to other rows. */
        boolean byParent() {
            return !rule.parents().isEmpty();
        }

        /** Whether a row of then says by itself that it belongs to nothing, or will for lack of a column. */
        boolean isCutOff(RowShape shape, Tuple then) {
            if (rule instanceof TableRule.ByPaths several) {
                return several.paths().stream().noneMatch(path -> areSet(path.columns(), shape, then));
            }
            if (!areSet(rule.ownerColumns(), shape, then)) {
                return true;
            }
            return rule instanceof TableRule.ByType type
                    && !type.parentsByType()
                            .containsKey(then.text(shape.sourceOf(type.typeColumn()))
                                    .orElse("")
                                    .stripTrailing());
        }

        private static boolean areSet(List<String> columns, RowShape shape, Tuple then) {
            return columns.stream().mapToInt(shape::sourceOf).noneMatch(at -> at < 0 || then.isNull(at));
        }
    }

    /**
     * The layout of those archived shapes in that table; without shapes, of live rows alone.
     *
     * @param given values for columns that rows of then have none for
     */
    TableLayout(
            Table table,
            List<TableSchema> shapes,
            RestoreRequest request,
            Owning owning,
            SortedMap<String, Optional<String>> given) {
        this.table = table;
        this.shapes = List.copyOf(shapes);
        List<String> there = table.columns().stream()
                .filter(column -> !column.generated())
                .map(TableColumn::name)
                .toList();
        List<String> writable = there.stream()
                .filter(column -> !request.leavesOut(table.name(), column))
                .toList();
        Set<String> all = new LinkedHashSet<>();
        shapes.forEach(shape -> shape.columns().forEach(column -> all.add(column.name())));
        this.common = shapes.isEmpty()
                ? writable
                : all.stream()
                        .filter(writable::contains)
                        .filter(name -> shapes.stream().allMatch(shape -> shape.indexOf(name) >= 0))
                        .toList();
        Set<String> live = new LinkedHashSet<>(common);
        live.addAll(there);
        this.liveColumns = List.copyOf(live);
        this.liveKey = keyNames().stream().map(liveColumns::indexOf).toList();
        this.leftOutColumns = all.stream()
                .filter(name -> request.leavesOut(table.name(), name))
                .toList();
        this.goneColumns = all.stream()
                .filter(name -> !leftOutColumns.contains(name))
                .filter(name -> !writable.contains(name))
                .toList();
        this.given = new TreeMap<>(given);
        this.given.keySet().retainAll(there);
        this.given.keySet().removeAll(common);
        shapes.forEach(shape -> byShape.put(shape, rowShape(shape)));
        this.owning = owning;
        // no other row can have a key that the tenant's id is a part of, where equal keys are written the same
        boolean keyHoldsTenant = !owning.byParent()
                && keyNames().containsAll(owning.rule().ownerColumns())
                && keyNames().stream()
                        .allMatch(name -> table.column(name)
                                .filter(column -> column.equality().sameText())
                                .isPresent());
        boolean found = canBeLookedUp() && !keyHoldsTenant;
        KeyLookup.Extent wanted = owning.mayBeCutOff() ? KeyLookup.Extent.ALL : KeyLookup.Extent.FIRST_MANY;
        boolean keyless = !hasKey()
                && !shapes.isEmpty()
                && common.containsAll(owning.rule().ownerColumns());
        this.cleared = keyless ? cleared(owning) : List.of();
        this.lookup = cleared.isEmpty() ? found ? wanted : KeyLookup.Extent.NONE : KeyLookup.Extent.ALL;
        this.converted = Set.of();
        this.fixed = table.columns().stream()
                .filter(column -> column.numbering() == Table.Numbering.ALWAYS)
                .map(TableColumn::name)
                .filter(writable::contains)
                .toList();
    }

    private TableLayout(TableLayout other, KeyLookup.Extent lookup, Set<String> converted) {
        this.table = other.table;
        this.shapes = other.shapes;
        this.common = other.common;
        this.liveColumns = other.liveColumns;
        this.liveKey = other.liveKey;
        this.byShape.putAll(other.byShape);
        this.goneColumns = other.goneColumns;
        this.owning = other.owning;
        this.leftOutColumns = other.leftOutColumns;
        this.given = other.given;
        this.cleared = other.cleared;
        this.lookup = lookup;
        this.converted = Set.copyOf(converted);
        this.fixed = other.fixed;
    }

    /** The same, looking for as many rows of then among those that are not the tenant's. */
    TableLayout looking(KeyLookup.Extent extent) {
        return new TableLayout(this, extent, converted);
    }

    /** The same where values of those columns are, or may be, written differently by their types of now. */
    TableLayout converting(Set<String> columns) {
        return new TableLayout(this, lookup, columns);
    }

    /** Columns whose values are or may be written differently now. */
    public Set<String> converted() {
        return converted;
    }

    /** Whether rows of then do not come in the order of the keys that they have now. */
    boolean mustSort() {
        return !hasKey() || keyNames().stream().anyMatch(converted::contains);
    }

    /** How many rows of then that the tenant does not have are looked for among all others. */
    KeyLookup.Extent lookup() {
        return lookup;
    }

    /** Whether a row of then can be found among live ones by its key. */
    boolean canBeLookedUp() {
        return hasKey() && goneKeyColumns().isEmpty();
    }

    /** Columns in which a row of then, that has no key to find it by, may have become NULL since. */
    List<String> clearedColumns() {
        return cleared;
    }

    /** Whether rows of then are looked for that are the same now but for columns that are NULL. */
    boolean hasClearedRows() {
        return lookup == KeyLookup.Extent.ALL && !cleared.isEmpty();
    }

    /** Whether live rows that are nobody's by now are among those of then. */
    public boolean hasOrphans() {
        return lookup == KeyLookup.Extent.ALL;
    }

    /** Whether a row of then was cut off by its own values, or will be for lack of them. */
    boolean isCutOff(RowShape shape, Tuple then) {
        return owning.isCutOff(shape, then);
    }

    /** Whether the server sees to it that what rows refer to is there. */
    boolean isBound() {
        return owning.isBound();
    }

    /** Whether a row of then may have referred to a row that was not there. */
    boolean mayHaveBeenCutOff(RowShape shape, Tuple then) {
        return !owning.isBound() || owning.isCutOff(shape, then);
    }

    /** Those that name the owner first. */
    private List<String> cleared(Owning names) {
        List<String> owners = names.rule().ownerColumns();
        return names.cleared().stream()
                .filter(common::contains)
                .sorted(Comparator.comparing((String column) -> !owners.contains(column))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private RowShape rowShape(TableSchema shape) {
        List<String> columns = liveColumns.stream()
                .filter(name -> shape.indexOf(name) >= 0 && !leftOutColumns.contains(name))
                .toList();
        List<String> added =
                given.keySet().stream().filter(name -> !columns.contains(name)).toList();
        return new RowShape(
                        columns,
                        places(columns, shape),
                        columns.stream().mapToInt(liveColumns::indexOf).toArray(),
                        places(common, shape),
                        places(goneColumns, shape),
                        places(leftOutColumns, shape))
                .adding(shape.columns().size(), added, given);
    }

    private static int[] places(List<String> columns, TableSchema shape) {
        return columns.stream().mapToInt(shape::indexOf).toArray();
    }

    private List<String> keyNames() {
        if (shapes.isEmpty()) {
            return List.of();
        }
        TableSchema newest = shapes.getLast();
        return newest.keyColumns().stream()
                .map(newest.columns()::get)
                .map(Column::name)
                .toList();
    }

    public TableName name() {
        return table.name();
    }

    /** The table as it is now. */
    public Table table() {
        return table;
    }

    public List<TableSchema> shapes() {
        return shapes;
    }

    /** The shape's way into the table; empty when the layout was made without that shape. */
    public Optional<RowShape> shape(TableSchema shape) {
        return Optional.ofNullable(byShape.get(shape));
    }

    /** Columns that rows of every shape and the table have: what is hashed and verified. */
    public List<String> commonColumns() {
        return common;
    }

    /** What is read back: the common columns, and those in which rows that are inserted get a value given for them. */
    public List<String> verifiedColumns() {
        List<String> verified = new ArrayList<>(common);
        verified.addAll(given.keySet());
        return verified;
    }

    /** Columns that are read of live rows: all of the table's, the common ones first. */
    public List<String> liveColumns() {
        return liveColumns;
    }

    /** Where a live row says its {@code ctid}; its {@code xmin} follows. */
    public int ctidColumn() {
        return liveColumns.size();
    }

    public int xminColumn() {
        return liveColumns.size() + 1;
    }

    /** Where the common columns are in a live row. */
    int[] liveCommon() {
        return IntStream.range(0, common.size()).toArray();
    }

    /** Columns of then that the table does not have now and that were not left out by name. */
    public List<String> goneColumns() {
        return goneColumns;
    }

    /** Columns of then that were left out by name. */
    public List<String> leftOutColumns() {
        return leftOutColumns;
    }

    /** Values that rows to insert get in columns that they have none for. */
    SortedMap<String, Optional<String>> given() {
        return Collections.unmodifiableSortedMap(given);
    }

    /** Names of the key's columns; empty when rows can only be told by all of their values. */
    public List<String> keyColumns() {
        return keyNames();
    }

    public boolean hasKey() {
        return !liveKey.isEmpty();
    }

    /** Where the key's columns are in a live row. */
    List<Integer> liveKeyColumns() {
        return liveKey;
    }

    /** Columns that no update may write a value into, {@code GENERATED ALWAYS AS IDENTITY}. */
    List<String> fixedColumns() {
        return fixed;
    }

    /** Whether a live row has another value in such a column, so that only a new row can have that of then. */
    public boolean mustBeInserted(RowShape shape, Tuple then, Tuple live) {
        for (String column : fixed) {
            int at = shape.columns().indexOf(column);
            if (at >= 0 && !TupleColumns.isSame(then, shape.source()[at], live, shape.live()[at])) {
                return true;
            }
        }
        return false;
    }

    /** Whether every archived row has a value for every column of the table, so that it can be written anew. */
    public boolean isComplete() {
        return common.size() == liveColumns.size();
    }

    /** Key columns that the table no longer has, so that rows of then cannot be found in it. */
    List<String> goneKeyColumns() {
        return keyNames().stream()
                .filter(name -> !liveColumns.contains(name) || leftOutColumns.contains(name))
                .toList();
    }

    /** What a live row is sorted and found by: its key, or all of its common values in a table without one. */
    RowKey liveKey(Tuple live) {
        return hasKey() ? RowKey.ofColumns(live, liveKey) : wholeRow(live, liveCommon());
    }

    /** The same of an archived row. */
    RowKey keyOf(RowShape shape, Tuple row) {
        return hasKey()
                ? RowKey.ofColumns(row, keyNames().stream().map(shape::sourceOf).toList())
                : wholeRow(row, shape.compared());
    }

    private static RowKey wholeRow(Tuple row, int[] columns) {
        return RowKey.ofColumns(row, IntStream.of(columns).boxed().toList());
    }
}
