package dev.reinstate.archive;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads many things in their order, some of them ahead of the one that is asked for: a store's answers are waited for
 * together, and what is read is decrypted on another core than it is used on. Not thread-safe.
 */
final class ReadAhead<T> implements AutoCloseable {
    private static final int AHEAD = 4;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<Future<T>> begun = new ArrayDeque<>();
    private final Iterator<Supplier<T>> left;

    /** Begins at once. */
    <S> ReadAhead(Iterable<S> things, Function<S, T> read) {
        Iterator<S> all = things.iterator();
        this.left = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public Supplier<T> next() {
                S thing = all.next();
                return () -> read.apply(thing);
            }
        };
        while (begun.size() < AHEAD && left.hasNext()) {
            begin();
        }
    }

    private void begin() {
        Supplier<T> read = left.next();
        begun.add(threads.submit(read::get));
    }

    /** The next of them, which must be there; throws what reading it threw. */
    T next() {
        Future<T> next = begun.remove();
        if (left.hasNext()) {
            begin();
        }
        try {
            return next.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while reading", e);
        }
    }

    /** Does not wait for what was begun and is not needed. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
