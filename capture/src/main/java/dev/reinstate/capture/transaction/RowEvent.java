package dev.reinstate.capture.transaction;

import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;

/**
 * What the stream said happened to one row, or to a whole table.
 *
 * @param table the shape of both tuples
 * @param old what is known of the row before: its key's columns, all columns, or {@link Tuple#EMPTY}
 * @param oldIsWhole whether {@code old} has all columns
 * @param row the new values; {@link Tuple#EMPTY} where there are none
 * @param oversized whether values of {@code row} were too large to be kept
 */
public record RowEvent(Kind kind, TableSchema table, Tuple old, boolean oldIsWhole, Tuple row, boolean oversized) {
    /** What happened. */
    public enum Kind {
        INSERT('I'),
        UPDATE('U'),
        DELETE('D'),
        TRUNCATE('T');

        private final char code;

        Kind(char code) {
            this.code = code;
        }

        char code() {
            return code;
        }

        static Kind ofCode(int code) {
            return switch (code) {
                case 'I' -> INSERT;
                case 'U' -> UPDATE;
                case 'D' -> DELETE;
                case 'T' -> TRUNCATE;
                default -> throw new IllegalArgumentException("a change of kind " + code);
            };
        }
    }

    public static RowEvent insert(TableSchema table, Tuple row) {
        return new RowEvent(Kind.INSERT, table, Tuple.EMPTY, false, row, false);
    }

    public static RowEvent update(TableSchema table, Tuple old, boolean oldIsWhole, Tuple row) {
        return new RowEvent(Kind.UPDATE, table, old, oldIsWhole, row, false);
    }

    public static RowEvent delete(TableSchema table, Tuple old, boolean oldIsWhole) {
        return new RowEvent(Kind.DELETE, table, old, oldIsWhole, Tuple.EMPTY, false);
    }

    public static RowEvent truncate(TableSchema table) {
        return new RowEvent(Kind.TRUNCATE, table, Tuple.EMPTY, false, Tuple.EMPTY, false);
    }

    public boolean hasOld() {
        return old.columnCount() > 0;
    }

    /** About how much memory the event takes. */
    long sizeBytes() {
        return 160L + old.encoded().length + row.encoded().length + 4L * (old.columnCount() + row.columnCount());
    }
}
