package dev.reinstate.e2e;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Sql;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A database of its own on the server, with the nasty schema of {@code schema.sql} unless said otherwise. */
final class StoreUnderTest implements AutoCloseable {
    private final PostgresServer server;
    private final String database;

    private StoreUnderTest(PostgresServer server, String name) {
        this.server = server;
        this.database = "e2e_" + name;
        dropDatabase();
        server.execute("CREATE DATABASE " + database + " ENCODING 'UTF8' TEMPLATE template0");
    }

    static StoreUnderTest create(String name) {
        StoreUnderTest store = empty(name);
        store.execute(resource("schema.sql"));
        return store;
    }

    static StoreUnderTest empty(String name) {
        return emptyOn(PostgresServer.shared(), name);
    }

    static StoreUnderTest emptyOn(PostgresServer server, String name) {
        return new StoreUnderTest(server, name);
    }

    String database() {
        return database;
    }

    String url() {
        return server.url(database);
    }

    /** For {@link PostgresServer#GUARDED_ROLE}, its password to be given another way. */
    String guardedUrl() {
        return urlAs(PostgresServer.GUARDED_ROLE);
    }

    /** For any role; the embedded server believes whoever says who he is. */
    String urlAs(String role) {
        return server.urlWithoutUser(database) + "?user=" + role;
    }

    Connection connect() {
        try {
            return server.connect(database);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The first column of every row. */
    List<String> query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Types of a table's columns as {@code pg_type} calls them, by the columns' names. */
    Map<String, String> types(TableName table) {
        Map<String, String> types = new HashMap<>();
        query(
                        "SELECT json_build_array(attname, typname) FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attnum > 0 AND attrelid = '"
                                + Sql.table(table).replace("'", "''") + "'::regclass")
                .forEach(pair -> {
                    JsonNode both = new JsonMapper().readTree(pair);
                    types.put(both.get(0).asString(), both.get(1).asString());
                });
        return types;
    }

    int majorVersion() {
        return Integer.parseInt(queryOne("SELECT current_setting('server_version_num')::int / 10000"));
    }

    String queryOne(String sql) {
        return query(sql).getFirst();
    }

    private void dropDatabase() {
        server.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'""".formatted(database));
        awaitNoActiveSlot();
        server.execute("""
                SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '%s'""".formatted(database));
        server.execute("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    }

    private void awaitNoActiveSlot() {
        server.execute("""
                DO $$ BEGIN
                    FOR attempt IN 1..200 LOOP
                        EXIT WHEN NOT EXISTS (
                            SELECT FROM pg_replication_slots WHERE database = '%s' AND active);
                        PERFORM pg_sleep(0.05);
                    END LOOP;
                END $$""".formatted(database));
    }

    static String resource(String name) {
        try (InputStream stream = Objects.requireNonNull(StoreUnderTest.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        dropDatabase();
    }
}
