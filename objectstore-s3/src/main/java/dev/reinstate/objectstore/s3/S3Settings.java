package dev.reinstate.objectstore.s3;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * How a store in S3 is spoken to.
 *
 * @param lock empty to lock nothing, whatever the bucket could
 * @param partBytes from which size on an object is uploaded in parts, and the size of the first thousand of them; Amazon
 *     wants 5 MB at least. About as much memory is needed for each object that is being written
 * @param connectTimeout how long a connection may take
 * @param readTimeout how long a server may be silent
 * @param clock for times until which objects are locked
 */
public record S3Settings(
        Optional<ObjectLock> lock,
        int partBytes,
        Retries.Policy retries,
        Duration connectTimeout,
        Duration readTimeout,
        Clock clock) {
    private static final int DEFAULT_PART_BYTES = 8 << 20;

    public S3Settings {
        if (partBytes < 1) {
            throw new IllegalArgumentException("parts of " + partBytes + " bytes");
        }
    }

    /** What production uses, locking nothing. */
    public static S3Settings defaults() {
        return new S3Settings(
                Optional.empty(),
                DEFAULT_PART_BYTES,
                Retries.Policy.DEFAULT,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Clock.systemUTC());
    }

    public S3Settings withLock(ObjectLock newLock) {
        return new S3Settings(Optional.of(newLock), partBytes, retries, connectTimeout, readTimeout, clock);
    }

    public S3Settings withClock(Clock newClock) {
        return new S3Settings(lock, partBytes, retries, connectTimeout, readTimeout, newClock);
    }

    public S3Settings withRetries(Retries.Policy policy) {
        return new S3Settings(lock, partBytes, policy, connectTimeout, readTimeout, clock);
    }
}
