package dev.reinstate.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.ObjectWriter;
import dev.reinstate.objectstore.s3.FakeS3Server.Fault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the store makes of servers and networks that fail, and of servers that do not keep what it relies on. */
final class S3FaultTest {
    private static final int LARGE = S3Fixture.PART_BYTES + 1000;

    private final FakeS3Server server = FakeS3Server.start();
    private final List<ObjectStore> opened = new ArrayList<>();

    @AfterEach
    void stop() {
        opened.forEach(ObjectStore::close);
        server.close();
    }

    private S3ObjectStore open(S3Location location, S3Settings settings) {
        S3ObjectStore store = S3ObjectStore.open(location, settings);
        opened.add(store);
        return store;
    }

    /** Uses everything there is; what it leaves is always the same. */
    private static void story(ObjectStore store) {
        store.putIfAbsent("a", new byte[] {1, 2, 3});
        byte[] large = new byte[LARGE];
        Arrays.fill(large, (byte) 7);
        try (ObjectWriter writer = store.create("large")) {
            writer.write(large, 0, large.length);
            writer.publish();
        }
        assertThat(store.get("a")).containsExactly(1, 2, 3);
        assertThat(store.getRange("large", LARGE - 2, 2)).containsExactly(7, 7);
        assertThat(store.size("large")).hasValue(LARGE);
        store.putIfAbsent("b", new byte[100]);
        store.delete("b");
        store.replace("keyring", new byte[] {1});
        store.replace("keyring", new byte[] {2});
        assertThat(store.list("", "", 10))
                .extracting(ObjectStore.ObjectSummary::key)
                .containsExactly("a", "keyring", "large");
    }

    /** Every request fails once, in every way: nobody notices. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"OVERLOADED", "CONFLICT", "RESET", "LOST_ANSWER", "TRUNCATED"})
    void oneFailureIsNotNoticed(Fault fault) {
        int requests = Integer.MAX_VALUE;
        for (int n = 1; n <= requests; n++) {
            int failing = n;
            String name = "bucket-" + n;
            S3Location location = server.bucket(name, FakeBucket.Traits.LOCKING, Clock.systemUTC());
            server.fail((number, operation) -> number == failing ? fault : Fault.NONE);
            story(open(location, S3Fixture.settings()));
            if (requests == Integer.MAX_VALUE) {
                requests = server.requests().size() + 1; // what is tried again counts, too
            }
            assertThat(server.contents(name).versions("").get("some/prefix/keyring"))
                    .as("versions of what was replaced, request %d failing", n)
                    .hasSize(1);
        }
        assertThat(requests).isGreaterThan(20);
    }

    @Test
    void inProductionPartsAreAsLargeAsAmazonWants() {
        assertThat(S3Settings.defaults().partBytes()).isGreaterThanOrEqualTo(5 << 20);
    }

    @Test
    void aServerThatStaysOverloadedIsSaidAfterGrowingPauses() {
        List<Duration> bounds = new ArrayList<>();
        Retries.Policy policy = new Retries.Policy(6, Duration.ofMillis(100), Duration.ofSeconds(5), bounds::add);
        ObjectStore store = open(server.bucket("bucket"), S3Fixture.settings().withRetries(policy));
        server.fail((number, operation) -> Fault.OVERLOADED);
        assertThatThrownBy(() -> store.get("a")).isInstanceOfSatisfying(ObjectStoreException.class, e -> {
            assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.UNAVAILABLE);
            assertThat(e).hasMessageContaining("503 SlowDown, 6 times").hasMessageNotContaining("to order");
        });
        assertThat(bounds).extracting(Duration::toMillis).containsExactly(500L, 1000L, 2000L, 4000L, 5000L);
        assertThat(server.requests()).hasSize(6);
    }

    @Test
    void aSilentServerIsNotWaitedForForEver() {
        S3Settings standard = S3Fixture.settings();
        S3Settings impatient = new S3Settings(
                Optional.empty(),
                standard.partBytes(),
                new Retries.Policy(2, Duration.ofMillis(1), Duration.ofMillis(1), bound -> {}),
                standard.connectTimeout(),
                Duration.ofMillis(200),
                standard.clock());
        ObjectStore store = open(server.bucket("bucket"), impatient);
        server.fail((number, operation) -> Fault.SILENT);
        assertKind(ObjectStoreException.Kind.UNAVAILABLE, () -> store.get("a"));
    }

    /** The first attempt did not come through, and before the second somebody else takes the key. */
    @Test
    void somebodyElsesObjectIsNotTakenForOurs() {
        S3Location location = server.bucket("bucket");
        ObjectStore store = open(location, S3Fixture.settings());
        ObjectStore other = open(location, S3Fixture.settings());
        store.putIfAbsent("before", new byte[0]); // what is tried out first is behind it
        other.putIfAbsent("too", new byte[0]);
        AtomicBoolean done = new AtomicBoolean();
        Retries.Policy meanwhile = new Retries.Policy(3, Duration.ofMillis(1), Duration.ofMillis(1), bound -> {
            if (!done.getAndSet(true)) {
                other.putIfAbsent("key", new byte[] {2});
            }
        });
        ObjectStore ours = open(location, S3Fixture.settings().withRetries(meanwhile));
        ours.putIfAbsent("third", new byte[0]);
        AtomicBoolean failed = new AtomicBoolean();
        server.fail((number, operation) ->
                operation.equals("PutObject") && !failed.getAndSet(true) ? Fault.RESET : Fault.NONE);
        assertKind(ObjectStoreException.Kind.EXISTS, () -> ours.putIfAbsent("key", new byte[] {1}));
        assertThat(store.get("key")).containsExactly(2);
    }

