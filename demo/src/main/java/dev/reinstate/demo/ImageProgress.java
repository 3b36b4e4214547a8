package dev.reinstate.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/**
 * How many rows were read for the first image, as PostgreSQL itself shows it: each table is one COPY. Small tables are
 * over before anybody looks, so it is a little less than what was read. Not thread-safe.
 */
final class ImageProgress {
    private static final String SQL = """
            SELECT pid || '/' || relid, tuples_processed FROM pg_stat_progress_copy WHERE command = 'COPY TO'
            """;

    private final DataSource database;
    private final Map<String, Long> current = new HashMap<>();
    private long ended;

    ImageProgress(DataSource database) {
        this.database = database;
    }

    long rows() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SQL)) {
            while (row.next()) {
                long rows = row.getLong(2);
                Long before = current.put(row.getString(1), rows);
                if (before != null && before > rows) {
                    ended += before;
                }
            }
        }
        return ended + current.values().stream().mapToLong(Long::longValue).sum();
    }
}
