package dev.reinstate.capture.attribution;

import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;

/** Fills in the columns that the stream called unchanged. */
final class TupleCompletion {
    private TupleCompletion() {}

    /**
     * The row with unchanged columns taken from an earlier version, matched by number, or by name where
     * that is not known. A column the earlier version does
     * not have either stays unchanged.
     */
    static Tuple complete(TableSchema shape, Tuple row, TableSchema earlierShape, Tuple earlier) {
        if (!row.hasUnchanged()) {
            return row;
        }
        Tuple.Builder builder = new Tuple.Builder(row.encoded().length + earlier.encoded().length);
        for (int column = 0; column < row.columnCount(); column++) {
            int source = row.isUnchanged(column)
                    ? earlierShape.indexOf(shape.columns().get(column))
                    : -1;
            if (source < 0) {
                builder.addColumn(row, column);
            } else {
                builder.addColumn(earlier, source);
            }
        }
        return builder.build();
    }
}
