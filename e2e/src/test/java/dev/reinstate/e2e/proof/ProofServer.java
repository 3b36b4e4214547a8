package dev.reinstate.e2e.proof;

import dev.reinstate.postgres.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** An embedded server that forgets everything when it is closed, with a taste of its own in writing values. */
final class ProofServer implements AutoCloseable {
    private final EmbeddedPostgres server;

    private ProofServer(EmbeddedPostgres server) {
        this.server = server;
    }

    static ProofServer start() throws IOException {
        ProofServer server = new ProofServer(EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                .setServerConfig("fsync", "off")
                .setServerConfig("max_replication_slots", "20")
                .setServerConfig("max_wal_senders", "20")
                .setServerConfig("max_connections", "100")
                .setServerConfig("max_prepared_transactions", "10")
                .setServerConfig("deadlock_timeout", "20ms")
                .setPGStartupWait(Duration.ofSeconds(60))
                .start());
        server.haveTaste();
        return server;
    }

    /** Defaults that change how values are written, for whoever does not pin them. */
    private void haveTaste() {
        try (Connection connection = connect("postgres")) {
            Sql.run(connection, "ALTER SYSTEM SET datestyle = 'SQL, DMY'");
            Sql.run(connection, "ALTER SYSTEM SET timezone = 'Asia/Kolkata'");
            Sql.run(connection, "ALTER SYSTEM SET intervalstyle = 'sql_standard'");
            Sql.run(connection, "ALTER SYSTEM SET bytea_output = 'escape'");
            Sql.run(connection, "ALTER SYSTEM SET extra_float_digits = 0");
            Sql.run(connection, "SELECT pg_reload_conf()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An empty database of that name. */
    Database create(String name) throws SQLException {
        try (Connection connection = connect("postgres")) {
            Sql.run(connection, "CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE template0");
        }
        return Database.of(url(name), Optional.of("postgres"), Optional::empty);
    }

    void drop(String name) throws SQLException {
        try (Connection connection = connect("postgres")) {
            Sql.run(connection, """
                    DO $$ BEGIN
                        FOR attempt IN 1..200 LOOP
                            EXIT WHEN NOT EXISTS (
                                SELECT FROM pg_replication_slots WHERE database = '%s' AND active);
                            PERFORM pg_sleep(0.05);
                        END LOOP;
                    END $$""".formatted(name));
            Sql.run(connection, """
                    SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '%s'""".formatted(name));
            Sql.run(connection, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        }
    }

    /** A session that sends text as it is. */
    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database) + "?user=postgres&preferQueryMode=simple");
    }

    private String url(String database) {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
