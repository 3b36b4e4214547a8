package dev.reinstate.bench.peer;

import dev.reinstate.bench.server.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code pg_recvlogical}: the least a consumer of pgoutput can do, its output thrown away. */
public final class LogicalReceiver {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path program;

    private LogicalReceiver(Path program) {
        this.program = program;
    }

    /** The newest one on the PATH or where distributions put it. */
    public static Optional<LogicalReceiver> find() throws IOException {
        return PostgresPrograms.find("pg_recvlogical").map(LogicalReceiver::new);
    }

    /** Receives everything up to {@code end} over TCP and throws it away. */
    public Drained drain(Database database, String slot, String publications, String end, Path folder)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                program.toString(),
                "--host=" + database.host(),
                "--port=" + database.port(),
                "--username=" + database.user(),
                "--dbname=" + database.name(),
                "--no-loop",
                "--start",
                "--slot=" + slot,
                "--endpos=" + end,
                "--option=proto_version=1",
                "--option=publication_names=" + publications,
                "--file=/dev/null");
        long start = System.nanoTime();
        try (ChildProcess process = ChildProcess.start("pg_recvlogical", command, folder)) {
            process.awaitSuccess(PATIENCE);
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            return new Drained(wall, Duration.ofMillis(process.cpuMillis()), process.peakResidentBytes());
        }
    }
}
