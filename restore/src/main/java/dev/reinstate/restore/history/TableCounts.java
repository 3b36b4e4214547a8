package dev.reinstate.restore.history;

/**
 * What one transaction did to one tenant's rows of one table.
 *
 * @param truncated the whole table was emptied first; the other counts are of what came after that
 * @param inserted rows that appeared
 * @param updated rows that changed, their keys included
 * @param deleted rows that were deleted
 * @param entered rows that came from another tenant
 * @param left rows that went to another tenant
 */
public record TableCounts(boolean truncated, long inserted, long updated, long deleted, long entered, long left) {
    static final TableCounts NONE = new TableCounts(false, 0, 0, 0, 0, 0);
    static final TableCounts TRUNCATED = new TableCounts(true, 0, 0, 0, 0, 0);

    TableCounts plus(TableCounts other) {
        if (other.truncated) {
            return other;
        }
        return new TableCounts(
                truncated,
                inserted + other.inserted,
                updated + other.updated,
                deleted + other.deleted,
                entered + other.entered,
                left + other.left);
    }

    /** Rows the tenant gained. */
    public long gained() {
        return inserted + entered;
    }

    /** All changes of rows, a truncation not counted. */
    public long changes() {
        return inserted + updated + deleted + entered + left;
    }

    /** Rows deleted beyond those inserted in the same transaction, given how many there were before it. */
    long netDeleted(long rowsBefore) {
        long emptied = truncated ? rowsBefore : 0;
        return Math.max(0, emptied + deleted - inserted);
    }

    /** Rows after the transaction, given how many there were before it. */
    long rowsAfter(long rowsBefore) {
        long start = truncated ? 0 : rowsBefore;
        return Math.max(0, start + inserted + entered - deleted - left);
    }
}
