package dev.reinstate.bench.product;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;

/** Looks at an archive again and again and remembers when it was durable up to where. */
public final class DurabilityWatch implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 10;

    private final ArchiveReader reader;
    private final Thread thread;
    private final List<Seen> seen = new ArrayList<>(); // guarded by itself
    private volatile boolean stopped;

    /** From {@code nanos} on at the latest, history up to {@code durableTo} was durable. */
    private record Seen(Lsn durableTo, long nanos) {}

    public DurabilityWatch(Installation installation) throws IOException {
        this.reader = installation.reader();
        this.thread = Thread.ofPlatform().daemon().name("durability watch").start(this::watch);
    }

    private void watch() {
        try {
            while (!stopped) {
                reader.refresh();
                remember(new Seen(reader.state().durableTo(), System.nanoTime()));
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            stopped = true;
        }
    }

    private void remember(Seen now) {
        synchronized (seen) {
            if (seen.isEmpty() || now.durableTo().isAfter(seen.getLast().durableTo())) {
                seen.add(now);
            }
        }
    }

    /** When that position was first seen durable, by {@link System#nanoTime}. */
    public long durableNanos(Lsn position) {
        synchronized (seen) {
            return seen.stream()
                    .filter(moment -> !moment.durableTo().isBefore(position))
                    .findFirst()
                    .orElseThrow(() -> new NoSuchElementException(position + " was not seen durable"))
                    .nanos();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        thread.join();
    }
}
