package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectKey;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.ObjectWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects of one bucket, under one prefix. Put-if-absent is {@code If-None-Match: *}, and is tried out before the first
 * write: a server that ignores it is read from, and refused for writing.
 *
 * <p>The bucket must be consistent (as Amazon's are) and must have no default retention. Deleting and replacing remove
 * earlier versions, too.
 */
public final class S3ObjectStore implements ObjectStore {
    private static final int LARGEST_PAGE = 1000;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+)");

    private final Bucket bucket;
    private final S3Settings settings;
    private final BucketChecks checks;
    private final Versions versions;

    private S3ObjectStore(Bucket bucket, S3Settings settings) {
        this.bucket = bucket;
        this.settings = settings;
        this.checks = new BucketChecks(bucket, settings.lock().isPresent());
        this.versions = new Versions(bucket, settings.clock());
    }

    /** Opens it without a request; {@code UNAVAILABLE} if no region is to be found. */
    public static S3ObjectStore open(S3Location location, S3Settings settings) {
        return new S3ObjectStore(Bucket.open(location, settings), settings);
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                checks.putsIfAbsent(), true, true, settings.lock().isPresent());
    }

    /** An answer takes some 20 ms, and a bucket gives thousands a second. */
    @Override
    public int readAhead() {
        return 16;
    }

    @Override
    public ObjectWriter create(String key) {
        checks.requireWritable(ObjectKey.require(key));
        Optional<S3ObjectWriter.Lock> lock = settings.lock()
                .flatMap(wanted -> wanted.policy()
                        .lockFor(key)
                        .map(time -> new S3ObjectWriter.Lock(
                                ObjectLockMode.valueOf(wanted.mode().name()),
                                settings.clock().instant().plus(time))));
        return new S3ObjectWriter(bucket, checks, key, settings.partBytes(), lock);
    }

    @Override
    public byte[] get(String key) {
        ObjectKey.require(key);
        return bucket.retries().call("Reading " + key, () -> {
            try {
                return whole(bucket.client()
                        .getObject(
                                get -> get.bucket(bucket.name()).key(bucket.full(key)), ResponseTransformer.toBytes()));
            } catch (SdkException e) {
                throw S3Failure.isAbsent(e) ? ObjectStoreException.absent(key) : e;
            }
        });
    }

    /** The bytes, if as many came as were announced. */
    private static byte[] whole(ResponseBytes<GetObjectResponse> response) {
        byte[] bytes = response.asByteArrayUnsafe();
        Long announced = response.response().contentLength();
        if (announced != null && announced != bytes.length) {
            throw S3Failure.cutOff();
        }
        return bytes;
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        ObjectKey.require(key);
        if (offset < 0 || length < 0) {
            throw outside(key, offset, length, "there are none before the first");
        }
        if (length == 0) {
            long size = size(key).orElseThrow(() -> ObjectStoreException.absent(key));
            if (offset > size) {
                throw outside(key, offset, length, "it has " + size);
            }
            return new byte[0];
        }
        return bucket.retries().call("Reading " + key, () -> {
            try {
                ResponseBytes<GetObjectResponse> response = bucket.client()
                        .getObject(
                                get -> get.bucket(bucket.name())
                                        .key(bucket.full(key))
                                        .range("bytes=" + offset + "-" + (offset + length - 1)),
                                ResponseTransformer.toBytes());
                requireInside(key, offset, length, response.response());
                return whole(response);
            } catch (SdkException e) {
                if (S3Failure.isOutOfRange(e)) {
                    throw outside(key, offset, length, "it ends before");
                }
                throw S3Failure.isAbsent(e) ? ObjectStoreException.absent(key) : e;
            }
        });
    }

    /** A range that ends beyond the object is answered with what there is. */
    private static void requireInside(String key, long offset, int length, GetObjectResponse response) {
        String range = Optional.ofNullable(response.contentRange()).orElse("");
        Matcher matcher = CONTENT_RANGE.matcher(range);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) != offset) {
            throw S3Failure.cutOff();
        }
        long size = Long.parseLong(matcher.group(3));
        if (offset + length > size) {
            throw outside(key, offset, length, "it has " + size);
        }
        if (Long.parseLong(matcher.group(2)) != offset + length - 1) {
            throw S3Failure.cutOff();
        }
    }

    private static ObjectStoreException outside(String key, long offset, int length, String why) {
        return ObjectStoreException.invalid("Bytes " + offset + " to " + (offset + length) + " of " + key, why);
    }

    @Override
    public OptionalLong size(String key) {
        return head(key).map(found -> OptionalLong.of(found.contentLength())).orElse(OptionalLong.empty());
    }

    private Optional<HeadObjectResponse> head(String key) {
        ObjectKey.require(key);
        return bucket.retries().call("Looking at " + key, () -> {
            try {
                return Optional.of(bucket.client()
                        .headObject(head -> head.bucket(bucket.name()).key(bucket.full(key))));
            } catch (SdkException e) {
                if (S3Failure.isAbsent(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        List<ObjectSummary> found = new ArrayList<>();
        String after = startAfter.isEmpty() ? "" : bucket.full(startAfter);
        ListObjectsV2Response page;
        do {
            if (found.size() >= limit) {
                return found;
            }
            String from = after;
            int wanted = Math.min(LARGEST_PAGE, limit - found.size() + 1); // one more: the probe is no key of ours
            page = bucket.retries()
                    .call(
                            "Listing " + prefix,
                            () -> bucket.client()
                                    .listObjectsV2(list -> list.bucket(bucket.name())
                                            .prefix(bucket.full(prefix))
                                            .startAfter(from.isEmpty() ? null : from)
                                            .maxKeys(wanted)));
            for (S3Object object : page.contents()) {
                String key = bucket.own(object.key());
                after = object.key();
                if (ObjectKey.isKey(key) && found.size() < limit) {
                    found.add(new ObjectSummary(key, object.size()));
                }
            }
        } while (Boolean.TRUE.equals(page.isTruncated()));
        return found;
    }

    @Override
    public void delete(String key) {
        ObjectKey.require(key);
        if (checks.isVersioned()) {
            versions.deleteAll(key);
            return;
        }
        bucket.retries()
                .run(
                        "Deleting " + key,
                        () -> bucket.client()
                                .deleteObject(
                                        delete -> delete.bucket(bucket.name()).key(bucket.full(key))));
    }

    @Override
    public void replace(String key, byte[] content) {
        ObjectKey.require(key);
        boolean versioned = checks.isVersioned();
        lockedUntilNow(key).ifPresent(until -> {
            throw ObjectStoreException.locked(key, until);
        });
        String md5 = Bodies.md5(content, content.length);
        String version = bucket.retries()
                .call(
                        "Replacing " + key,
                        () -> Optional.ofNullable(bucket.client()
                                        .putObject(
                                                put -> put.bucket(bucket.name())
                                                        .key(bucket.full(key))
                                                        .contentMD5(md5),
                                                Bodies.of(content, content.length))
                                        .versionId())
                                .orElse(""));
        if (versioned) {
            versions.deleteBefore(key, version);
        }
    }

    @Override
    public Optional<Instant> lockedUntil(String key) {
        if (settings.lock().isEmpty()) {
            throw ObjectStoreException.unsupported("A lock on " + key, "this store was opened without Object Lock");
        }
        if (head(key).isEmpty()) {
            throw ObjectStoreException.absent(key);
        }
        return lockedUntilNow(key);
    }

    private Optional<Instant> lockedUntilNow(String key) {
        return head(key)
                .flatMap(found -> Optional.ofNullable(found.objectLockRetainUntilDate()))
                .filter(until -> until.isAfter(settings.clock().instant()));
    }

    @Override
    public long removeUnfinished(Instant begunBefore) {
        long removed = 0;
        String keyMarker = null;
        String uploadMarker = null;
        ListMultipartUploadsResponse page;
        do {
            String afterKey = keyMarker;
            String afterUpload = uploadMarker;
            page = bucket.retries()
                    .call(
                            "Listing unfinished objects",
                            () -> bucket.client()
                                    .listMultipartUploads(list -> list.bucket(bucket.name())
                                            .prefix(bucket.location().keyPrefix())
                                            .keyMarker(afterKey)
                                            .uploadIdMarker(afterUpload)));
            for (MultipartUpload upload : page.uploads()) {
                if (upload.initiated().isBefore(begunBefore)) {
                    abandon(upload);
                    removed++;
                }
            }
            keyMarker = page.nextKeyMarker();
            uploadMarker = page.nextUploadIdMarker();
        } while (Boolean.TRUE.equals(page.isTruncated()));
        return removed;
    }

    private void abandon(MultipartUpload upload) {
        bucket.retries().run("Removing what is left of " + upload.key(), () -> {
            try {
                bucket.client()
                        .abortMultipartUpload(abort ->
                                abort.bucket(bucket.name()).key(upload.key()).uploadId(upload.uploadId()));
            } catch (SdkException e) {
                if (!S3Failure.isAbsent(e)) {
                    throw e;
                }
            }
        });
    }

    @Override
    public void close() {
        bucket.close();
    }

    @Override
    public String toString() {
        return bucket.location().toString();
    }
}
