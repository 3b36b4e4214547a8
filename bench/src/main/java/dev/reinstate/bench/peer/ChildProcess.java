package dev.reinstate.bench.peer;

import dev.reinstate.bench.server.Remains;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process that is measured: its output goes to a file, its largest resident set is remembered. */
public final class ChildProcess implements AutoCloseable {
    private static final Duration SAMPLE_EVERY = Duration.ofMillis(20);

    private final String name;
    private final Process process;
    private final Path output;
    private final Thread sampler;
    private final Remains.Held held;
    private volatile long peakResidentBytes;
    private volatile long cpuMillis;

    private ChildProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.held = Remains.hold(this::end);
        this.sampler = Thread.ofPlatform().daemon().name("sampler of " + name).start(this::sample);
    }

    /** Starts a command; what it prints goes to {@code <name>.log} in the folder. */
    public static ChildProcess start(String name, List<String> command, Path folder) throws IOException {
        Path output = folder.resolve(name + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Optional.ofNullable(System.getenv("PGPASSWORD"))
                .ifPresent(password -> builder.environment().put("REINSTATE_PASSWORD", password));
        Process process = builder.start();
        return new ChildProcess(name, process, output);
    }

    private void sample() {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        while (process.isAlive()) {
            peakResidentBytes = Math.max(peakResidentBytes, highWaterMark(status));
            process.info().totalCpuDuration().ifPresent(cpu -> cpuMillis = cpu.toMillis());
            try {
                TimeUnit.MILLISECONDS.sleep(SAMPLE_EVERY.toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static long highWaterMark(Path status) {
        try {
            return Files.readString(status)
                            .lines()
                            .filter(line -> line.startsWith("VmHWM:"))
                            .map(line -> line.replaceAll("\\D", ""))
                            .mapToLong(Long::parseLong)
                            .findFirst()
                            .orElse(0)
                    << 10;
        } catch (IOException e) {
            return 0; // gone between two looks, or no such file on this system
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for a good end; anything else is told with what the process printed. */
    public ChildProcess awaitSuccess(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
            throw new IllegalStateException(name + " did not end within " + atMost + ":\n" + printed());
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException(name + " ended with " + process.exitValue() + ":\n" + printed());
        }
        return this;
    }

    public String printed() {
        try {
            return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what " + name + " printed", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** The largest resident set seen; 0 where the system does not tell. */
    public long peakResidentBytes() {
        return peakResidentBytes;
    }

    /** CPU time used; of one that has ended, as far as last seen. */
    public long cpuMillis() {
        process.info().totalCpuDuration().ifPresent(cpu -> cpuMillis = cpu.toMillis());
        return cpuMillis;
    }

    /** Ends it, politely first. */
    @Override
    public void close() throws InterruptedException {
        end();
        held.close();
    }

    private void end() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        sampler.interrupt();
    }
}
