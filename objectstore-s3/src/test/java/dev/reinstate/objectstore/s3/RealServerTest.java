package dev.reinstate.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.ObjectWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectVersion;

/**
 * What a fake server cannot show: that a real one does what its documentation says, and that one which does not is found
 * out. Needs no condition If-None-Match.
 */
@Tag("real-server")
final class RealServerTest {
    private static final Duration LOCKED = Duration.ofMinutes(5);

    private final S3Settings settings = S3Settings.defaults();

    /** The verdict is compared with what the server does when asked without the store. */
    @Test
    void whetherTheConditionIsKeptIsFoundOut() {
        S3Location location = RealServer.newBucket(false);
        try (Bucket bucket = Bucket.open(location, settings);
                ObjectStore store = S3ObjectStore.open(location, settings)) {
            boolean keeps = !overwrites(bucket);
            assertThat(store.capabilities().putIfAbsent()).isEqualTo(keeps);
            if (!keeps) {
                assertThatThrownBy(() -> store.putIfAbsent("key", new byte[1]))
                        .isInstanceOfSatisfying(
                                ObjectStoreException.class,
                                e -> assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.UNSUPPORTED));
                assertThat(store.size("key")).isEmpty();
            }
        }
    }

    private static boolean overwrites(Bucket bucket) {
        try {
            for (byte content = 1; content <= 2; content++) {
                byte[] bytes = {content};
                bucket.client()
                        .putObject(put -> put.bucket(bucket.name()).key("plain").ifNoneMatch("*"), Bodies.of(bytes, 1));
            }
            return true;
        } catch (SdkException e) {
            return false;
        }
    }

    @Test
    void readsListsReplacesAndDeletes() {
        try (ObjectStore store = S3ObjectStore.open(RealServer.newBucket(true), settings)) {
            byte[] content = new byte[300_000];
            Arrays.fill(content, (byte) 3);
            for (String key : new String[] {"a/c", "a-b", "a/b", "a0", "b/x"}) {
                store.replace(key, content);
            }
            assertThat(store.get("a/b")).isEqualTo(content);
            assertThat(store.getRange("a/b", 299_999, 1)).containsExactly(3);
            assertThatThrownBy(() -> store.getRange("a/b", 299_999, 2)).isInstanceOf(ObjectStoreException.class);
            assertThatThrownBy(() -> store.getRange("a/b", 300_001, 2)).isInstanceOf(ObjectStoreException.class);
            assertThat(store.list("", "", 10))
                    .extracting(ObjectStore.ObjectSummary::key)
                    .containsExactly("a-b", "a/b", "a/c", "a0", "b/x");
            assertThat(store.list("a/", "a/b", 10))
                    .extracting(ObjectStore.ObjectSummary::key)
                    .containsExactly("a/c");
            store.delete("a/c");
            assertThat(store.size("a/c")).isEmpty();
            assertThat(store.size("a/b")).hasValue(300_000);
        }
    }

    @Test
    void replacingAndDeletingLeaveNoEarlierVersion() {
        S3Location location = RealServer.newBucket(true);
        try (Bucket bucket = Bucket.open(location, settings);
                ObjectStore store = S3ObjectStore.open(location, settings)) {
            store.replace("keyring", new byte[] {1});
            store.replace("keyring", new byte[] {2});
            assertThat(versions(bucket)).isEqualTo(1);
            assertThat(store.get("keyring")).containsExactly(2);
            bucket.client().deleteObject(delete -> delete.bucket(bucket.name()).key(bucket.full("keyring")));
            assertThat(store.size("keyring")).isEmpty();
            assertThat(versions(bucket)).isEqualTo(1);
            store.delete("keyring");
            assertThat(versions(bucket)).isZero();
        }
    }

    private static int versions(Bucket bucket) {
        return bucket.client()
                .listObjectVersions(list -> list.bucket(bucket.name()))
                .versions()
                .size();
    }

    /** The store refuses, and, asked without it, so does the server. */
    @Test
    void aLockHolds() {
        S3Location location = RealServer.newBucket(true);
        ObjectLock lock = new ObjectLock(ObjectLock.Mode.COMPLIANCE, key -> Optional.of(LOCKED));
        try (Bucket bucket = Bucket.open(location, settings);
                ObjectStore store = S3ObjectStore.open(location, settings.withLock(lock))) {
            Instant until = Instant.now().plus(LOCKED).truncatedTo(ChronoUnit.SECONDS);
            S3ObjectWriter.Lock wanted = new S3ObjectWriter.Lock(ObjectLockMode.COMPLIANCE, until);
            BucketChecks checks = new BucketChecks(bucket, true);
            try (ObjectWriter writer =
                    new S3ObjectWriter(bucket, checks, "manifest/1", settings.partBytes(), Optional.of(wanted))) {
                writer.write(new byte[] {7}, 0, 1);
                writer.publish(); // small, so that no condition is tried out first
            }
            assertThat(store.lockedUntil("manifest/1")).hasValue(until);
            assertThatThrownBy(() -> store.delete("manifest/1"))
                    .isInstanceOfSatisfying(
                            ObjectStoreException.class,
                            e -> assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.LOCKED));
            ObjectVersion version = bucket.client()
                    .listObjectVersions(list -> list.bucket(bucket.name()).prefix(bucket.full("manifest/1")))
                    .versions()
                    .getFirst();
            assertThatThrownBy(() -> bucket.client()
                            .deleteObject(delete -> delete.bucket(bucket.name())
                                    .key(version.key())
                                    .versionId(version.versionId())))
                    .isInstanceOfSatisfying(
                            SdkException.class,
                            e -> assertThat(S3Failure.status(e)).isEqualTo(403));
            assertThat(store.get("manifest/1")).containsExactly(7);
        }
    }

    @Test
    void whatAKilledWriterLeftIsFoundAndRemoved() {
        S3Location location = RealServer.newBucket(false);
        try (Bucket bucket = Bucket.open(location, settings);
                ObjectStore store = S3ObjectStore.open(location, settings)) {
            bucket.client()
                    .createMultipartUpload(
                            create -> create.bucket(bucket.name()).key(bucket.full("large")));
            assertThat(store.removeUnfinished(Instant.now().minusSeconds(3600))).isZero();
            assertThat(store.removeUnfinished(Instant.now().plusSeconds(3600))).isEqualTo(1);
            assertThat(store.removeUnfinished(Instant.now().plusSeconds(3600))).isZero();
        }
    }
}
