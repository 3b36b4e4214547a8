package dev.reinstate.archive;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/**
 * Reads many things in their order, some of them ahead of the one that is asked for: a store's answers are waited for
 * together, and what is read is decrypted on another core than it is used on. Not thread-safe.
 */
final class ReadAhead<S, T> implements AutoCloseable {
    private final Queue<FutureTask<T>> begun = new ArrayDeque<>();
    private final Iterator<S> left;
    private final Function<S, T> read;

    /**
     * Begins at once.
     *
     * @param ahead how many are in memory or on their way at most, besides the one that is asked for; if none, each is read
     *     where it is asked for, in the same thread
     */
    ReadAhead(int ahead, Iterable<S> things, Function<S, T> read) {
        this.left = things.iterator();
        this.read = read;
        while (begun.size() < ahead && left.hasNext()) {
            begin();
        }
    }

    private void begin() {
        S thing = left.next();
        FutureTask<T> task = new FutureTask<>(() -> read.apply(thing));
        begun.add(task);
        Thread.ofVirtual().start(task);
    }

    /** The next of them, which must be there; throws what reading it threw. */
    T next() {
        if (begun.isEmpty()) {
            return read.apply(left.next());
        }
        FutureTask<T> next = begun.remove();
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
        begun.forEach(task -> task.cancel(true));
    }
}
