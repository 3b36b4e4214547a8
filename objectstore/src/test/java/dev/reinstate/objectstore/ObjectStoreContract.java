package dev.reinstate.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link ObjectStore} promises. A provider is done when it passes. */
public abstract class ObjectStoreContract {
    private ObjectStore store = new MemoryObjectStore();

    /** A new, empty store. */
    protected abstract ObjectStore open();

    @BeforeEach
    final void openStore() {
        store = open();
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void whatIsPutIsRead() {
        store.putIfAbsent("a/b", bytes("hello"));
        assertThat(store.get("a/b")).isEqualTo(bytes("hello"));
        assertThat(store.size("a/b")).hasValue(5);
        assertThat(store.getRange("a/b", 1, 3)).isEqualTo(bytes("ell"));
        assertThat(store.getRange("a/b", 5, 0)).isEmpty();
    }

    @Test
    void emptyObjectsExist() {
        store.putIfAbsent("empty", new byte[0]);
        assertThat(store.get("empty")).isEmpty();
        assertThat(store.size("empty")).hasValue(0);
    }

    @Test
    void aTakenKeyStaysAsItIs() {
        store.putIfAbsent("key", bytes("first"));
        assertKind(ObjectStoreException.Kind.EXISTS, () -> store.putIfAbsent("key", bytes("second")));
        assertThat(store.get("key")).isEqualTo(bytes("first"));
    }

    @Test
    void absenceIsSaid() {
        assertKind(ObjectStoreException.Kind.ABSENT, () -> store.get("no/such"));
        assertKind(ObjectStoreException.Kind.ABSENT, () -> store.getRange("no/such", 0, 1));
        assertThat(store.size("no/such")).isEmpty();
        store.delete("no/such");
    }

    @Test
    void rangesOutsideAreRefused() {
        store.putIfAbsent("key", bytes("12345"));
        assertKind(ObjectStoreException.Kind.INVALID, () -> store.getRange("key", 3, 3));
        assertKind(ObjectStoreException.Kind.INVALID, () -> store.getRange("key", -1, 2));
        assertKind(ObjectStoreException.Kind.INVALID, () -> store.getRange("key", 6, 0));
    }

    @Test
    void keysThatAreNotKeysAreRefused() {
        for (String key : List.of("", "/a", "a/", "a//b", "../a", "a/../b", ".hidden", "A", "a b", "x".repeat(513))) {
            assertKind(ObjectStoreException.Kind.INVALID, () -> store.putIfAbsent(key, bytes("x")));
            assertKind(ObjectStoreException.Kind.INVALID, () -> store.get(key));
        }
    }

    @Test
    void streamsBecomeVisibleWhole() {
        byte[] content = new byte[3_000_000];
        RandomGenerator.of("L64X128MixRandom").nextBytes(content);
        try (ObjectWriter writer = store.create("big")) {
            for (int at = 0; at < content.length; at += 70_000) {
                writer.write(content, at, Math.min(70_000, content.length - at));
                assertThat(store.size("big")).isEmpty();
            }
            assertThat(writer.sizeBytes()).isEqualTo(content.length);
            assertThat(store.list("", "", 10)).isEmpty();
            writer.publish();
        }
        assertThat(store.get("big")).isEqualTo(content);
        assertThat(store.getRange("big", 1_234_567, 1000)).isEqualTo(Arrays.copyOfRange(content, 1_234_567, 1_235_567));
    }

    @Test
    void abandonedStreamsLeaveNothing() {
        try (ObjectWriter writer = store.create("key")) {
            writer.write(bytes("gone"), 0, 4);
        }
        assertThat(store.size("key")).isEmpty();
        store.putIfAbsent("key", bytes("other"));
        assertThat(store.get("key")).isEqualTo(bytes("other"));
    }

    @Test
    void aPublishedStreamIsClosed() {
        ObjectWriter writer = store.create("key");
        writer.publish();
        assertKind(ObjectStoreException.Kind.INVALID, () -> writer.write(bytes("x"), 0, 1));
        assertKind(ObjectStoreException.Kind.INVALID, writer::publish);
        writer.close();
        assertThat(store.get("key")).isEmpty();
    }

    @Test
    void ofTwoStreamsTheFirstToPublishWins() {
        try (ObjectWriter first = store.create("key");
                ObjectWriter second = store.create("key")) {
            first.write(bytes("first"), 0, 5);
            second.write(bytes("second"), 0, 6);
            second.publish();
            assertKind(ObjectStoreException.Kind.EXISTS, first::publish);
        }
        assertThat(store.get("key")).isEqualTo(bytes("second"));
    }

    @Test
    void ofManyThreadsOneWins() throws Exception {
        try (var executor = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < 20; round++) {
                String key = "race/" + round;
                List<Callable<Boolean>> attempts = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    byte[] content = bytes("writer " + i);
                    attempts.add(() -> put(key, content));
                }
                int winners = 0;
                for (Future<Boolean> attempt : executor.invokeAll(attempts)) {
                    winners += attempt.get() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
            }
        }
    }

