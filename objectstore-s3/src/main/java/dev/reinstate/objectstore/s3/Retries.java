package dev.reinstate.objectstore.s3;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Tries again what may work later, after pauses that grow and are random (so that many clients do not come back at
 * once). The SDK's own retries are off: only here is known whether an attempt may have come through unheard.
 */
public final class Retries {
    /**
     * How often and after how long. The n-th pause is random between nothing and {@code first} × 2ⁿ⁻¹, at most {@code
     * longest}; where the server says that it is asked too much (429, 503), the bound is five times that.
     *
     * @param attempts at least 1, the first included
     */
    public record Policy(int attempts, Duration first, Duration longest, Pause pause) {
        /** Up to 8 attempts, for about half a minute when the server is overloaded. */
        public static final Policy DEFAULT =
                new Policy(8, Duration.ofMillis(100), Duration.ofSeconds(20), Policy::randomPart);

        public Policy {
            if (attempts < 1) {
                throw new IllegalArgumentException(attempts + " attempts");
            }
        }

        private static void randomPart(Duration bound) throws InterruptedException {
            Thread.sleep(Duration.ofNanos(ThreadLocalRandom.current().nextLong(bound.toNanos() + 1)));
        }
    }

    /** Waits for a random time up to a bound. */
    @FunctionalInterface
    public interface Pause {
        void upTo(Duration bound) throws InterruptedException;
    }

    private static final int OVERLOADED_FACTOR = 5;
    private static final int LARGEST_SHIFT = 20;

    private final Policy policy;

    Retries(Policy policy) {
        this.policy = policy;
    }

    /**
     * What the request yields, tried again as long as it makes sense.
     *
     * @param what the beginning of the message if it fails, such as "Reading x"
     */
    <T> T call(String what, Supplier<T> request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return request.get();
            } catch (SdkException e) {
                if (attempt == policy.attempts() || !S3Failure.mayWorkLater(e)) {
                    throw S3Failure.of(what, e, attempt);
                }
                pause(what, e, attempt);
            }
        }
    }

    void run(String what, Runnable request) {
        call(what, () -> {
            request.run();
            return true;
        });
    }

    private void pause(String what, SdkException failure, int attempt) {
        int factor = S3Failure.isOverload(failure) ? OVERLOADED_FACTOR : 1;
        Duration bound = policy.first().multipliedBy((long) factor << Math.min(attempt - 1, LARGEST_SHIFT));
        try {
            policy.pause().upTo(bound.compareTo(policy.longest()) < 0 ? bound : policy.longest());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw S3Failure.of(what, failure, attempt);
        }
    }
}
