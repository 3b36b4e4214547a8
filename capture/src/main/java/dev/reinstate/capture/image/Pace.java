package dev.reinstate.capture.image;

import dev.reinstate.capture.CaptureListener;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * How gently an image is read: not more bytes a second than asked for, on average since it began, and a word every ten
 * minutes, since the server cannot clean up behind a snapshot that is kept.
 */
final class Pace {
    static final Duration TOLD_EVERY = Duration.ofMinutes(10);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long LONGEST_SLEEP_NANOS = Duration.ofMillis(100).toNanos();

    private final long bytesPerSecond;
    private final CaptureListener listener;
    private final LongSupplier nanoTime;
    private final LongConsumer sleep;
    private final long began;
    private long told;

    /** @param bytesPerSecond as PostgreSQL's text, more than 0; {@link Long#MAX_VALUE} for no limit */
    Pace(long bytesPerSecond, CaptureListener listener) {
        this(bytesPerSecond, listener, System::nanoTime, LockSupport::parkNanos);
    }

    Pace(long bytesPerSecond, CaptureListener listener, LongSupplier nanoTime, LongConsumer sleep) {
        if (bytesPerSecond <= 0) {
            throw new IllegalArgumentException("a rate of " + bytesPerSecond + " bytes a second");
        }
        this.bytesPerSecond = bytesPerSecond;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.sleep = sleep;
        this.began = nanoTime.getAsLong();
        this.told = began;
    }

    /** Waits until so many bytes may have been read since it began, or it is asked to stop. */
    void keep(long bytes, BooleanSupplier stop) {
        long due = (long) Math.ceil(bytes * NANOS_PER_SECOND / bytesPerSecond);
        tell();
        long early = due - (nanoTime.getAsLong() - began);
        while (early > 0 && !stop.getAsBoolean()) {
            sleep.accept(Math.min(early, LONGEST_SLEEP_NANOS));
            tell();
            early = due - (nanoTime.getAsLong() - began);
        }
    }

    private void tell() {
        long now = nanoTime.getAsLong();
        if (now - told >= TOLD_EVERY.toNanos()) {
            told = now;
            listener.snapshotKept(Duration.ofNanos(now - began));
        }
    }
}
