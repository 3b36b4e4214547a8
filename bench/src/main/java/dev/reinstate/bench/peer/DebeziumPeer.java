package dev.reinstate.bench.peer;

import dev.reinstate.bench.server.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Debezium's embedded engine in a process of its own, from the class path that the Maven profile {@code debezium}
 * leaves in {@code bench/debezium/target}.
 */
public final class DebeziumPeer {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final Pattern DRAINED = Pattern.compile("(?m)^drained (\\d+) (\\d+) (\\d+)$");

    private final String classPath;

    private DebeziumPeer(String classPath) {
        this.classPath = classPath;
    }

    /** The engine, if the project was built with that profile. */
    public static Optional<DebeziumPeer> find(Path benchFolder) throws IOException {
        Path target = benchFolder.resolve("debezium").resolve("target");
        Path libraries = target.resolve("classpath");
        if (!Files.isReadable(libraries)) {
            return Optional.empty();
        }
        return Optional.of(new DebeziumPeer(
                target.resolve("classes") + ":" + Files.readString(libraries).strip()));
    }

    /** Drains exactly that many changes; the engine's start is not counted. */
    public Drained drain(Database database, String slot, String publication, long changes, Path folder)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                classPath,
                "dev.reinstate.bench.debezium.DebeziumDrain",
                database.host(),
                Integer.toString(database.port()),
                database.name(),
                database.user(),
                slot,
                publication,
                Long.toString(changes));
        try (ChildProcess process = ChildProcess.start("debezium", command, folder)) {
            process.awaitSuccess(PATIENCE);
            Matcher line = DRAINED.matcher(process.printed());
            if (!line.find()) {
                throw new IllegalStateException("Debezium did not say what it drained:\n" + process.printed());
            }
            return new Drained(
                    Duration.ofNanos(Long.parseLong(line.group(2))),
                    Duration.ofMillis(Long.parseLong(line.group(3))),
                    process.peakResidentBytes());
        }
    }
}
