package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** How rows of one archived shape go into a table of now. Two of them are the same only when they are one object. */
public final class RowShape {
    private final List<String> columns;
    private final int[] source;
    private final int[] live;
    private final int[] compared;
    private final int[] gone;
    private final int[] leftOut;
    private final List<Optional<byte[]>> added;
    private final List<String> addedColumns;
    private final RowShape inserted;

    RowShape(List<String> columns, int[] source, int[] live, int[] compared, int[] gone, int[] leftOut) {
        this.columns = List.copyOf(columns);
        this.source = source;
        this.live = live;
        this.compared = compared;
        this.gone = gone;
        this.leftOut = leftOut;
        this.added = List.of();
        this.addedColumns = List.of();
        this.inserted = this;
    }

    private RowShape(RowShape shape, int columnCount, List<String> names, SortedMap<String, Optional<String>> given) {
        this.columns = shape.columns;
        this.source = shape.source;
        this.live = shape.live;
        this.compared = shape.compared;
        this.gone = shape.gone;
        this.leftOut = shape.leftOut;
        this.added = names.stream()
                .map(name -> given.getOrDefault(name, Optional.empty()))
                .map(value -> value.map(text -> text.getBytes(StandardCharsets.UTF_8)))
                .toList();
        List<String> all = new ArrayList<>(columns);
        all.addAll(names);
        int[] places = Arrays.copyOf(source, all.size());
        int[] nowhere = Arrays.copyOf(live, all.size());
        for (int i = columns.size(); i < places.length; i++) {
            places[i] = columnCount + i - columns.size();
            nowhere[i] = -1;
        }
        this.addedColumns = List.of();
        this.inserted = new RowShape(all, places, nowhere, names, this);
    }

    private RowShape(List<String> columns, int[] source, int[] live, List<String> addedColumns, RowShape base) {
        this.columns = List.copyOf(columns);
        this.source = source;
        this.live = live;
        this.compared = base.compared;
        this.gone = base.gone;
        this.leftOut = base.leftOut;
        this.added = List.of();
        this.addedColumns = addedColumns;
        this.inserted = this;
    }

    /** The same, and rows that are inserted get values in those columns, which rows of then have none for. */
    RowShape adding(int columnCount, List<String> names, SortedMap<String, Optional<String>> given) {
        return names.isEmpty() ? this : new RowShape(this, columnCount, names, given);
    }

    /** How a row goes into the table that {@link #toInsert} has made of one of this shape. */
    public RowShape inserted() {
        return inserted;
    }

    /** Columns that such a row has got values for which it did not have then. */
    List<String> addedColumns() {
        return addedColumns;
    }

    /** The row with the values of columns that only rows to insert get, behind. */
    public Tuple toInsert(Tuple row) {
        if (added.isEmpty()) {
            return row;
        }
        Tuple.Builder builder = new Tuple.Builder(row.encoded().length + 16);
        for (int i = 0; i < row.columnCount(); i++) {
            builder.addColumn(row, i);
        }
        added.forEach(value -> value.ifPresentOrElse(builder::addText, builder::addNull));
        return builder.build();
    }

    /** Names of the columns that such a row has a value for and the table takes. */
    public List<String> columns() {
        return columns;
    }

    /** Where those values are in the archived row, in the same order; not to be changed. */
    public int[] source() {
        return source;
    }

    /** Where they are in a live row as {@link TableLayout} reads it; not to be changed. */
    public int[] live() {
        return live;
    }

    /** Where the compared values ({@link TableLayout#commonColumns}) are in the archived row; not to be changed. */
    int[] compared() {
        return compared;
    }

    /** Where the values of {@link TableLayout#goneColumns} are in the archived row, -1 for none; not to be changed. */
    int[] gone() {
        return gone;
    }

    /** Where the values of {@link TableLayout#leftOutColumns} are in the archived row, -1 for none; not to be changed. */
    public int[] leftOut() {
        return leftOut;
    }

    /** Where that column's value is in the archived row, or -1. */
    public int sourceOf(String column) {
        int at = columns.indexOf(column);
        return at < 0 ? -1 : source[at];
    }
}
