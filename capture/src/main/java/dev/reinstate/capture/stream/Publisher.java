package dev.reinstate.capture.stream;

import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.PendingOwners;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Makes segments durable on a thread of its own, one at a time: archive, then owner index, then confirmation. An archive
 * that does not answer is tried again, for as long as the log may be kept back.
 */
final class Publisher implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final ArchiveWriter archive;
    private final PendingOwners owners;
    private final String fingerprint;
    private final Consumer<Lsn> confirm;
    private final CaptureListener listener;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("publisher").daemon().factory());
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    private volatile boolean closed;

    Publisher(
            ArchiveWriter archive,
            PendingOwners owners,
            String fingerprint,
            Consumer<Lsn> confirm,
            CaptureListener listener) {
        this.archive = archive;
        this.owners = owners;
        this.fingerprint = fingerprint;
        this.confirm = confirm;
        this.listener = listener;
    }

    /** Whether everything handed over is durable; a failure to make it so is thrown. */
    boolean isIdle() {
        if (last.isCompletedExceptionally()) {
            last.join();
        }
        return last.isDone();
    }

    /** Hands a filled segment over. Only while idle. */
    void publish(Segment segment) {
        submit(() -> {
            try (segment) {
                long changes = segment.writer().changes();
                retry(() -> segment.writer().publish(segment.endLsn()));
                owners.commit(
                        segment.owners(),
                        segment.spilledOwners(),
                        new OwnerIndex.Reflected(segment.endLsn(), fingerprint));
                confirm.accept(segment.endLsn());
                listener.published(segment.endLsn(), changes, segment.newestCommitTime());
            }
        });
    }

    /** Records that nothing was committed up to there. Only while idle and with nothing pending. */
    void publishPosition(Lsn to, Instant now) {
        submit(() -> {
            retry(() -> archive.publishPosition(to, now));
            owners.commit(new OwnerIndex.Reflected(to, fingerprint));
            confirm.accept(to);
            listener.positionPublished(to);
        });
    }

    private void submit(Runnable work) {
        if (!last.isDone()) {
            throw new IllegalStateException("one publish at a time");
        }
        last = CompletableFuture.runAsync(work, thread);
    }

    private void retry(Runnable publish) {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                publish.run();
                return;
            } catch (ReinstateException e) {
                if (e.kind() != FailureKind.UNAVAILABLE || closed) {
                    throw e;
                }
                listener.retrying(e, attempt, pause);
                sleep(pause, e);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private static void sleep(Duration pause, ReinstateException failure) {
        try {
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }

    /** Gives up what is not durable yet. */
    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
                throw ReinstateException.unavailable(
                        "The archive did not finish a write within a minute",
                        "it neither succeeds nor fails",
                        "look at the storage; capture goes on where it was when started again",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