    /** Retries used up while every answer is lost: the caller reads it back, as the contract says. */
    @Test
    void anEndInDoubtIsSaid() {
        ObjectStore store = open(server.bucket("bucket"), S3Fixture.settings());
        store.putIfAbsent("first", new byte[0]);
        server.fail((number, operation) -> Fault.LOST_ANSWER);
        assertKind(ObjectStoreException.Kind.UNAVAILABLE, () -> store.putIfAbsent("key", new byte[] {1}));
        server.fail((number, operation) -> Fault.NONE);
        assertKind(ObjectStoreException.Kind.EXISTS, () -> store.putIfAbsent("key", new byte[] {1}));
        assertThat(store.get("key")).containsExactly(1);
    }

    @Test
    void aServerThatIgnoresTheConditionIsOnlyReadFrom() {
        FakeBucket.Traits ignoring = FakeBucket.Traits.PLAIN.withConditions(FakeBucket.Conditions.IGNORED);
        ObjectStore store = open(server.bucket("bucket", ignoring, Clock.systemUTC()), S3Fixture.settings());
        server.contents("bucket").put("some/prefix/a", new byte[] {5}, false, java.util.Map.of(), Optional.empty());
        assertThat(store.capabilities().putIfAbsent()).isFalse();
        assertKind(ObjectStoreException.Kind.UNSUPPORTED, () -> store.putIfAbsent("key", new byte[0]));
        assertKind(ObjectStoreException.Kind.UNSUPPORTED, () -> store.create("key"));
        assertThat(store.get("a")).containsExactly(5);
        assertThat(store.list("", "", 10)).hasSize(1);
    }

    @Test
    void aServerThatIgnoresItForPartsGetsLargeObjectsWhole() {
        FakeBucket.Traits ignoring = FakeBucket.Traits.PLAIN.withConditions(FakeBucket.Conditions.IGNORED_ON_COMPLETE);
        S3Location location = server.bucket("bucket", ignoring, Clock.systemUTC());
        story(open(location, S3Fixture.settings()));
        ObjectStore store = open(location, S3Fixture.settings());
        try (ObjectWriter writer = store.create("large")) {
            writer.write(new byte[LARGE], 0, LARGE);
            server.fail((number, operation) -> number == 1 ? Fault.LOST_ANSWER : Fault.NONE);
            assertKind(ObjectStoreException.Kind.EXISTS, writer::publish);
            assertThat(server.requests()).contains("PutObject").doesNotContain("CompleteMultipartUpload");
        }
        assertThat(store.get("large")).hasSize(LARGE).contains(7);
        assertThat(server.contents("bucket").uploads("")).isEmpty();
    }

    @Test
    void readingWritesNothing() {
        S3Location location = server.bucket("bucket");
        open(location, S3Fixture.settings()).putIfAbsent("a", new byte[3]);
        ObjectStore store = open(location, S3Fixture.settings());
        server.fail((number, operation) -> Fault.NONE);
        assertThat(store.get("a")).hasSize(3);
        assertThat(store.getRange("a", 1, 1)).hasSize(1);
        assertThat(store.size("a")).hasValue(3);
        assertThat(store.list("", "", 10)).hasSize(1);
        assertThat(server.requests()).containsExactly("GetObject", "GetObject", "HeadObject", "ListObjectsV2");
    }

