package dev.reinstate.restore.plan;

import java.util.List;

/** How rows of one archived shape go into a table of now. Two of them are the same only when they are one object. */
public final class RowShape {
    private final List<String> columns;
    private final int[] source;
    private final int[] live;
    private final int[] compared;
    private final int[] gone;

    RowShape(List<String> columns, int[] source, int[] live, int[] compared, int[] gone) {
        this.columns = List.copyOf(columns);
        this.source = source;
        this.live = live;
        this.compared = compared;
        this.gone = gone;
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

    /** Where that column's value is in the archived row, or -1. */
    public int sourceOf(String column) {
        int at = columns.indexOf(column);
        return at < 0 ? -1 : source[at];
    }
}
