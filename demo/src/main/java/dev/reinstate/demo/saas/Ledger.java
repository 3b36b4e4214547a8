package dev.reinstate.demo.saas;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the users themselves say they committed: rows inserted minus rows deleted, per site and table. Independent of
 * the database, so that a row count can be checked against it. Thread-safe.
 */
public final class Ledger {
    private final InstantSource clock;
    private final Map<Entry, Long> balance = new ConcurrentHashMap<>();
    private final Map<String, Since> watched = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> transactionsBySite = new ConcurrentHashMap<>();
    private final LongAdder transactions = new LongAdder();

    public Ledger(InstantSource clock) {
        this.clock = clock;
    }

    /** One site's rows in one table. */
    public record Entry(String site, String table) {}

    /**
     * What users wrote to a site since it is watched.
     *
     * @param rows inserted, updated and deleted
     * @param last when the last such transaction was committed; null when there was none
     */
    public record Since(Instant begin, long rows, @Nullable Instant last) {
        private Since and(long more, Instant now) {
            return new Since(begin, rows + more, now);
        }
    }

    /** Enters a transaction that was committed. */
    void enter(Work work) {
        transactions.increment();
        work.changes().forEach((entry, rows) -> balance.merge(entry, rows, Long::sum));
        Instant now = clock.instant();
        work.written().forEach((site, rows) -> {
            transactionsBySite.computeIfAbsent(site, key -> new LongAdder()).increment();
            if (rows > 0) {
                watched.computeIfPresent(site, (key, since) -> since.and(rows, now));
            }
        });
    }

    /** Rows more (or less) than when the ledger was opened. */
    public long balance(String site, String table) {
        return balance.getOrDefault(new Entry(site, table), 0L);
    }

    public long transactions() {
        return transactions.sum();
    }

    public long transactions(String site) {
        LongAdder count = transactionsBySite.get(site);
        return count == null ? 0 : count.sum();
    }

    /** From now on what is written to this site is added up; only while the gate is held. */
    public void watch(String site) {
        watched.put(site, new Since(clock.instant(), 0, null));
    }

    public Optional<Since> since(String site) {
        return Optional.ofNullable(watched.get(site));
    }

    /** Starts from nothing; only while the gate is held. */
    public void clear() {
        balance.clear();
        watched.clear();
        transactionsBySite.clear();
    }
}
