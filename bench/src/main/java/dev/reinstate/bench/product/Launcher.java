package dev.reinstate.bench.product;

import dev.reinstate.bench.peer.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The script {@code reinstate}, as a user runs it. */
public final class Launcher {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final Path script;
    private final Path logs;

    /**
     * Runs the script once, so that what it builds before its first run is there.
     *
     * @param benchFolder whose parent has the script
     * @param logs where outputs go
     */
    public Launcher(Path benchFolder, Path logs) throws IOException, InterruptedException {
        this.script = benchFolder.resolveSibling("reinstate");
        this.logs = logs;
        time("version");
    }

    /** From the start of the script to its end. */
    public Duration time(String verb, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toString(), verb));
        command.addAll(List.of(arguments));
        return time(verb, command, logs);
    }

    /** From the start of a program to its good end. */
    public static Duration time(String name, List<String> command, Path logs) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (ChildProcess process = ChildProcess.start(name, command, logs)) {
            process.awaitSuccess(PATIENCE);
            return Duration.ofNanos(System.nanoTime() - start);
        }
    }
}
