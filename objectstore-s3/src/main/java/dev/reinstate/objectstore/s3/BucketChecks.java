package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectStoreException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ObjectLockConfiguration;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;

/**
 * What the bucket really does, tried out once before it is relied on. What is found out stays so while the store is
 * open; a failure on the way is thrown and finds out nothing.
 */
final class BucketChecks {
    /** Of the object the condition is tried with. Begins with a dot: no key of the store does. */
    static final String PROBE = ".probe";

    private static final byte[] NOTHING = {};

    private final Bucket bucket;
    private final boolean lockWanted;
    private @Nullable Boolean putIfAbsent;
    private @Nullable Boolean completeIfAbsent;
    private @Nullable Boolean versioned;
    private boolean locksChecked;

    BucketChecks(Bucket bucket, boolean lockWanted) {
        this.bucket = bucket;
        this.lockWanted = lockWanted;
    }

    /** Whether a taken key is refused. Writes an empty object that is no key of the store, and leaves it there. */
    synchronized boolean putsIfAbsent() {
        if (putIfAbsent == null) {
            // whether the first finds the key free or not: the second finds it taken
            putProbe();
            putIfAbsent = !putProbe();
        }
        return putIfAbsent;
    }

    private boolean putProbe() {
        return bucket.retries().call("Trying out " + bucket.location(), () -> {
            try {
                bucket.client()
                        .putObject(
                                put -> put.bucket(bucket.name())
                                        .key(bucket.full(PROBE))
                                        .ifNoneMatch("*")
                                        .contentMD5(Bodies.md5(NOTHING, 0)),
                                Bodies.of(NOTHING, 0));
                return true;
            } catch (SdkException e) {
                if (S3Failure.isTaken(e)) {
                    return false;
                }
                if (S3Failure.isUnknownToServer(e)) {
                    return true; // it does not know the condition
                }
                throw e;
            }
        });
    }

    /** Everything that must hold before something is written; {@code UNSUPPORTED} if it does not. */
    synchronized void requireWritable(String key) {
        if (!putsIfAbsent()) {
            throw ObjectStoreException.unsupported(
                    "Writing " + key,
                    bucket.location() + " does not keep the condition If-None-Match: it overwrites what is there, and"
                            + " nothing would keep two writers apart");
        }
        requireLocks();
    }

    /** Whether a taken key is refused for an object in parts, too: there the condition stands in another request. */
    synchronized boolean completesIfAbsent() {
        if (completeIfAbsent == null) {
            completeIfAbsent = !completeProbe();
        }
        return completeIfAbsent;
    }

    private boolean completeProbe() {
        return bucket.retries().call("Trying out " + bucket.location(), () -> {
            String full = bucket.full(PROBE);
            String upload = bucket.client()
                    .createMultipartUpload(
                            create -> create.bucket(bucket.name()).key(full))
                    .uploadId();
            try {
                String tag = bucket.client()
                        .uploadPart(
                                part -> part.bucket(bucket.name())
                                        .key(full)
                                        .uploadId(upload)
                                        .partNumber(1)
                                        .contentMD5(Bodies.md5(NOTHING, 0)),
                                Bodies.of(NOTHING, 0))
                        .eTag();
                CompletedPart part =
                        CompletedPart.builder().partNumber(1).eTag(tag).build();
                bucket.client()
                        .completeMultipartUpload(complete -> complete.bucket(bucket.name())
                                .key(full)
                                .uploadId(upload)
                                .ifNoneMatch("*")
                                .multipartUpload(parts -> parts.parts(part)));
                return true;
            } catch (SdkException e) {
                bucket.abandon(PROBE, upload);
                if (S3Failure.isTaken(e)) {
                    return false;
                }
                if (S3Failure.isUnknownToServer(e)) {
                    return true;
                }
                throw e;
            }
        });
    }

    /**
     * A bucket that is to lock must be able to, and none may lock by itself: what must stay mutable would be locked,
     * too.
     */
    private void requireLocks() {
        if (locksChecked) {
            return;
        }
        Optional<ObjectLockConfiguration> configuration = lockConfiguration();
        boolean enabled = configuration
                .filter(found -> found.objectLockEnabled() == ObjectLockEnabled.ENABLED)
                .isPresent();
        if (lockWanted && !enabled) {
            throw ObjectStoreException.unsupported(
                    "Locking objects in " + bucket.location(),
                    "Object Lock is not enabled for the bucket (it is when the bucket is made)");
        }
        if (configuration.filter(found -> found.rule() != null).isPresent()) {
            throw ObjectStoreException.unsupported(
                    "Writing to " + bucket.location(),
                    "the bucket locks every new object by a default retention, also those that must stay mutable"
                            + " (remove the default; which objects are locked is decided here)");
        }
        locksChecked = true;
    }

    private Optional<ObjectLockConfiguration> lockConfiguration() {
        return bucket.retries().call("Looking at the locks of " + bucket.location(), () -> {
            try {
                return Optional.of(bucket.client()
                        .getObjectLockConfiguration(get -> get.bucket(bucket.name()))
                        .objectLockConfiguration());
            } catch (SdkException e) {
                boolean none = S3Failure.isAbsent(e) || S3Failure.isUnknownToServer(e);
                // who locks nothing need not be allowed to look
                if (none || (!lockWanted && S3Failure.status(e) == 403)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /** Whether the bucket keeps earlier versions of what is replaced or deleted. */
    synchronized boolean isVersioned() {
        if (versioned == null) {
            versioned = bucket.retries().call("Looking at the versions of " + bucket.location(), () -> {
                try {
                    BucketVersioningStatus status = bucket.client()
                            .getBucketVersioning(get -> get.bucket(bucket.name()))
                            .status();
                    return status != null; // suspended: earlier versions are there
                } catch (SdkException e) {
                    if (S3Failure.isUnknownToServer(e)) {
                        return false;
                    }
                    throw e;
                }
            });
        }
        return versioned;
    }
}
