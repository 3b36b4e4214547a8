package dev.reinstate.restore.history;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A transaction that deleted rows of a tenant, or several that follow each other, told as one.
 *
 * @param position commit LSN of the first
 * @param lastPosition commit LSN of the last; the same for one transaction
 * @param time commit time of the first
 * @param xid of the first
 * @param transactions how many
 * @param deleted rows deleted on balance
 */
public record Deletion(
        Lsn position,
        Lsn lastPosition,
        Instant time,
        Instant lastTime,
        long xid,
        long transactions,
        DeletedRows deleted) {

    /**
     * What was deleted.
     *
     * @param rows per table
     * @param bigShare whether it removed at least 5 % of the tenant's rows in some table, and at least 2
     * @param destructive whether it tells of damage by itself: it left no row in any table it deleted from, or took at
     *     least a quarter of a table, and 10 rows
     */
    public record DeletedRows(SortedMap<TableName, Long> rows, boolean bigShare, boolean destructive) {
        public DeletedRows {
            rows = Collections.unmodifiableSortedMap(new TreeMap<>(rows));
        }

        public long total() {
            return rows.values().stream().mapToLong(Long::longValue).sum();
        }

        DeletedRows plus(DeletedRows other) {
            SortedMap<TableName, Long> sum = new TreeMap<>(rows);
            other.rows.forEach((table, count) -> sum.merge(table, count, Long::sum));
            return new DeletedRows(sum, bigShare || other.bigShare, destructive || other.destructive);
        }
    }

    /** Share of a table's rows from which on a deletion counts as big, as one part in this many. */
    static final long BIG_SHARE_DIVISOR = 20;

    private static final long BIG_SHARE_LEAST_ROWS = 2;
    private static final long DESTRUCTIVE_DIVISOR = 4;
    private static final long DESTRUCTIVE_LEAST_ROWS = 10;

    static Deletion of(TransactionSummary transaction, RowCounts before) {
        SortedMap<TableName, Long> deleted = before.netDeleted(transaction);
        boolean big = deleted.entrySet().stream().anyMatch(entry -> isBig(entry.getValue(), before.of(entry.getKey())));
        return new Deletion(
                transaction.commit().commitLsn(),
                transaction.commit().commitLsn(),
                transaction.commit().time(),
                transaction.commit().time(),
                transaction.commit().xid(),
                1,
                new DeletedRows(deleted, big, isDestructive(transaction, deleted, before)));
    }

    private static boolean isDestructive(
            TransactionSummary transaction, SortedMap<TableName, Long> deleted, RowCounts before) {
        long total = deleted.values().stream().mapToLong(Long::longValue).sum();
        boolean nothingLeft = total >= BIG_SHARE_LEAST_ROWS
                && deleted.keySet().stream().allMatch(table -> rowsAfter(transaction, table, before) == 0);
        return nothingLeft
                || deleted.entrySet().stream()
                        .anyMatch(entry -> entry.getValue() >= DESTRUCTIVE_LEAST_ROWS
                                && entry.getValue() * DESTRUCTIVE_DIVISOR >= before.of(entry.getKey()));
    }

    private static long rowsAfter(TransactionSummary transaction, TableName table, RowCounts before) {
        return transaction.tables().getOrDefault(table, TableCounts.NONE).rowsAfter(before.of(table));
    }

    private static boolean isBig(long deleted, long rowsBefore) {
        return deleted >= BIG_SHARE_LEAST_ROWS && deleted >= (rowsBefore + BIG_SHARE_DIVISOR - 1) / BIG_SHARE_DIVISOR;
    }

    /** This one and a later one as one. */
    Deletion merge(Deletion later) {
        return new Deletion(
                position,
                later.lastPosition,
                time,
                later.lastTime,
                xid,
                transactions + later.transactions,
                deleted.plus(later.deleted));
    }
}
