package dev.reinstate.capture.protection;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/** A streaming standby of an embedded server, made from a copy of its files, as an asynchronous replica is. */
final class Replica implements AutoCloseable {
    private static final Set<String> LEFT_OUT =
            Set.of("pg_wal", "pg_replslot", "pg_stat_tmp", "postmaster.pid", "postmaster.opts", "epg-lock");

    final EmbeddedPostgres server;

    private Replica(EmbeddedPostgres server) {
        this.server = server;
    }

    /** A primary of which there can be replicas. */
    static EmbeddedPostgres startPrimary(Path data) throws IOException {
        return configured(data).start();
    }

    private static EmbeddedPostgres.Builder configured(Path data) {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("wal_level", "logical")
                .setServerConfig("max_replication_slots", "20")
                .setServerConfig("max_wal_senders", "20")
                .setServerConfig("hot_standby_feedback", "on");
    }

    static Replica of(EmbeddedPostgres primary, Path primaryData, Path data) throws IOException, SQLException {
        try (Connection connection = primary.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_create_physical_replication_slot('replica', true)");
            boolean isOld = version(primary) < 150_000;
            statement.execute(
                    isOld
                            ? "SELECT pg_start_backup('replica', true, false)"
                            : "SELECT pg_backup_start('replica', true)");
            copy(primaryData, data);
            try (ResultSet label = statement.executeQuery(
                    "SELECT labelfile FROM " + (isOld ? "pg_stop_backup(false, false)" : "pg_backup_stop(false)"))) {
                label.next();
                Files.writeString(data.resolve("backup_label"), label.getString(1));
            }
        }
        Files.createFile(data.resolve("standby.signal"));
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=localhost port=" + primary.getPort()
                        + " user=postgres dbname=postgres'\nprimary_slot_name = 'replica'\n"
                        + (handsSlotsOver(primary) ? "sync_replication_slots = on\n" : ""),
                StandardOpenOption.APPEND);
        return new Replica(configured(data).start());
    }

    /** Whether the server can give a standby its logical slots. */
    static boolean handsSlotsOver(EmbeddedPostgres server) {
        return version(server) >= 170_000;
    }

    private static int version(EmbeddedPostgres server) {
        return Integer.parseInt(text(server, "SHOW server_version_num"));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Path made = to.resolve(from.relativize(folder).toString());
                Files.createDirectories(made);
                Files.setPosixFilePermissions(made, Files.getPosixFilePermissions(folder));
                return LEFT_OUT.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!LEFT_OUT.contains(file.getFileName().toString())) {
                    try {
                        Files.copy(file, to.resolve(from.relativize(file).toString()));
                    } catch (NoSuchFileException e) {
                        // the server removed it meanwhile
                    }
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    void run(String sql) {
        execute(server, sql);
    }

    static void execute(EmbeddedPostgres server, String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    static String text(EmbeddedPostgres server, String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Has everything that was committed on the primary until now. */
    void awaitAllOf(EmbeddedPostgres primary) {
        String written = text(primary, "SELECT pg_current_wal_insert_lsn()");
        CaptureHarness.awaitTrue(
                "the replica to follow",
                () -> text(server, "SELECT pg_last_wal_replay_lsn() >= '" + written + "'")
                        .equals("t"));
    }

    /** Receives nothing any more. */
    void cutOff() {
        run("ALTER SYSTEM SET primary_conninfo = ''");
        run("SELECT pg_reload_conf()");
        CaptureHarness.awaitTrue(
                "the replica to be cut off",
                () -> text(server, "SELECT count(*) FROM pg_stat_wal_receiver").equals("0"));
    }

    void promote() {
        run("SELECT pg_promote()");
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
