package dev.reinstate.demo.server;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process as it is known to a later demo: pids are used again, so the moment it started belongs to its name.
 *
 * @param startedMillis since the epoch; 0 when the system does not tell
 */
public record RecordedProcess(long pid, long startedMillis) {
    public static RecordedProcess of(ProcessHandle process) {
        return new RecordedProcess(process.pid(), startedMillis(process));
    }

    private static long startedMillis(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElse(0L);
    }

    /** The process, if it is still that one. */
    public Optional<ProcessHandle> alive() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> startedMillis(process) == startedMillis);
    }

    /**
     * Ends it, if it is still there: first with the signal, then, when patience is at an end, by killing it.
     *
     * @param signal for example {@code INT}, which is PostgreSQL's fast shutdown
     */
    public void end(String signal, Duration patience) {
        alive().ifPresent(process -> {
            send(signal);
            if (!awaitEnd(process, patience)) {
                process.destroyForcibly();
                awaitEnd(process, Duration.ofSeconds(10));
            }
        });
    }

    private void send(String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            alive().ifPresent(ProcessHandle::destroy);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean awaitEnd(ProcessHandle process, Duration patience) {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        } catch (ExecutionException | TimeoutException e) {
            return !process.isAlive();
        }
    }
}
