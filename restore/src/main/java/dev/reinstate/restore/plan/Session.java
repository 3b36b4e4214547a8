package dev.reinstate.restore.plan;

import dev.reinstate.postgres.PostgresFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Supplier;

/** What a session with the target may do. */
public final class Session {
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private Session() {}

    /** Tries whether the role may write without triggers, and leaves the session as it was. */
    public static WriteMode writeMode(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("RESET session_replication_role");
            return WriteMode.REPLICA_ROLE;
        } catch (SQLException e) {
            if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                return WriteMode.TRIGGERS_FIRE;
            }
            throw PostgresFailure.of("Asking for the right to set session_replication_role", e);
        }
    }

    /** Does something in one snapshot, writing nothing. */
    static <T> T readOnly(Connection connection, Supplier<T> reading) {
        try {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                return reading.get();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Reading the tenant's live rows", e);
        }
    }
}
