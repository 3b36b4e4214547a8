package dev.reinstate.restore.history;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A transaction that deleted rows of a tenant, or several that follow each other, told as one.
 *
 * @param position commit LSN of the first; of tables that are gone, the first position at which they may have been
 * @param lastPosition commit LSN of the last; the same for one transaction
 * @param time commit time of the first
 * @param xid of the first; 0 where tables are gone
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
     * @param bigShare whether it removed at least 5 % of the tenant's rows in some table, and at least 10
     * @param emptied whether it removed the tenant's last row in some table
     * @param goneTables tables with rows of the tenant that were dropped, or are not captured any more; that was noticed
     *     later, so that when it was is not known exactly
     */
    public record DeletedRows(
            SortedMap<TableName, Long> rows, boolean bigShare, boolean emptied, SortedSet<TableName> goneTables) {
        public DeletedRows {
            rows = Collections.unmodifiableSortedMap(new TreeMap<>(rows));
            goneTables = Collections.unmodifiableSortedSet(new TreeSet<>(goneTables));
        }

        public long total() {
            return rows.values().stream().mapToLong(Long::longValue).sum();
        }

        DeletedRows plus(DeletedRows other) {
            SortedMap<TableName, Long> sum = new TreeMap<>(rows);
            other.rows.forEach((table, count) -> sum.merge(table, count, Long::sum));
            SortedSet<TableName> gone = new TreeSet<>(goneTables);
            gone.addAll(other.goneTables);
            return new DeletedRows(sum, bigShare || other.bigShare, emptied || other.emptied, gone);
        }
    }

    /** Share of a table's rows from which on a deletion counts as big, as one part in this many. */
    static final long BIG_SHARE_DIVISOR = 20;

    private static final long BIG_SHARE_LEAST_ROWS = 10;

    static Deletion of(TransactionSummary transaction, RowCounts before) {
        SortedMap<TableName, Long> deleted = before.netDeleted(transaction);
        boolean big = deleted.entrySet().stream().anyMatch(entry -> isBig(entry.getValue(), before.of(entry.getKey())));
        boolean emptied = deleted.entrySet().stream().anyMatch(entry -> entry.getValue() >= before.of(entry.getKey()));
        SortedSet<TableName> gone = new TreeSet<>();
        for (GoneTable table : transaction.gone()) {
            if (deleted.containsKey(table.table())) {
                gone.add(table.table());
            }
        }
        return new Deletion(
                transaction.from(),
                transaction.commit().commitLsn(),
                transaction.commit().time(),
                transaction.commit().time(),
                transaction.commit().xid(),
                1,
                new DeletedRows(deleted, big, emptied, gone));
    }

    private static boolean isBig(long deleted, long rowsBefore) {
        return deleted >= BIG_SHARE_LEAST_ROWS && deleted >= (rowsBefore + BIG_SHARE_DIVISOR - 1) / BIG_SHARE_DIVISOR;
    }

    /** This one and a later one as one. */
    Deletion merge(Deletion later) {
        return new Deletion(
                position.isBefore(later.position) ? position : later.position,
                later.lastPosition,
                time,
                later.lastTime,
                xid,
                transactions + later.transactions,
                deleted.plus(later.deleted));
    }
}
