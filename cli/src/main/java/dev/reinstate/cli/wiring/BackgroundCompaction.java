package dev.reinstate.cli.wiring;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Merges segments, makes images and removes what was replaced a day ago, beside capture. What fails is said and
 * tried again; damage is said and ends it, without disturbing capture.
 */
public final class BackgroundCompaction implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    /** Longer than any reader runs. */
    private static final Duration GRACE = Duration.ofHours(24);

    private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    private final StoredArchive stored;
    private final Consumer<String> warnings;
    private final Thread thread;

    /** Does nothing before {@link #start}. */
    public BackgroundCompaction(StoredArchive stored, Consumer<String> warnings) {
        this.stored = stored;
        this.warnings = warnings;
        this.thread = new Thread(this::run, "compaction");
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                workUntilItFails();
                TimeUnit.MILLISECONDS.sleep(AFTER_FAILURE.toMillis());
            }
        } catch (InterruptedException e) {
            // asked to stop
        } catch (ReinstateException e) {
            warnings.accept("segments are not merged any more, until the next start: " + e.getMessage());
        }
    }

    private void workUntilItFails() throws InterruptedException {
        try (ArchiveMaintenance maintenance = stored.maintenance()) {
            while (true) {
                boolean isDone = maintenance.compactOnce().isEmpty()
                        && maintenance.makeImage(false).isEmpty();
                if (isDone) {
                    maintenance.removeReplaced(GRACE);
                    TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN.toMillis());
                }
            }
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.UNAVAILABLE) {
                throw e;
            }
            if (!Thread.currentThread().isInterrupted()) {
                warnings.accept("merging segments failed and is tried again: " + e.getMessage());
            }
        }
    }

    /** Stops it, in the middle of a merge if need be. */
    @Override
    public void close() {
        thread.interrupt();
        if (thread.isAlive() && !hasEndedWithin(STOP_PATIENCE)) {
            warnings.accept("merging segments does not stop; it ends with the process");
        }
    }

    private boolean hasEndedWithin(Duration patience) {
        try {
            return thread.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
