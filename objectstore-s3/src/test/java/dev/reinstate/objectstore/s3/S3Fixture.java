package dev.reinstate.objectstore.s3;

import java.time.Duration;

/** Settings as tests want them. */
public final class S3Fixture {
    static final int PART_BYTES = 64 << 10;

    private S3Fixture() {}

    /** Production's, but small parts and no pauses between attempts. */
    public static S3Settings settings() {
        S3Settings standard = S3Settings.defaults();
        return new S3Settings(
                standard.lock(),
                PART_BYTES,
                new Retries.Policy(8, Duration.ofMillis(100), Duration.ofSeconds(20), bound -> {}),
                standard.connectTimeout(),
                standard.readTimeout(),
                standard.clock());
    }
}
