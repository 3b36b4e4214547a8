package dev.reinstate.archive.format;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Hands an object's blocks on in the order they come: packed at once, or on several threads, of which the object is then
 * some blocks ahead. Not thread-safe.
 */
final class BlockQueue {
    /** The same everywhere, so that where an object ends does not depend on the machine. */
    private static final int AHEAD = 16;

    private final Packing packing;
    private final CommitTable commits;
    private final Consumer<BlockJob.Stored> target;
    private final Deque<Begun> begun = new ArrayDeque<>();
    private final Deque<BlockBuilder> free = new ArrayDeque<>();

    BlockQueue(Packing packing, CommitTable commits, Consumer<BlockJob.Stored> target) {
        this.packing = packing;
        this.commits = commits;
        this.target = target;
    }

    private record Begun(BlockBuilder block, CompletableFuture<BlockJob.Stored> result) {}

    /** An empty builder. */
    BlockBuilder builder() {
        BlockBuilder found = free.poll();
        return found == null ? new BlockBuilder(commits) : found;
    }

    /** Takes a block. Its builder is lent out again later, as soon as it is empty. */
    void add(BlockJob job) {
        PackingThreads threads = packing.threads();
        if (threads == null || job.block().borrows()) {
            awaitAllBut(0);
            target.accept(job.pack(packing.compression()));
            free.add(job.block());
        } else {
            begun.add(new Begun(job.block(), threads.begin(job::packToKeep)));
            awaitAllBut(AHEAD);
        }
    }

    /** Hands on what is not yet. */
    void finish() {
        awaitAllBut(0);
    }

    private void awaitAllBut(int count) {
        while (begun.size() > count) {
            Begun first = begun.remove();
            try {
                target.accept(first.result.join());
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException failure ? failure : e;
            }
            free.add(first.block);
        }
    }
}
