package dev.reinstate.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file store on a disk that keeps what was synced and nothing else: when the power fails, at whatever moment, each
 * object is there whole or not at all, and each that was acknowledged is there. Another seed: {@code
 * -Dreinstate.power.seed=N}.
 */
final class PowerLossTest {
    private static final String ROOT = "backup/of/app";
    private static final int LOSSES = 4;
    private static final int STEPS = 45;
    private static final List<String> KEYS =
            List.of("keyring", "manifest/1", "manifest/2", "key/a", "image/1/part-1", "image/2/part-1");

    @TempDir
    Path directory = Path.of("");

    private UnsyncedDisk disk = new UnsyncedDisk();
    private final Map<String, byte[]> acknowledged = new HashMap<>();
    private final Set<String> deleted = new HashSet<>();
    private Optional<Change> underWay = Optional.empty();
    private long seen;

    /** What a call is about to make of a key; no bytes: nothing. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Change(String key, byte[] bytes) {}

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void whateverIsLostEachObjectIsWholeAndWhatWasAcknowledgedIsThere() throws IOException {
        long seed = Long.getLong("reinstate.power.seed", 20261128L);
        System.out.println("power loss, seed " + seed);
        Random random = new Random(seed);
        Path root = fileSystem("live").resolve(ROOT);
        disk.afterEach(() -> losePower(random, LOSSES));
        for (int process = 0; process < 3; process++) {
            try (ObjectStore store = FileObjectStore.open(root)) {
                for (int step = 0; step < STEPS / 3; step++) {
                    change(store, KEYS.get(random.nextInt(KEYS.size())), random);
                }
            }
        }
        assertThat(seen).isGreaterThan(500);
    }

    /** It dies between two steps, and its successor relies on what it finds. */
    @Test
    void whatOneProcessBeganAndAnotherFoundIsDurable() throws IOException {
        int steps = 0;
        for (boolean killed = true; killed; steps++) {
            disk = new UnsyncedDisk();
            Path root = fileSystem("killed-" + steps).resolve(ROOT);
            int[] left = {steps};
            disk.afterEach(() -> {
                if (left[0]-- == 0) {
                    throw new Killed();
                }
            });
            killed = isKilledAtWork(root);
            disk.afterEach(() -> {});
            acknowledged.clear();
            deleted.clear();
            try (ObjectStore store = FileObjectStore.open(root)) {
                work(store);
            }
            losePower(new Random(steps), 10);
        }
        assertThat(steps).as("steps of the work").isGreaterThan(30);
    }

