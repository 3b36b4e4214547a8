package dev.reinstate.cli.wiring;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGTERM and Ctrl-C into a request to stop, and lets the process end only once the work has: the JVM would
 * otherwise end as soon as its hooks have run, and with the signal's exit code whatever the work achieved.
 */
public final class GracefulStop implements AutoCloseable {
    private final Thread hook;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile int exitCode = 1;
    private volatile boolean requested;

    private GracefulStop(Runnable stop, Duration patience) {
        this.hook = new Thread(
                () -> {
                    requested = true;
                    stop.run();
                    if (isDoneWithin(patience)) {
                        Runtime.getRuntime().halt(exitCode);
                    }
                },
                "stop-on-signal");
    }

    /** @param patience how long the work may take to end; then the process ends as if killed */
    public static GracefulStop onSignal(Runnable stop, Duration patience) {
        GracefulStop graceful = new GracefulStop(stop, patience);
        Runtime.getRuntime().addShutdownHook(graceful.hook);
        return graceful;
    }

    private boolean isDoneWithin(Duration patience) {
        try {
            return done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Whether a signal has asked for the end. */
    public boolean isRequested() {
        return requested;
    }

    /** The work has ended; the process may, with this exit code. */
    public void finished(int code) {
        exitCode = code;
        done.countDown();
    }

    /** Signals end the process at once again, unless one is being handled. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending, by a signal: the hook has the last word
        }
    }
}
