package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that answers nothing of the first segments before it was asked for eight of them is no obstacle. */
final class ManySegmentsTest {
    private static final long SEED = Long.getLong("reinstate.seed", 8);
    private static final int AHEAD = 8;

    @TempDir
    Path directory = Path.of("");

    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final RandomHistory history = new RandomHistory(SEED, 3, 40);
    private final List<RandomHistory.Transaction> all = new ArrayList<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final CountDownLatch unasked = new CountDownLatch(AHEAD);
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);

    @BeforeEach
    void writeManySegments() {
        System.out.println("seed " + SEED);
        settings = ArchiveFixture.settings(directory, 1 << 20, SEED, true);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            for (int segment = 0; segment < 3 * AHEAD; segment++) {
                all.addAll(ArchiveFixture.publishSegment(writer, history, 3));
            }
        }
    }

    @Test
    void foldIsTheTruth() {
        ArchiveFixture.assertFolds(reader(), all.getLast().commit().commitLsn(), history.rows);
        assertThat(asked).hasSize(3 * AHEAD);
    }

    @Test
    void changesAreThoseWritten() {
        ArchiveReader reader = reader();
        Partition partition = all.getLast().changes().getFirst().partition();
        try (ArchiveReader.ChangeStream changes = reader.changes(partition, Lsn.ZERO, history.lsn())) {
            assertThat(changes)
                    .toIterable()
                    .containsExactlyInAnyOrderElementsOf(all.stream()
                            .flatMap(transaction -> transaction.changes().stream())
                            .filter(change -> change.partition().equals(partition))
                            .toList());
        }
    }

    private ArchiveReader reader() {
        ObjectStore hesitant = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("readAhead")) {
                        return AHEAD - 1;
                    }
                    if (method.getName().equals("getRange") && ((String) arguments[0]).startsWith("segment/")) {
                        waitForOthers((String) arguments[0]);
                    }
                    try {
                        return method.invoke(objects, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return Archive.openReader(hesitant, settings);
    }

    private void waitForOthers(String key) throws InterruptedException {
        if (asked.add(key)) {
            unasked.countDown();
        }
        assertThat(unasked.await(30, TimeUnit.SECONDS))
                .as("%s segments asked for at once", AHEAD)
                .isTrue();
    }
}
