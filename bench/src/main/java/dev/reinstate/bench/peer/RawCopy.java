package dev.reinstate.bench.peer;

import dev.reinstate.bench.server.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code COPY TO} of whole tables through psql, thrown away, over one or several connections at once. */
public final class RawCopy {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final Path program;

    private RawCopy(Path program) {
        this.program = program;
    }

    /** psql, on the PATH or where distributions put it. */
    public static Optional<RawCopy> find() throws IOException {
        return PostgresPrograms.find("psql").map(RawCopy::new);
    }

    /** Copies out every table, each by the connection that has least to do, and says how long that took. */
    public Duration run(Database database, List<String> tables, int connections, Path folder)
            throws IOException, SQLException, InterruptedException {
        List<List<String>> shares = shares(database, tables, connections);
        List<ChildProcess> running = new ArrayList<>();
        long start = System.nanoTime();
        try {
            for (List<String> share : shares) {
                running.add(ChildProcess.start("psql-" + running.size(), command(database, share), folder));
            }
            for (ChildProcess process : running) {
                process.awaitSuccess(PATIENCE);
            }
            return Duration.ofNanos(System.nanoTime() - start);
        } finally {
            for (ChildProcess process : running) {
                process.close();
            }
        }
    }

    private List<String> command(Database database, List<String> tables) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--no-psqlrc",
                "--quiet",
                "--set=ON_ERROR_STOP=1",
                "--host=" + database.host(),
                "--port=" + database.port(),
                "--username=" + database.user(),
                "--dbname=" + database.name()));
        tables.forEach(table -> command.add("--command=\\copy " + table + " to '/dev/null'"));
        return command;
    }

    private static List<List<String>> shares(Database database, List<String> tables, int connections)
            throws SQLException {
        Map<String, Long> sizes = new TreeMap<>();
        for (String table : tables) {
            sizes.put(table, database.number("SELECT pg_table_size('" + table + "')"));
        }
        return shares(sizes, connections);
    }

    /** The largest first, each to whoever has least. */
    static List<List<String>> shares(Map<String, Long> sizes, int connections) {
        List<List<String>> shares = new ArrayList<>();
        long[] sums = new long[connections];
        for (int i = 0; i < connections; i++) {
            shares.add(new ArrayList<>());
        }
        sizes.entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> -entry.getValue()))
                .forEach(entry -> {
                    int least = 0;
                    for (int i = 1; i < connections; i++) {
                        least = sums[i] < sums[least] ? i : least;
                    }
                    sums[least] += entry.getValue();
                    shares.get(least).add(entry.getKey());
                });
        return shares;
    }
}
