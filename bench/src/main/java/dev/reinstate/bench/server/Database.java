package dev.reinstate.bench.server;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** Where a database is. A password, if any, comes from {@code PGPASSWORD} and is not part of it. */
public record Database(String host, int port, String name, String user) {
    /** Another database of the same server. */
    public Database sibling(String otherName) {
        return new Database(host, port, otherName, user);
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + name;
    }

    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        String password = System.getenv("PGPASSWORD");
        if (password != null) {
            properties.setProperty("password", password);
        }
        return DriverManager.getConnection(jdbcUrl(), properties);
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The one value a query returns, as text. */
    public String text(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    public long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    /** Writes all dirty pages, so that every measurement begins with the same full-page images ahead of it. */
    public void checkpoint() throws SQLException {
        execute("CHECKPOINT");
    }

    /** Drops a replication slot if it is there; the server may need a moment to see that its consumer is gone. */
    public void dropSlot(String slot) throws SQLException {
        execute("""
                DO $$ BEGIN
                    FOR attempt IN 1..400 LOOP
                        EXIT WHEN NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '%1$s' AND active);
                        PERFORM pg_sleep(0.05);
                    END LOOP;
                    PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '%1$s';
                END $$
                """.formatted(slot));
    }
}