    @Test
    void anAbandonedUploadLeavesNothing() {
        ObjectStore store = open(server.bucket("bucket"), S3Fixture.settings());
        try (ObjectWriter writer = store.create("large")) {
            writer.write(new byte[LARGE], 0, LARGE);
            assertThat(server.contents("bucket").uploads("")).hasSize(1);
        }
        assertThat(server.contents("bucket").uploads("")).isEmpty();
        try (ObjectWriter writer = store.create("large")) {
            server.fail((number, operation) -> operation.equals("UploadPart") ? Fault.RESET : Fault.NONE);
            assertKind(ObjectStoreException.Kind.UNAVAILABLE, () -> writer.write(new byte[LARGE], 0, LARGE));
            assertThat(server.contents("bucket").uploads("")).isEmpty();
        }
    }

    @Test
    void whatAKilledWriterLeftIsRemovedWhenItIsOld() {
        S3Location location = server.bucket("bucket");
        ObjectStore store = open(location, S3Fixture.settings());
        ObjectWriter killed = store.create("large"); // never closed
        killed.write(new byte[LARGE], 0, LARGE);
        server.contents("bucket").begin("another/prefix/x", java.util.Map.of(), Optional.empty());
        assertThat(store.list("", "", 10)).isEmpty();
        assertThat(store.removeUnfinished(Instant.now().minusSeconds(3600))).isZero();
        assertThat(store.removeUnfinished(Instant.now().plusSeconds(3600))).isEqualTo(1);
        assertThat(server.contents("bucket").uploads("").values())
                .extracting(java.util.Map.Entry::getKey)
                .containsExactly("another/prefix/x");
    }

    @Test
    void deletingRemovesEveryVersion() {
        ObjectStore store =
                open(server.bucket("bucket", FakeBucket.Traits.LOCKING, Clock.systemUTC()), S3Fixture.settings());
        FakeBucket bucket = server.contents("bucket");
        store.putIfAbsent("key/a", new byte[] {1});
        bucket.put("some/prefix/key/a", new byte[] {2}, false, java.util.Map.of(), Optional.empty());
        store.putIfAbsent("key/ab", new byte[] {3});
        bucket.delete("some/prefix/key/a", Optional.empty()); // somebody else hid it
        assertThat(store.size("key/a")).isEmpty();
        store.delete("key/a");
        assertThat(bucket.versions("some/prefix/key/").keySet()).containsExactly("some/prefix/key/ab");
    }

    @Test
    void aBucketThatLocksEverythingIsNotWrittenTo() {
        FakeBucket.Traits traits = new FakeBucket.Traits(true, true, true, FakeBucket.Conditions.KEPT);
        ObjectStore store = open(server.bucket("bucket", traits, Clock.systemUTC()), S3Fixture.settings());
        assertThatThrownBy(() -> store.putIfAbsent("keyring", new byte[0]))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining("default retention");
    }

    @Test
    void aBucketThatCannotLockIsRefusedWhereLocksAreWanted() {
        ObjectLock lock = new ObjectLock(ObjectLock.Mode.GOVERNANCE, key -> Optional.of(Duration.ofDays(1)));
        ObjectStore store = open(server.bucket("bucket"), S3Fixture.settings().withLock(lock));
        assertKind(ObjectStoreException.Kind.UNSUPPORTED, () -> store.putIfAbsent("a", new byte[0]));
        assertThat(store.list("", "", 10)).isEmpty();
    }

    @Test
    void aMissingBucketIsSaid() {
        S3Location location = server.bucket("bucket");
        S3Location missing = new S3Location("missing", "", location.endpoint(), Optional.empty(), true);
        ObjectStore store = open(missing, S3Fixture.settings());
        assertThatThrownBy(() -> store.get("a"))
                .isInstanceOf(ObjectStoreException.class)
                .hasMessageContaining("NoSuchBucket")
                .hasMessageContaining("make the bucket");
        assertKind(ObjectStoreException.Kind.UNAVAILABLE, () -> store.list("", "", 1));
    }

    private static void assertKind(ObjectStoreException.Kind kind, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
