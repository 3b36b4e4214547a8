package dev.reinstate.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * One run of the command line in a process of its own, as a user would start it: same classes, 512 MB, its output in
 * files of the working folder so that a killed process leaves them.
 */
final class ReinstateProcess implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final List<String> arguments;
    private final Process process;
    private final Path output;
    private final Path errors;

    private ReinstateProcess(List<String> arguments, Process process, Path output, Path errors) {
        this.arguments = arguments;
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** What a finished run said. */
    record Outcome(List<String> arguments, int exitCode, String output, String errors) {
        Outcome succeeded() {
            return exited(0);
        }

        Outcome exited(int expected) {
            if (exitCode != expected) {
                throw new AssertionError("expected exit code " + expected + " of " + this);
            }
            return this;
        }

        String everything() {
            return output + errors;
        }

        @Override
        public String toString() {
            return "reinstate " + String.join(" ", arguments) + "\nexit code " + exitCode + "\n--- output\n" + output
                    + "\n--- errors\n" + errors;
        }
    }

    /** How to start it: where, with which environment, behind which wrapper such as {@code prlimit}. */
    record Settings(Path workingDirectory, Map<String, String> environment, List<String> wrapper) {
        static Settings in(Path workingDirectory) {
            return new Settings(workingDirectory, Map.of(), List.of());
        }

        Settings with(String variable, String value) {
            Map<String, String> more = new LinkedHashMap<>(environment);
            more.put(variable, value);
            return new Settings(workingDirectory, more, wrapper);
        }

        Settings behind(String... command) {
            return new Settings(workingDirectory, environment, List.of(command));
        }
    }

    static Outcome run(Settings settings, String... arguments) {
        try (ReinstateProcess process = start(settings, arguments)) {
            return process.await(PATIENCE);
        }
    }

    static ReinstateProcess start(Settings settings, String... arguments) {
        List<String> given = List.of(arguments);
        String name = given.getFirst() + "-" + NUMBERS.incrementAndGet();
        try {
            Path logs = Files.createDirectories(settings.workingDirectory().resolve("processes"));
            Path output = logs.resolve(name + ".out");
            Path errors = logs.resolve(name + ".err");
            List<String> command = new ArrayList<>(settings.wrapper());
            command.addAll(javaCommand());
            command.addAll(given);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(settings.workingDirectory().toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile());
            builder.environment().putAll(settings.environment());
            return new ReinstateProcess(given, builder.start(), output, errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> javaCommand() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                productionClassPath(),
                "dev.reinstate.cli.Main");
    }

    private static String productionClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    Outcome await(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + patience + ": " + outcome(-1));
            }
            return outcome(process.exitValue());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Outcome await() {
        return await(PATIENCE);
    }

    /** What it has said so far. */
    Outcome soFar() {
        return outcome(process.isAlive() ? -1 : process.exitValue());
    }

    private Outcome outcome(int exitCode) {
        return new Outcome(arguments, exitCode, read(output), read(errors));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kill -9}. */
    Outcome kill() {
        process.destroyForcibly();
        return await();
    }

    /** {@code SIGTERM}. */
    Outcome terminate() {
        process.destroy();
        return await();
    }

    /** Control-C. */
    Outcome interrupt() {
        signal("INT");
        return await();
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
