package dev.reinstate.bench.peer;

import dev.reinstate.bench.server.Database;
import dev.reinstate.bench.server.FolderTree;
import dev.reinstate.bench.server.Remains;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster of the machine's own PostgreSQL, made for one bench: what takes physical backups needs its data directory and
 * its configuration. Settings are PostgreSQL's own but for those given and {@code max_wal_size}.
 */
public final class OwnCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final String USER = "postgres";

    private final Path programs;
    private final Path folder;
    private final Path data;
    private final int port;
    private final Remains.Held held;

    /** @param all of it, for when the process is told to end */
    private OwnCluster(Path programs, Path folder, Path data, Path all) throws IOException {
        this.programs = programs;
        this.folder = folder;
        this.data = data;
        this.port = freePort();
        this.held = Remains.hold(() -> end(all));
    }

    /** Where the newest server's programs are, if there are any. */
    static Optional<Path> programs() throws IOException {
        return PostgresPrograms.find("initdb").map(Path::toAbsolutePath).map(OwnCluster::folderOf);
    }

    private static Path folderOf(Path program) {
        Path folder = program.getParent();
        if (folder == null) {
            throw new IllegalStateException(program + " is in no folder");
        }
        return folder;
    }

    /** Makes and starts a cluster. */
    static OwnCluster create(Path programs, Map<String, String> settings) throws IOException, InterruptedException {
        Path folder = ServerAccount.newFolder("reinstate-bench-cluster");
        OwnCluster cluster = new OwnCluster(programs, folder, folder.resolve("data"), folder);
        cluster.run(
                "initdb",
                "-D",
                cluster.data.toString(),
                "-U",
                USER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync");
        cluster.configure(Map.of("max_wal_size", "8GB", "unix_socket_directories", folder.toString()));
        cluster.configure(settings);
        cluster.start();
        return cluster;
    }

    /** A cluster whose data directory somebody else has made, as a copy of this one; it is started. */
    OwnCluster startCopy(Path copy) throws IOException, InterruptedException {
        OwnCluster started = new OwnCluster(programs, folder, copy, copy);
        started.start();
        return started;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Adds settings, the last of a name counting, which hold from the next start on. */
    void configure(Map<String, String> settings) throws IOException {
        List<String> lines = new ArrayList<>();
        settings.forEach((name, value) -> lines.add(name + " = '" + value.replace("'", "''") + "'"));
        Files.write(data.resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
    }

    private void start() throws IOException, InterruptedException {
        run(
                "pg_ctl",
                "start",
                "-w",
                "-t",
                Long.toString(PATIENCE.toSeconds()),
                "-D",
                data.toString(),
                "-l",
                data + ".log",
                "-o",
                "-p " + port);
    }

    void restart() throws IOException, InterruptedException {
        stop();
        start();
    }

    private void stop() throws IOException, InterruptedException {
        stop("fast");
    }

    private void stop(String mode) throws IOException, InterruptedException {
        run("pg_ctl", "stop", "-w", "-m", mode, "-D", data.toString());
    }

    /** Nobody will read it any more. */
    private void end(Path all) throws IOException, InterruptedException {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            stop("immediate");
        }
        FolderTree.delete(all);
    }

    private void run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(programs.resolve(program).toString()));
        command.addAll(List.of(arguments));
        try (ChildProcess process = ChildProcess.start(program, ServerAccount.command(command), folder)) {
            process.awaitSuccess(PATIENCE);
        }
    }

    public Database database(String name) {
        return new Database("localhost", port, name, USER);
    }

    Path folder() {
        return folder;
    }

    Path data() {
        return data;
    }

    int port() {
        return port;
    }

    /** Stops it; its folder stays to whoever made it. */
    @Override
    public void close() throws IOException, InterruptedException {
        stop();
        held.close();
    }
}