    private boolean put(String key, byte[] content) {
        try {
            store.putIfAbsent(key, content);
            return true;
        } catch (ObjectStoreException e) {
            assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.EXISTS);
            return false;
        }
    }

    @Test
    void listsAreOrderedAndPaged() {
        TreeSet<String> keys = new TreeSet<>(List.of(
                "a-b", "a.b", "a/b", "a/b0", "a/b-/c-d", "a/c", "a0", "b/x", "b-", "manifest/1", "manifest/10"));
        keys.forEach(key -> store.putIfAbsent(key, bytes(key)));
        assertThat(keysOf("", "", 100)).containsExactlyElementsOf(keys);
        assertThat(keysOf("a/", "", 100)).containsExactly("a/b", "a/b-/c-d", "a/b0", "a/c");
        assertThat(keysOf("a", "", 3))
                .containsExactlyElementsOf(keys.stream().limit(3).toList());
        assertThat(keysOf("manifest/1", "manifest/1", 100)).containsExactly("manifest/10");
        assertThat(keysOf("b", "zzz", 100)).isEmpty();
        List<String> paged = new ArrayList<>();
        for (List<String> page = keysOf("", "", 2); !page.isEmpty(); page = keysOf("", paged.getLast(), 2)) {
            paged.addAll(page);
        }
        assertThat(paged).containsExactlyElementsOf(keys);
        assertThat(store.list("a/b-/c-d", "", 1).getFirst().sizeBytes()).isEqualTo(8);
    }

    @Test
    void deletedObjectsAreGone() {
        store.putIfAbsent("a/b", bytes("x"));
        store.delete("a/b");
        assertThat(store.size("a/b")).isEmpty();
        assertThat(store.list("a", "", 10)).isEmpty();
        store.putIfAbsent("a/b", bytes("again"));
        assertThat(store.get("a/b")).isEqualTo(bytes("again"));
    }

    @Test
    void replacingIsPossibleOrDeclaredNotToBe() {
        if (!store.capabilities().replace()) {
            assertKind(ObjectStoreException.Kind.UNSUPPORTED, () -> store.replace("keyring", bytes("x")));
            return;
        }
        store.replace("keyring", bytes("one"));
        store.replace("keyring", bytes("two"));
        assertThat(store.get("keyring")).isEqualTo(bytes("two"));
    }

    @Test
    void locksAreKnownOrDeclaredNotToBe() {
        if (!store.capabilities().retention()) {
            assertKind(ObjectStoreException.Kind.UNSUPPORTED, () -> store.lockedUntil("key"));
            return;
        }
        assertKind(ObjectStoreException.Kind.ABSENT, () -> store.lockedUntil("key"));
    }

    @Test
    void everyStoreOfAnArchiveKeepsWritersApartAndDeletes() {
        assertThat(store.capabilities().putIfAbsent()).isTrue();
        assertThat(store.capabilities().delete()).isTrue();
    }

    @Test
    void whatIsUnfinishedIsRemovedOnlyWhenItIsOld() {
        try (ObjectWriter writer = store.create("key")) {
            writer.write(new byte[20_000_000], 0, 20_000_000);
            assertThat(store.removeUnfinished(Instant.EPOCH)).isZero();
            writer.publish();
        }
        store.removeUnfinished(Instant.now().plusSeconds(60));
        assertThat(store.size("key")).hasValue(20_000_000);
    }

    @Test
    void callersCannotChangeWhatIsStored() {
        byte[] content = bytes("fixed");
        store.putIfAbsent("key", content);
        content[0] = 'X';
        store.get("key")[1] = 'X';
        assertThat(store.get("key")).isEqualTo(bytes("fixed"));
    }

    private List<String> keysOf(String prefix, String startAfter, int limit) {
        return store.list(prefix, startAfter, limit).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertKind(ObjectStoreException.Kind kind, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
