package dev.reinstate.restore.apply;

import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.restore.plan.SharedRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Lets restores that bring shared rows back go one after another, so that two tenants that need the same row do not meet
 * in the middle: the second waits, before its transaction begins, finds the row and goes on. Held by the session. Not
 * thread-safe.
 */
final class SharedLock implements AutoCloseable {
    private static final String KEY = "hashtextextended('reinstate shared rows', 0)";

    private final Connection connection;
    private boolean held;

    private SharedLock(Connection connection) {
        this.connection = connection;
    }

    /** Waits for it as long as it takes; where there are no shared rows to bring back there is nothing to wait for. */
    static SharedLock of(Connection connection, SharedRows rows) {
        SharedLock lock = new SharedLock(connection);
        if (!rows.isEmpty()) {
            lock.take();
        }
        return lock;
    }

    private void take() {
        try {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0");
                statement.execute("SELECT pg_advisory_lock(" + KEY + ")");
                held = true;
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Waiting for another restore of shared rows", e);
        }
    }

    /** Lets others go on: nothing has been, or is still, to be written. */
    void release() {
        if (!held) {
            return;
        }
        held = false;
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock(" + KEY + ")");
        } catch (SQLException e) {
            throw PostgresFailure.of("Letting other restores of shared rows go on", e);
        }
    }

    @Override
    public void close() {
        if (held) {
            try {
                release();
            } catch (RuntimeException e) {
                // the connection is gone, and with it the lock
            }
        }
    }
}
