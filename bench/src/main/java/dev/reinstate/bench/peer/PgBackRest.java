package dev.reinstate.bench.peer;

import dev.reinstate.bench.load.Workload;
import dev.reinstate.bench.server.Database;
import dev.reinstate.bench.server.FolderTree;
import dev.reinstate.model.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A cluster of its own with pgBackRest: a repository on the same disk, {@code compress-type=zst}, two processes, and
 * every finished WAL segment pushed by {@code archive_command}, and fetched ahead of a recovery; the rest as it comes.
 */
public final class PgBackRest implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final String STANZA = "bench";

    private final Path program;
    private final OwnCluster cluster;
    private final Path configuration;
    private final Path repository;

    private PgBackRest(Path program, OwnCluster cluster) {
        this.program = program;
        this.cluster = cluster;
        this.configuration = cluster.folder().resolve("pgbackrest.conf");
        this.repository = cluster.folder().resolve("repository");
    }

    /** pgBackRest and the server's programs that it is tried with. */
    public record Found(Path program, Path serverPrograms) {
        /** Of which versions they are. */
        public String versions() throws IOException {
            return line(program, "version") + ", " + line(serverPrograms.resolve("postgres"), "--version");
        }

        private static String line(Path program, String option) throws IOException {
            try (BufferedReader output = new ProcessBuilder(program.toString(), option)
                    .redirectErrorStream(true)
                    .start()
                    .inputReader()) {
                String line = output.readLine();
                return line == null ? program + " of unknown version" : line;
            }
        }

        /**
         * Makes and starts an empty cluster that archives nothing yet.
         *
         * @param settings of the server
         */
        public PgBackRest newCluster(Map<String, String> settings) throws IOException, InterruptedException {
            PgBackRest made = new PgBackRest(program, OwnCluster.create(serverPrograms, settings));
            made.configure();
            return made;
        }
    }

    /** Empty unless both pgBackRest and a server to back up are on the machine. */
    public static Optional<Found> find() throws IOException {
        Optional<Path> program = PostgresPrograms.find("pgbackrest");
        Optional<Path> server = OwnCluster.programs();
        return program.isPresent() && server.isPresent()
                ? Optional.of(new Found(program.get(), server.get()))
                : Optional.empty();
    }

    /** Why a bench has no such peer. */
    public static String absence() {
        return "no pgbackrest, or no PostgreSQL server it could back up, on this machine";
    }

    private void configure() throws IOException {
        Files.writeString(
                configuration, """
                [global]
                repo1-path=%1$s
                compress-type=zst
                process-max=2
                start-fast=y
                log-level-console=warn
                log-level-file=off
                lock-path=%2$s/lock
                spool-path=%2$s/spool

                [%3$s]
                pg1-path=%4$s
                pg1-port=%5$d
                pg1-socket-path=%2$s
                pg1-user=postgres

                [global:archive-get]
                archive-async=y
                """.formatted(repository, cluster.folder(), STANZA, cluster.data(), cluster.port()));
    }

    public Database database(String name) {
        return cluster.database(name);
    }

    /** A database as the workload makes it, of which there is a full backup and every change since is archived. */
    public Database backedUp(Workload workload) throws IOException, InterruptedException, SQLException {
        database("postgres").execute("CREATE DATABASE bench");
        Database database = database("bench");
        workload.create(database);
        beginArchiving();
        run("backup", "--type=full");
        return database;
    }

    /** Restarts the server so that it archives, and makes the repository. */
    private void beginArchiving() throws IOException, InterruptedException {
        String push = String.join(" ", command("archive-push")) + " \"%p\"";
        cluster.configure(Map.of("archive_mode", "on", "archive_command", push));
        cluster.restart();
        run("stanza-create");
    }

    /** Waits until all WAL written so far is in the repository. */
    public void archiveWal() throws SQLException, InterruptedException {
        Database database = database("postgres");
        String last = database.text("SELECT pg_walfile_name(pg_switch_wal())");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!database.text("SELECT coalesce(last_archived_wal, '') >= '" + last + "' FROM pg_stat_archiver")
                .equals("t")) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("gave up waiting for " + last + " being archived");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** What the repository has of backups. */
    public long backupBytes() throws IOException {
        return FolderTree.sizeBytes(repository.resolve("backup"));
    }

    /** What the repository has of WAL. */
    public long walBytes() throws IOException {
        return FolderTree.sizeBytes(repository.resolve("archive"));
    }

    /**
     * What recovering took.
     *
     * @param files until the backup's files were there
     * @param replay until the server had replayed what came since, and was open
     */
    public record Recovery(Duration files, Duration replay) {}

    /** The cluster as it was right after a position: a server of its own, out of recovery. */
    public static final class Recovered implements AutoCloseable {
        private final OwnCluster cluster;
        private final Recovery recovery;

        private Recovered(OwnCluster cluster, Recovery recovery) {
            this.cluster = cluster;
            this.recovery = recovery;
        }

        public Recovery recovery() {
            return recovery;
        }

        public Database database(String name) {
            return cluster.database(name);
        }

        /** Stops it and removes its files. */
        @Override
        public void close() throws IOException, InterruptedException {
            cluster.close();
            FolderTree.delete(cluster.data());
        }
    }

    /** Recovers the whole cluster beside this one. */
    public Recovered recover(Lsn position) throws IOException, SQLException, InterruptedException {
        Path side = cluster.folder().resolve("side");
        Duration files = run(
                "restore",
                "--pg1-path=" + side,
                "--type=lsn",
                "--target=" + position,
                "--target-action=promote",
                "--archive-mode=off");
        long start = System.nanoTime();
        OwnCluster started = cluster.startCopy(side);
        while (started.database("postgres").text("SELECT pg_is_in_recovery()").equals("t")) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return new Recovered(started, new Recovery(files, Duration.ofNanos(System.nanoTime() - start)));
    }

    private Duration run(String verb, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(command(verb));
        command.addAll(List.of(options));
        long start = System.nanoTime();
        try (ChildProcess process =
                ChildProcess.start("pgbackrest-" + verb, ServerAccount.command(command), cluster.folder())) {
            process.awaitSuccess(PATIENCE);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private List<String> command(String verb) {
        return List.of(program.toString(), "--config=" + configuration, "--stanza=" + STANZA, verb);
    }

    /** Stops the server and removes everything. */
    @Override
    public void close() throws IOException, InterruptedException {
        try (cluster) {
            // stopped below, whatever happens
        }
        FolderTree.delete(cluster.folder());
    }
}
