package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;

/**
 * What a change of the schema since then means for a restore, as long as it is no problem.
 *
 * @param column as it is called now, or was called when it is gone; empty for what concerns the whole table
 * @param values how many values or rows it is about
 * @param message for a person, with counts and without values of rows
 */
public record SchemaEffect(Kind kind, TableName table, String column, long values, String message) {
    /** What happens. */
    public enum Kind {
        /** Rows of then go into a table of another name. */
        TABLE_RENAMED,
        /** Rows of then go into a table that was made since, under the same name. */
        TABLE_RECREATED,
        /** Rows that an earlier table of that name left in the archive are not taken, since it was gone by then. */
        FORMER_TABLE,
        /** Values of then go into a column that was made since, under the same name. */
        COLUMN_RECREATED,
        /** Values of then go into a column of another name. */
        COLUMN_RENAMED,
        /** Values of then do not come back, as was asked for; they are saved to a file. */
        LEFT_OUT,
        /** Rows that are inserted get the column's own default, or NULL. */
        NEW_COLUMN,
        /** Rows get the value that was asked for, because they have none. */
        DEFAULT_GIVEN,
        /** Values of then are written as the column's type of now writes them. */
        CONVERTED,
        /** Labels of then become others, as was asked for. */
        LABELS_MAPPED,
        /** References of then lead to rows that are gone and become NULL, as was asked for; they are saved to a file. */
        REFERENCE_NULLED
    }
}
