package dev.reinstate.objectstore;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast something may go. What is taken is paid back by waiting: after a pause as much as a second's worth goes at
 * once, then the rate holds. Safe for several threads, which share it.
 */
public final class RateLimit {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perNano;
    private final LongSupplier nanoTime;
    private final Sleep sleep;
    private double paidUntilNanos;

    /** Waits; the length is in nanoseconds. */
    @FunctionalInterface
    public interface Sleep {
        void nanos(long length) throws InterruptedException;
    }

    private RateLimit(double perSecond, LongSupplier nanoTime, Sleep sleep) {
        this.perNano = perSecond / NANOS_PER_SECOND;
        this.nanoTime = nanoTime;
        this.sleep = sleep;
        this.paidUntilNanos = nanoTime.getAsLong() - NANOS_PER_SECOND;
    }

    /** None. */
    public static RateLimit none() {
        return perSecond(Double.POSITIVE_INFINITY);
    }

    /** So many (requests, bytes, …) a second, more than 0. */
    public static RateLimit perSecond(double rate) {
        return perSecond(rate, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
    }

    static RateLimit perSecond(double rate, LongSupplier nanoTime, Sleep sleep) {
        if (!(rate > 0)) {
            throw ObjectStoreException.invalid("A rate of " + rate + " a second", "it must be more than 0");
        }
        return new RateLimit(rate, nanoTime, sleep);
    }

    /** Waits until so many may go; {@code UNAVAILABLE} when interrupted meanwhile. */
    void take(long amount) {
        long wait = reserve(amount);
        if (wait <= 0) {
            return;
        }
        try {
            sleep.nanos(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ObjectStoreException(
                    ObjectStoreException.Kind.UNAVAILABLE,
                    "Waiting for the rate limit",
                    "it was interrupted",
                    "try again",
                    e);
        }
    }

    /** Takes a place in the line; how long it is. */
    private synchronized long reserve(long amount) {
        double now = nanoTime.getAsLong();
        paidUntilNanos = Math.max(paidUntilNanos, now - NANOS_PER_SECOND) + amount / perNano;
        return (long) Math.ceil(paidUntilNanos - now);
    }
}
