package dev.reinstate.archive.sort;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A thread that sorts and writes one arena while another is filled. What it does of one arena is done before it begins
 * with the next, and before {@link #await} returns. Used by one thread.
 */
final class Spilling {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("sorter").daemon().factory());
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
    private @Nullable Arena busy;

    /**
     * Begins to write an arena, once the one before is written.
     *
     * @return that one, empty again, to be filled meanwhile; empty the first time
     */
    Optional<Arena> begin(Runnable write, Arena full) {
        await();
        Optional<Arena> free = Optional.ofNullable(busy);
        busy = full;
        running = CompletableFuture.runAsync(write, thread);
        return free;
    }

    /** Waits for what was begun, and tells how it failed. */
    void await() {
        try {
            running.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /** Waits for what was begun, however it ends: nobody needs it any more. */
    void abandon() {
        running.exceptionally(failure -> null).join();
        running = CompletableFuture.completedFuture(null);
        if (busy != null) {
            busy.clear();
        }
    }

    /** Lets go of the memory. */
    void release() {
        busy = null;
    }

    void close() {
        thread.shutdown();
    }
}
