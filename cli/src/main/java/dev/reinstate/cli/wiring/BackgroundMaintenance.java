package dev.reinstate.cli.wiring;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.RetentionPolicy;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Merges segments, makes images, lets go of what is before the window and removes what nothing needs any more, beside
 * capture, in a thread of its own. It opens the archive itself, so that an archive that is away keeps nobody waiting; what
 * fails is said and tried again, and capture never hears of it. Killed anywhere, it goes on with the next start.
 */
public final class BackgroundMaintenance implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
    private static final Duration TIDY_AGAIN = Duration.ofMinutes(1);
    /** It lists the whole archive. */
    private static final Duration LOOK_FOR_LEFTOVERS_AGAIN = Duration.ofHours(12);

    private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

    /** What is damaged or refused does not mend itself soon. */
    private static final Duration AFTER_REFUSAL = Duration.ofHours(1);

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    private final Supplier<ArchiveMaintenance> archive;
    private final Optional<RetentionPolicy> policy;
    private final Duration grace;
    private final MaintenanceListener listener;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("maintenance").daemon().factory());

    /**
     * Does nothing before {@link #start}.
     *
     * @param archive opens the archive, no faster than maintenance may be
     * @param policy empty: everything is kept
     * @param grace how long objects stay that nothing needs any more
     */
    public BackgroundMaintenance(
            Supplier<ArchiveMaintenance> archive,
            Optional<RetentionPolicy> policy,
            Duration grace,
            MaintenanceListener listener) {
        this.archive = archive;
        this.policy = policy;
        this.grace = grace;
        this.listener = listener;
    }

    public void start() {
        thread.execute(this::run);
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(workUntilItFails().toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // asked to stop
        }
    }

    /** Returns how long to wait then. */
    private Duration workUntilItFails() throws InterruptedException {
        try (ArchiveMaintenance maintenance = archive.get()) {
            Instant opened = Instant.now();
            Instant tidied = Instant.MIN;
            Instant searched = Instant.MIN;
            int left = 0;
            while (left == 0 || Duration.between(opened, Instant.now()).compareTo(AFTER_REFUSAL) < 0) {
                if (Duration.between(tidied, Instant.now()).compareTo(TIDY_AGAIN) >= 0) {
                    tidy(maintenance);
                    tidied = Instant.now();
                }
                if (Duration.between(searched, Instant.now()).compareTo(LOOK_FOR_LEFTOVERS_AGAIN) >= 0) {
                    maintenance.noteLeftovers();
                    searched = Instant.now();
                }
                boolean isDone = maintenance.compactOnce().isEmpty()
                        && maintenance.makeImage(false).isEmpty();
                List<ReinstateException> damage = maintenance.leftDamaged();
                damage.subList(left, damage.size()).forEach(listener::failed);
                left = damage.size();
                if (isDone) {
                    TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN.toMillis());
                }
            }
            return Duration.ZERO; // what is damaged is tried again: it may have been put back
        } catch (ReinstateException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            listener.failed(e);
            return e.kind() == FailureKind.UNAVAILABLE ? AFTER_FAILURE : AFTER_REFUSAL;
        }
    }

    private void tidy(ArchiveMaintenance maintenance) {
        policy.ifPresent(kept -> {
            Optional<ArchiveMaintenance.LetGo> gone = maintenance.letGo(kept);
            while (gone.isPresent()) {
                listener.letGo(gone.get());
                gone = maintenance.letGo(kept);
            }
            maintenance.shortenChain(kept);
        });
        maintenance.removeReplaced(grace).ifPresent(listener::removed);
        listener.looked(maintenance.retention());
    }

    /** Stops it, in the middle of a merge if need be. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                listener.failed(ReinstateException.unavailable(
                        "Maintenance of the archive does not stop",
                        "a call of the object store takes long",
                        "it ends with the process, and goes on with the next start",
                        null));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
