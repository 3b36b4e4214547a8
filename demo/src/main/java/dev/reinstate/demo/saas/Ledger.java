package dev.reinstate.demo.saas;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the users themselves say they committed: rows inserted minus rows deleted, per site and table. Independent of
 * the database, so that a row count can be checked against it. Thread-safe.
 */
public final class Ledger {
    private final Map<Entry, Long> balance = new ConcurrentHashMap<>();
    private final LongAdder transactions = new LongAdder();

    /** One site's rows in one table. */
    public record Entry(String site, String table) {}

    /** Enters a transaction that was committed. */
    void enter(Map<Entry, Long> changes) {
        transactions.increment();
        changes.forEach((entry, rows) -> balance.merge(entry, rows, Long::sum));
    }

    /** Rows more (or less) than when the ledger was opened. */
    public long balance(String site, String table) {
        return balance.getOrDefault(new Entry(site, table), 0L);
    }

    public long transactions() {
        return transactions.sum();
    }

    /** Starts from nothing; only while the gate is held. */
    public void clear() {
        balance.clear();
    }
}
