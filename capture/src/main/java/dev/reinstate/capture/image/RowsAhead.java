package dev.reinstate.capture.image;

import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.copy.CopyOut;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A table's rows, received and decoded on a thread of their own, some megabytes ahead of whoever takes them. After a row
 * larger than that, nothing is read before it is done with: rows of 64 MB are in memory one at a time. Used by one thread.
 */
final class RowsAhead implements AutoCloseable {
    private static final int AHEAD_BYTES = 4 << 20;
    private static final int BATCH_BYTES = 128 << 10;
    private static final int ROW_OVERHEAD_BYTES = 100;

    private static final Batch NONE = new Batch(List.of(), 0, null);

    private final Rows source;
    private final BlockingQueue<Batch> batches = new LinkedBlockingQueue<>(); // bounded by the room
    private final Semaphore room = new Semaphore(AHEAD_BYTES);
    private final CompletableFuture<@Nullable Object> reading = new CompletableFuture<>();
    private volatile boolean stopped;
    private boolean ended; // only the thread's
    private Batch current = NONE;
    private int taken;

    private RowsAhead(Rows source) {
        this.source = source;
    }

    /** Where rows come from: a {@link CopyOut}. Used by one thread at a time. */
    interface Rows {
        /** Null at the end. */
        @Nullable
        Tuple next();

        void close();
    }

    /** Begins to read; the copy is closed with this. */
    static RowsAhead of(CopyOut copy) {
        return of(new Rows() {
            @Override
            public @Nullable Tuple next() {
                return copy.next();
            }

            @Override
            public void close() {
                copy.close();
            }
        });
    }

    static RowsAhead of(Rows source) {
        RowsAhead rows = new RowsAhead(source);
        Thread.ofPlatform().name("reading rows").daemon().start(rows::readAll);
        return rows;
    }

    /** Some rows; the last batch has none, and the failure if there was one. */
    private record Batch(
            List<Tuple> rows, int weight, @Nullable Throwable failure) {}

    /** The next row; null at the end. */
    @Nullable
    Tuple next() {
        if (taken == current.rows.size()) {
            int done = current.weight;
            current = NONE;
            room.release(done);
            current = take();
            taken = 0;
            if (current.rows.isEmpty()) {
                batches.add(current); // the end stays the end
                return end(current.failure);
            }
        }
        return current.rows.get(taken++);
    }

    private static @Nullable Tuple end(@Nullable Throwable failure) {
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return null;
    }

    private Batch take() {
        try {
            return batches.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading rows", e);
        }
    }

    private void readAll() {
        Throwable failure = null;
        try {
            while (!ended && !stopped) {
                int weight = handOn();
                if (weight == AHEAD_BYTES) {
                    room.acquireUninterruptibly(weight);
                    room.release(weight);
                }
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        batches.add(new Batch(List.of(), 0, failure));
        reading.complete(null);
    }

    /** Reads some rows and hands them on as soon as there is room for so much. */
    private int handOn() {
        List<Tuple> rows = new ArrayList<>();
        long bytes = 0;
        while (bytes < BATCH_BYTES) {
            Tuple row = source.next();
            if (row == null) {
                ended = true;
                break;
            }
            rows.add(row);
            bytes += row.encoded().length + ROW_OVERHEAD_BYTES;
        }
        int weight = (int) Math.min(bytes, AHEAD_BYTES);
        if (!rows.isEmpty()) {
            room.acquireUninterruptibly(weight);
            batches.add(new Batch(rows, weight, null));
        }
        return weight;
    }

    /** Cancels what was not read. */
    @Override
    public void close() {
        stopped = true;
        room.release(Integer.MAX_VALUE - 2 * AHEAD_BYTES);
        reading.join();
        source.close();
    }
}
