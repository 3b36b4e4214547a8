package dev.reinstate.archive.format;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Threads that compress and encrypt blocks, as many as there are cores. Thread-safe; close it to free native memory. */
public final class PackingThreads implements AutoCloseable {
    private static final int MOST = 16;

    private final int level;
    private final ExecutorService threads;
    private final Queue<Compression> idle = new ConcurrentLinkedQueue<>();

    /** @param level of compression, 1 to 19 */
    public PackingThreads(int level) {
        this.level = level;
        this.threads = Executors.newFixedThreadPool(
                Math.min(MOST, Runtime.getRuntime().availableProcessors()),
                Thread.ofPlatform().name("packing-", 0).daemon().factory());
    }

    <T> CompletableFuture<T> begin(Function<Compression, T> work) {
        return CompletableFuture.supplyAsync(() -> withCompression(work), threads);
    }

    private <T> T withCompression(Function<Compression, T> work) {
        Compression found = idle.poll();
        Compression compression = found == null ? new Compression(level) : found;
        try {
            return work.apply(compression);
        } finally {
            idle.add(compression);
        }
    }

    /** Waits for what was begun. */
    @Override
    public void close() {
        threads.close();
        idle.forEach(Compression::close);
    }
}
