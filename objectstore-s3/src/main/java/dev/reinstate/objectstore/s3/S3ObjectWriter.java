package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.ObjectWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;

/**
 * Collects an object in memory while it is small, and uploads it in parts when it is not, one part in memory. It is
 * published by one request either way, on the condition that its key is free. For servers that keep the condition only
 * where an object is put whole, a large one is collected in a temporary file instead.
 *
 * <p>The answer to that request may be lost; tried again, it then finds the key taken by ourselves. So each object
 * carries a random name in its metadata, by which it is recognised.
 */
final class S3ObjectWriter implements ObjectWriter {
    private static final String NAME = "publish";
    private static final int FIRST_CAPACITY = 64 << 10;
    private static final int MOST_PARTS = 10_000;

    /** After so many parts they become eight times as large: 10,000 parts are enough for the 5 TB of S3 then. */
    private static final int SMALL_PARTS = 1000;

    private static final int LARGE_FACTOR = 8;

    private final Bucket bucket;
    private final BucketChecks checks;
    private final String key;
    private final int partBytes;
    private final Optional<Lock> lock;
    private final String name =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong())
                    + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final List<CompletedPart> parts = new ArrayList<>();
    private byte[] buffer = new byte[FIRST_CAPACITY];
    private int buffered;
    private long size;
    private @Nullable String uploadId;
    private @Nullable SpooledObject spooled;
    private boolean closed;

    /** How this object is locked. */
    record Lock(ObjectLockMode mode, Instant until) {}

    S3ObjectWriter(Bucket bucket, BucketChecks checks, String key, int partBytes, Optional<Lock> lock) {
        this.bucket = bucket;
        this.checks = checks;
        this.key = key;
        this.partBytes = partBytes;
        this.lock = lock;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        requireOpen();
        int at = offset;
        int left = length;
        while (left > 0) {
            int partSize = partSize();
            if (buffered == partSize) {
                drain();
                continue;
            }
            int taken = Math.min(left, partSize - buffered);
            if (taken > buffer.length - buffered) {
                buffer = Arrays.copyOf(buffer, Math.clamp(2L * buffer.length, buffered + taken, partSize));
            }
            System.arraycopy(bytes, at, buffer, buffered, taken);
            buffered += taken;
            at += taken;
            left -= taken;
        }
        size += length;
    }

    private int partSize() {
        return parts.size() < SMALL_PARTS ? partBytes : partBytes * LARGE_FACTOR;
    }

    /** Takes what is in memory further, and makes room. */
    private void drain() {
        try {
            if (uploadId == null && spooled == null && !checks.completesIfAbsent()) {
                spooled = SpooledObject.begin(key);
            }
            if (spooled != null) {
                spooled.append(buffer, buffered);
            } else {
                uploadPart();
            }
            buffered = 0;
        } catch (ObjectStoreException e) {
            close();
            throw e;
        }
    }

    private void uploadPart() {
        String upload = uploadId == null ? begin() : uploadId;
        int number = parts.size() + 1;
        if (number > MOST_PARTS) {
            throw ObjectStoreException.invalid("Writing " + key, "it has more than " + MOST_PARTS + " parts");
        }
        String md5 = Bodies.md5(buffer, buffered);
        String tag = bucket.retries()
                .call(
                        "Writing " + key,
                        () -> bucket.client()
                                .uploadPart(
                                        part -> part.bucket(bucket.name())
                                                .key(bucket.full(key))
                                                .uploadId(upload)
                                                .partNumber(number)
                                                .contentMD5(md5),
                                        Bodies.of(buffer, buffered))
                                .eTag());
        parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
    }

    private String begin() {
        String begun = bucket.retries()
                .call(
                        "Beginning to write " + key,
                        () -> bucket.client()
                                .createMultipartUpload(create -> {
                                    create.bucket(bucket.name())
                                            .key(bucket.full(key))
                                            .metadata(Map.of(NAME, name));
                                    lock.ifPresent(wanted -> create.objectLockMode(wanted.mode())
                                            .objectLockRetainUntilDate(wanted.until()));
                                })
                                .uploadId());
        uploadId = begun;
        return begun;
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public void publish() {
        requireOpen();
        try {
            if (uploadId != null || spooled != null) {
                drain();
            }
            Attempt attempt = new Attempt(uploadId, body());
            bucket.retries().run("Publishing " + key, attempt);
            uploadId = null; // there is nothing to abandon any more
        } finally {
            close();
        }
    }

    /** Publishing, once or several times, until it is known how it ended. */
    private final class Attempt implements Runnable {
        private final @Nullable String upload;
        private final Body body;
        private boolean mayBeDone;

        private Attempt(@Nullable String upload, Body body) {
            this.upload = upload;
            this.body = body;
        }

        @Override
        public void run() {
            try {
                if (upload == null) {
                    put(body);
                } else {
                    complete(upload);
                }
            } catch (SdkException e) {
                // taken, or (in parts) the upload is gone: by ourselves, when an answer was lost before
                boolean uploadIsGone = upload != null && S3Failure.isAbsent(e);
                if (S3Failure.isTaken(e) || uploadIsGone) {
                    if (mayBeDone && isOurs()) {
                        return;
                    }
                    if (!uploadIsGone) {
                        throw ObjectStoreException.exists(key);
                    }
                }
                mayBeDone |= S3Failure.mayBeDone(e);
                throw e;
            }
        }

        private boolean isOurs() {
            try {
                return name.equals(bucket.client()
                        .headObject(head -> head.bucket(bucket.name()).key(bucket.full(key)))
                        .metadata()
                        .get(NAME));
            } catch (SdkException e) {
                if (S3Failure.isAbsent(e)) {
                    return false;
                }
                throw e;
            }
        }
    }

    private record Body(RequestBody bytes, String md5) {}

    /** Of an object put in one request. */
    private Body body() {
        SpooledObject large = spooled;
        return large == null
                ? new Body(Bodies.of(buffer, buffered), Bodies.md5(buffer, buffered))
                : new Body(large.body(), large.md5());
    }

    private void put(Body body) {
        bucket.client()
                .putObject(
                        put -> {
                            put.bucket(bucket.name())
                                    .key(bucket.full(key))
                                    .ifNoneMatch("*")
                                    .contentMD5(body.md5())
                                    .metadata(Map.of(NAME, name));
                            lock.ifPresent(wanted ->
                                    put.objectLockMode(wanted.mode()).objectLockRetainUntilDate(wanted.until()));
                        },
                        body.bytes());
    }

    private void complete(String upload) {
        bucket.client()
                .completeMultipartUpload(complete -> complete.bucket(bucket.name())
                        .key(bucket.full(key))
                        .uploadId(upload)
                        .ifNoneMatch("*")
                        .multipartUpload(all -> all.parts(parts)));
    }

    @Override
    public void close() {
        closed = true;
        buffer = new byte[0];
        String upload = uploadId;
        uploadId = null;
        if (upload != null) {
            bucket.abandon(key, upload);
        }
        if (spooled != null) {
            spooled.close();
            spooled = null;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw ObjectStoreException.invalid("Writing " + key, "it is published or abandoned");
        }
    }
}
