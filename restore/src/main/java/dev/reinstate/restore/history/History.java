package dev.reinstate.restore.history;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * What happened to a tenant over a time.
 *
 * @param bucketWidth the time one bucket stands for
 * @param buckets those with changes, oldest first
 * @param totals over all of the time
 * @param bigDeletions the biggest of them, oldest first
 * @param bigDeletionCount all of them
 * @param gone whether the tenant's row in the tenant table, or without one its last row, is gone at the end
 */
public record History(
        TenantId tenant,
        Instant since,
        Instant until,
        Duration bucketWidth,
        List<Bucket> buckets,
        SortedMap<TableName, Totals> totals,
        List<Deletion> bigDeletions,
        long bigDeletionCount,
        boolean gone) {
    public History {
        buckets = List.copyOf(buckets);
        bigDeletions = List.copyOf(bigDeletions);
    }

    /** Changes of one stretch of time. */
    public record Bucket(Instant begin, long transactions, SortedMap<TableName, Totals> tables) {}

    /** Rows; those that entered from another tenant count as inserted, those that left to one as deleted. */
    public record Totals(long inserted, long updated, long deleted) {
        static final Totals NONE = new Totals(0, 0, 0);

        Totals plus(Totals other) {
            return new Totals(inserted + other.inserted, updated + other.updated, deleted + other.deleted);
        }
    }
}
