package dev.reinstate.e2e;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Users of the store: several connections that do random transactions until closed. What each of them means to do is
 * decided by the seed; how they interleave is not.
 */
final class Load implements AutoCloseable {
    private final StoreUnderTest store;
    private final ReadWriteLock gate = new ReentrantReadWriteLock(true);
    private final Set<String> spared = new HashSet<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong rolledBack = new AtomicLong();
    private final int pauseMillis;
    private volatile boolean stopping;

    /** @param pauseMillis what every user waits on average between transactions */
    Load(StoreUnderTest store, int pauseMillis) {
        this.store = store;
        this.pauseMillis = pauseMillis;
    }

    /** The seed of this run, to be given again as {@code -Dreinstate.e2e.seed}. Printed. */
    static long seed() {
        long seed = Long.getLong("reinstate.e2e.seed", System.nanoTime() % 1_000_000);
        System.out.println("seed: -Dreinstate.e2e.seed=" + seed);
        return seed;
    }

    /** Tenants that are always there: {@code anchor-*} are never deleted, {@code nomad-*} change their ids. */
    void populate(long seed) {
        Random random = new Random(seed);
        try (Connection connection = store.connect()) {
            Session session = new Session(connection, random, Set.of());
            Writer writer = new Writer(session);
            for (String prefix : List.of("anchor", "site", "nomad", "victim")) {
                for (int n = 0; n < 4; n++) {
                    writer.newTenant(prefix + "-" + n);
                }
            }
            for (int i = 0; i < 120; i++) {
                writer.pageTree(false);
            }
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    Load start(long seed, int writers) {
        for (int n = 0; n < writers; n++) {
            Random random = new Random(seed * 31 + n);
            threads.add(Thread.ofPlatform().name("writer-" + n).start(() -> write(random)));
        }
        return this;
    }

    private void write(Random random) {
        try (Connection connection = store.connect()) {
            Session session = new Session(connection, random, spared);
            Writer writer = new Writer(session);
            while (!stopping) {
                gate.readLock().lock();
                try {
                    transaction(connection, writer);
                } finally {
                    gate.readLock().unlock();
                }
                Thread.sleep(random.nextInt(2 * pauseMillis + 1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException | AssertionError e) {
            failures.add(e);
        }
    }

    private void transaction(Connection connection, Writer writer) throws SQLException {
        try {
            writer.transaction();
            connection.commit();
            committed.incrementAndGet();
        } catch (SQLException e) {
            connection.rollback();
            if (!isExpected(e)) {
                throw e;
            }
            rolledBack.incrementAndGet();
        }
    }

    /** Users get in each other's way: deadlocks, and references to what another has just deleted. */
    private static boolean isExpected(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("40") || state.startsWith("23");
    }

    /** Does something while no transaction is open and none begins. */
    <T> T atGate(Supplier<T> work) {
        gate.writeLock().lock();
        try {
            return work.get();
        } finally {
            gate.writeLock().unlock();
        }
    }

    /** From now on no user writes to these tenants. To be called before or at the gate. */
    void spare(List<String> tenants) {
        spared.addAll(tenants);
    }

    long committed() {
        return committed.get();
    }

    long rolledBack() {
        return rolledBack.get();
    }

    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("a writer failed", failures.getFirst());
        }
    }
}
