package dev.reinstate.capture.source;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Keeps a second capture of a store away, from before the first image on: an advisory lock of one session. */
public final class SourceLock implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    /** The server notices the end of a session a moment after its process ended. */
    private static final Duration END_OF_SESSION = Duration.ofSeconds(3);

    private final Connection connection;

    private SourceLock(Connection connection) {
        this.connection = connection;
    }

    /**
     * Takes the lock, which ends with the connection. {@code CONFLICT} when another session has it.
     *
     * @param patience how long to wait for the session of a predecessor that just died
     */
    public static SourceLock acquire(Connection connection, String slot, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!tryLock(connection, slot)) {
            if (System.nanoTime() - deadline >= 0) {
                throw ReinstateException.conflict(
                        "This store is being captured already",
                        "another capture holds the lock of slot " + slot + " in the source database",
                        "stop the other capture; one store has one");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        return new SourceLock(connection);
    }

    private static boolean tryLock(Connection connection, String slot) {
        return Query.one(
                connection,
                "Cannot lock the store for capture",
                "SELECT pg_try_advisory_lock(hashtextextended('reinstate.capture.' || ?, 0))",
                row -> row.getBoolean(1),
                slot);
    }

    /**
     * Does something while no capture runs, and none can start. {@code CONFLICT} when one does.
     *
     * @param connection is not closed
     */
    public static <T> T whileUnused(Connection connection, String slot, Supplier<T> work) {
        SourceLock lock = acquire(connection, slot, END_OF_SESSION);
        try {
            return work.get();
        } finally {
            lock.release(slot);
        }
    }

    private void release(String slot) {
        Query.one(
                connection,
                "Cannot unlock the store",
                "SELECT pg_advisory_unlock(hashtextextended('reinstate.capture.' || ?, 0))",
                row -> row.getBoolean(1),
                slot);
    }

    /** Whether the session that holds the lock still lives. */
    public boolean isHeld() {
        try {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // the session is gone, and the lock with it
        }
    }
}
