package dev.reinstate.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One embedded server for all tests of a JVM; each asks for databases of its own. */
public final class TestServer {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private static final class Shared {
        static final TestServer SERVER = new TestServer();
    }

    private final EmbeddedPostgres server;

    private TestServer() {
        try {
            server = EmbeddedPostgres.builder()
                    .setServerConfig("wal_level", "logical")
                    .setServerConfig("max_wal_senders", "20")
                    .setServerConfig("max_replication_slots", "20")
                    .setServerConfig("max_prepared_transactions", "5")
                    .setServerConfig("fsync", "off")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static TestServer shared() {
        return Shared.SERVER;
    }

    public int port() {
        return server.getPort();
    }

    /** Of the server that the tests run on: {@code -Dpostgres.binaries} chooses it. */
    public int majorVersion() {
        try (Connection connection = database("postgres").connect()) {
            return Database.serverVersion(connection) / 10_000;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** A new, empty database. */
    public Database newDatabase() {
        String name = "db" + DATABASES.incrementAndGet();
        execute(database("postgres"), "CREATE DATABASE " + name);
        return database(name);
    }

    public Database database(String name) {
        return as(name, "postgres", "");
    }

    public Database as(String database, String user, String password) {
        return Database.of(
                "jdbc:postgresql://localhost:" + port() + "/" + database,
                Optional.of(user),
                () -> password.isEmpty() ? Optional.empty() : Optional.of(password));
    }

    public static void execute(Database database, String... statements) {
        try (Connection connection = database.connect()) {
            List.of(statements).forEach(sql -> Query.execute(connection, "Cannot " + sql, sql));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    public static String text(Connection connection, String sql) {
        return Query.one(connection, "Cannot " + sql, sql, row -> String.valueOf(row.getString(1)));
    }
}
