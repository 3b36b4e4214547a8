package dev.reinstate.model;

import java.time.Instant;

/**
 * One committed transaction of a store. History is ordered by {@code commitLsn}; commit times are <em>not</em>
 * monotonic in that order.
 *
 * @param commitLsn where its commit record begins: the transaction's position
 * @param endLsn where its commit record ends: what is acknowledged to the server once the transaction is durable
 * @param time the commit timestamp, to the microsecond
 * @param xid the 32-bit transaction id as an unsigned number
 * @param origin name of the replication origin the transaction was tagged with, empty when none
 */
public record Commit(Lsn commitLsn, Lsn endLsn, Instant time, long xid, String origin) implements Comparable<Commit> {
    public Commit {
        if (!endLsn.isAfter(commitLsn)) {
            throw new IllegalArgumentException("commit at " + commitLsn + " ends at " + endLsn);
        }
    }

    @Override
    public int compareTo(Commit other) {
        return commitLsn.compareTo(other.commitLsn);
    }
}
