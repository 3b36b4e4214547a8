package dev.reinstate.bench.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A running server, and the databases made in it. */
public final class BenchServer implements AutoCloseable {
    private final @Nullable EmbeddedPostgres embedded;
    private final Database administration;

    private BenchServer(@Nullable EmbeddedPostgres embedded, Database administration) {
        this.embedded = embedded;
        this.administration = administration;
    }

    /** The server at {@code postgresql://user@host:port/database}, else an embedded one. */
    public static BenchServer start(Optional<String> url) throws SQLException {
        BenchServer server = url.isPresent() ? external(url.get()) : embedded();
        server.requireDurable();
        return server;
    }

    private static BenchServer external(String url) {
        URI address = URI.create(url);
        String user = address.getUserInfo() == null ? "postgres" : address.getUserInfo();
        int port = address.getPort() < 0 ? 5432 : address.getPort();
        String name = address.getPath().substring(1);
        return new BenchServer(null, new Database(address.getHost(), port, name, user));
    }

    private static BenchServer embedded() {
        try {
            EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("wal_level", "logical")
                    .setServerConfig("shared_buffers", "1GB")
                    .setServerConfig("max_wal_size", "8GB")
                    .setServerConfig("checkpoint_timeout", "30min")
                    .setServerConfig("max_wal_senders", "20")
                    .setServerConfig("max_replication_slots", "40")
                    .setServerConfig("autovacuum_naptime", "10min")
                    .start();
            return new BenchServer(postgres, new Database("localhost", postgres.getPort(), "postgres", "postgres"));
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded server does not start", e);
        }
    }

    /** A server that may lose commits makes every ratio here meaningless. */
    private void requireDurable() throws SQLException {
        for (String setting : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
            String value = administration.text("SHOW " + setting);
            if (!value.equals("on")) {
                throw new IllegalStateException(setting + " is " + value + " on this server: nothing to measure");
            }
        }
    }

    /** Makes an empty database, dropping what an interrupted run left of that name. */
    public Database createDatabase(String name) throws SQLException {
        Database database = administration.sibling("reinstate_bench_" + name);
        drop(database);
        administration.execute("CREATE DATABASE " + database.name());
        return database;
    }

    /** Drops a database and the slots on it. */
    public void drop(Database database) throws SQLException {
        administration.execute("""
                DO $$
                DECLARE slot record;
                BEGIN
                    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%1$s';
                    FOR slot IN SELECT slot_name, active_pid FROM pg_replication_slots WHERE database = '%1$s' LOOP
                        FOR attempt IN 1..200 LOOP
                            EXIT WHEN EXISTS (SELECT FROM pg_replication_slots
                                WHERE slot_name = slot.slot_name AND NOT active);
                            PERFORM pg_terminate_backend(slot.active_pid);
                            PERFORM pg_sleep(0.05);
                        END LOOP;
                        PERFORM pg_drop_replication_slot(slot.slot_name);
                    END LOOP;
                END $$
                """.formatted(database.name()));
        administration.execute("DROP DATABASE IF EXISTS " + database.name() + " WITH (FORCE)");
    }

    public String version() throws SQLException {
        return administration.text("SHOW server_version");
    }

    @Override
    public void close() throws IOException {
        if (embedded != null) {
            embedded.close();
        }
    }
}
