package dev.reinstate.restore.apply;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.restore.content.ContentHash;
import dev.reinstate.restore.plan.TablePlan;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a restore did, committed.
 *
 * @param tables as carried out, in the order they were written
 * @param shared rows of shared tables that came back with them
 * @param xid the transaction's 32-bit id as an unsigned number, as the change stream names it
 * @param begin a place in the target's log before the transaction
 * @param end a place after its commit
 * @param saved where rows that lived were saved before they were changed or deleted
 */
public record Applied(
        List<TablePlan> tables,
        List<Shared> shared,
        long xid,
        Lsn begin,
        Lsn end,
        Instant committedAt,
        Timings timings,
        Optional<Path> saved) {
    public Applied {
        tables = List.copyOf(tables);
        shared = List.copyOf(shared);
    }

    /**
     * Rows of a shared table that the tenant's rows refer to and that were gone when the plan was made.
     *
     * @param alreadyThere those that someone else has put back since, just as they were
     * @param then the archive's rows of that moment, which are what was read back
     */
    public record Shared(TableName table, long inserted, long alreadyThere, ContentHash then) {}

    public long rowsInserted() {
        return tables.stream().mapToLong(TablePlan::missing).sum();
    }

    /**
     * Where the time went. Reading and writing overlap where rows are copied while they are merged; then {@code
     * writeMillis} is the time spent handing rows to the database, and {@code readMillis} the rest of it.
     *
     * @param readMillis folding, reading live rows, merging
     * @param writeMillis writing rows
     * @param referenceMillis checking references
     * @param verifyMillis reading back and hashing
     * @param commitMillis the commit itself
     */
    public record Timings(
            long readMillis, long writeMillis, long referenceMillis, long verifyMillis, long commitMillis) {
        public long totalMillis() {
            return readMillis + writeMillis + referenceMillis + verifyMillis + commitMillis;
        }
    }
}
