package dev.reinstate.restore.content;

import dev.reinstate.model.Tuple;
import java.util.Arrays;

/** Looks at single values of tuples without making texts of them. */
public final class TupleColumns {
    private TupleColumns() {}

    /** Whether two values are the same text or both NULL. */
    public static boolean isSame(Tuple a, int columnOfA, Tuple b, int columnOfB) {
        if (a.isNull(columnOfA) || b.isNull(columnOfB)) {
            return a.isNull(columnOfA) && b.isNull(columnOfB);
        }
        int startA = a.valueOffset(columnOfA);
        int startB = b.valueOffset(columnOfB);
        return Arrays.equals(
                a.encoded(),
                startA,
                startA + a.valueLength(columnOfA),
                b.encoded(),
                startB,
                startB + b.valueLength(columnOfB));
    }

    public static boolean anyNull(Tuple tuple, int[] columns) {
        for (int column : columns) {
            if (tuple.isNull(column)) {
                return true;
            }
        }
        return false;
    }
}
