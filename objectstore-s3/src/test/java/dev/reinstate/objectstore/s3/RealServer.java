package dev.reinstate.objectstore.s3;

import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/** The server named by the environment, as {@code .ci/radosgw} sets it, and new buckets there. */
final class RealServer {
    private static final String ENDPOINT = "REINSTATE_S3_ENDPOINT";

    private RealServer() {}

    /** A new bucket, with Object Lock (and so with versions) or without. */
    static S3Location newBucket(boolean locking) {
        String endpoint = Optional.ofNullable(System.getenv(ENDPOINT))
                .orElseThrow(() -> new IllegalStateException(ENDPOINT + " names no server; see CONTRIBUTING.md"));
        S3Location location = new S3Location(
                "reinstate-" + UUID.randomUUID(),
                "some/prefix",
                Optional.of(URI.create(endpoint)),
                Optional.empty(),
                true);
        try (Bucket bucket = Bucket.open(location, S3Settings.defaults())) {
            bucket.client()
                    .createBucket(create -> create.bucket(location.bucket()).objectLockEnabledForBucket(locking));
        }
        return location;
    }
}
