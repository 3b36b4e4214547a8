package dev.reinstate.cli.wiring;

import dev.reinstate.demo.ReinstateCommand;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** This very program, run as processes of their own: how the demo uses it. */
public final class SpawnedReinstate implements ReinstateCommand {
    private final String mainClass;

    public SpawnedReinstate(String mainClass) {
        this.mainClass = mainClass;
    }

    @Override
    public String name() {
        String home = System.getProperty("reinstate.home", ".");
        return Path.of(home).toAbsolutePath().normalize().equals(Path.of("").toAbsolutePath()) || home.equals(".")
                ? "./reinstate"
                : home + "/reinstate";
    }

    @Override
    public Completed run(List<String> arguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        Process process = builder(arguments, environment).redirectInput(empty()).start();
        try {
            CompletableFuture<String> errors =
                    CompletableFuture.supplyAsync(() -> all(process.getErrorStream()), Thread::startVirtualThread);
            String output = all(process.getInputStream());
            return new Completed(process.waitFor(), output, errors.join());
        } finally {
            process.destroy();
        }
    }

    @Override
    public Running start(List<String> arguments, Map<String, String> environment, Path log) throws IOException {
        Process process = builder(arguments, environment)
                .redirectInput(empty())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new Started(process);
    }

    private ProcessBuilder builder(List<String> arguments, Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-Dreinstate.terminal."))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder;
    }

    private static ProcessBuilder.Redirect empty() {
        boolean windows = File.separatorChar == '\\';
        return ProcessBuilder.Redirect.from(new File(windows ? "NUL" : "/dev/null"));
    }

    private static String all(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A verb that goes on. */
    private record Started(Process started) implements Running {
        @Override
        public ProcessHandle process() {
            return started.toHandle();
        }

        @Override
        public void stop(Duration patience) {
            started.destroy();
            try {
                if (!started.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    kill();
                }
            } catch (InterruptedException e) {
                kill();
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void kill() {
            started.destroyForcibly();
            started.onExit().join();
        }
    }
}
