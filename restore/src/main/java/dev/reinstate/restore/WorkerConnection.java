package dev.reinstate.restore;

import dev.reinstate.postgres.Database;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One worker's connection, opened when first needed and again when it broke. */
final class WorkerConnection implements AutoCloseable {
    private static final int VALID_WITHIN_SECONDS = 5;

    private final Database database;
    private @Nullable Connection connection;

    WorkerConnection(Database database) {
        this.database = database;
    }

    Connection get() {
        Connection open = connection;
        if (open != null && isUsable(open)) {
            return open;
        }
        close();
        Connection opened = database.connect();
        connection = opened;
        return opened;
    }

    private static boolean isUsable(Connection open) {
        try {
            return open.isValid(VALID_WITHIN_SECONDS) && open.getAutoCommit();
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            // it is of no more use either way
        } finally {
            connection = null;
        }
    }
}