    private boolean isKilledAtWork(Path root) {
        FileObjectStore store = null;
        try {
            store = FileObjectStore.open(root); // never closed: it is dead
            work(store);
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    private void work(ObjectStore store) {
        put(store, new Change("manifest/1", new byte[] {1, 1}));
        put(store, new Change("image/1/part-1", new byte[] {2, 2, 2}));
        replace(store, new Change("keyring", new byte[] {3}));
        put(store, new Change("key/a", new byte[] {4}));
        delete(store, "key/a");
    }

    /** The model itself: what nobody synced is lost now and then, in each of its ways. */
    @Test
    void whatIsNotSyncedIsLostNowAndThen() throws IOException {
        Path root = fileSystem("model");
        Set<Integer> sizes = new HashSet<>();
        try (FileChannel channel =
                FileChannel.open(root.resolve("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[10]));
            collectSizes(sizes);
            assertThat(sizes).as("no name, empty, torn, whole").contains(-1, 0, 5, 10);
            channel.force(true);
            sizes.clear();
            collectSizes(sizes);
            assertThat(sizes).as("the name is not synced").containsExactlyInAnyOrder(-1, 10);
        }
        DurableFolders.sync(root);
        sizes.clear();
        collectSizes(sizes);
        assertThat(sizes).containsExactly(10);
    }

    private void collectSizes(Set<Integer> sizes) {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] content = disk.afterPowerLoss(random).get("file");
            sizes.add(content == null ? -1 : content.length);
        }
    }

    private Path fileSystem(String name) throws IOException {
        Path base = Files.createDirectory(directory.toRealPath().resolve(name));
        return new UnsyncedFileSystem(base, disk).root();
    }

    private void change(ObjectStore store, String key, RandomGenerator random) {
        byte[] bytes = new byte[1 + random.nextInt(40)];
        random.nextBytes(bytes);
        if (key.equals("keyring") && random.nextInt(3) > 0) {
            replace(store, new Change(key, bytes));
        } else if (random.nextInt(4) == 0) {
            delete(store, key);
        } else {
            put(store, new Change(key, bytes));
        }
    }

    private void put(ObjectStore store, Change change) {
        byte[] before = acknowledged.get(change.key());
        underWay = Optional.of(change);
        int half = change.bytes().length / 2;
        try (ObjectWriter writer = store.create(change.key())) {
            writer.write(change.bytes(), 0, half);
            writer.write(change.bytes(), half, change.bytes().length - half);
            writer.publish();
        } catch (ObjectStoreException e) {
            assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.EXISTS);
            byte[] there = store.get(change.key()); // as a manifest of ours that came through after all
            assertThat(there).isEqualTo(before == null ? change.bytes() : before);
            acknowledge(change.key(), there);
            return;
        }
        acknowledge(change.key(), change.bytes());
    }

    private void replace(ObjectStore store, Change change) {
        underWay = Optional.of(change);
        store.replace(change.key(), change.bytes());
        acknowledge(change.key(), change.bytes());
    }

    private void delete(ObjectStore store, String key) {
        underWay = Optional.of(new Change(key, new byte[0]));
        store.delete(key);
        acknowledged.remove(key);
        deleted.add(key);
        underWay = Optional.empty();
    }

    private void acknowledge(String key, byte[] bytes) {
        acknowledged.put(key, bytes);
        deleted.remove(key);
        underWay = Optional.empty();
    }

    private void losePower(RandomGenerator random, int times) {
        for (int i = 0; i < times; i++) {
            SortedMap<String, byte[]> left = disk.afterPowerLoss(random);
            requireRight(left);
            if (seen++ % 50 == 0) {
                reopen(left);
            }
        }
    }

    private void requireRight(SortedMap<String, byte[]> left) {
        for (String key : KEYS) {
            byte[] found = left.get(ROOT + "/" + key);
            byte[] before = acknowledged.get(key);
            Optional<byte[]> coming =
                    underWay.filter(change -> change.key().equals(key)).map(Change::bytes);
            boolean isAsBefore = before == null ? found == null : Arrays.equals(found, before);
            boolean isAsAfter = coming.isPresent()
                    && (coming.get().length == 0 ? found == null : Arrays.equals(found, coming.get()));
            boolean isUndecided = before == null && !deleted.contains(key) && coming.isEmpty() && found == null;
            assertThat(isAsBefore || isAsAfter || isUndecided)
                    .as("%s after a loss of power: %s; acknowledged: %s", key, text(found), text(before))
                    .isTrue();
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "absent" : Arrays.toString(bytes);
    }

    /** A store on what is left works, and removes what was never published. */
    private void reopen(SortedMap<String, byte[]> left) {
        try {
            Path found = Files.createTempDirectory(directory, "found");
            UnsyncedDisk.materialise(left, found);
            Path root = found.resolve(ROOT);
            try (ObjectStore store = FileObjectStore.open(root)) {
                store.putIfAbsent("receipt/after", new byte[] {9});
                assertThatThrownBy(() -> store.putIfAbsent("receipt/after", new byte[] {8}))
                        .isInstanceOf(ObjectStoreException.class);
                assertThat(store.get("receipt/after")).containsExactly(9);
                store.list("", "", 100)
                        .forEach(object ->
                                assertThat(store.get(object.key())).hasSize(Math.toIntExact(object.sizeBytes())));
            }
            try (var pending = Files.list(root.resolve(".pending"))) {
                assertThat(pending.filter(path -> path.getFileName().toString().startsWith("new-")))
                        .isEmpty();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
