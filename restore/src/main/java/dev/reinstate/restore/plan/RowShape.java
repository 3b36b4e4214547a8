package dev.reinstate.restore.plan;

import java.util.List;

/**
 * How rows of one archived shape go into a table of now.
 *
 * @param columns names of the columns that such a row has a value for and the table takes
 * @param source where those values are in the archived row, in the same order
 * @param live where they are in a live row as {@link TableLayout} reads it
 * @param compared where the compared values ({@link TableLayout#commonColumns}) are in the archived row
 * @param gone where values are that the table no longer has a column for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; read for every row
public record RowShape(List<String> columns, int[] source, int[] live, int[] compared, int[] gone) {
    public RowShape {
        columns = List.copyOf(columns);
    }

    /** Where that column's value is in the archived row, or -1. */
    public int sourceOf(String column) {
        int at = columns.indexOf(column);
        return at < 0 ? -1 : source[at];
    }
}
