package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The check notices every flipped bit, every truncation, and objects exchanged with, or overwritten by, any other of their
 * kind, in an archive that has objects of every kind. Bits and lengths are sampled, unless {@code -Dreinstate.everyBit=true}.
 */
@ParameterizedClass(name = "encrypted {0}")
@ValueSource(booleans = {false, true})
final class EveryBitTest {
    private static final long SEED = 5;
    private static final boolean EVERY = Boolean.getBoolean("reinstate.everyBit");
    private static final int WORKERS = Runtime.getRuntime().availableProcessors();

    @Parameter
    boolean encrypted;

    @TempDir
    Path directory;

    private final MemoryObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings;

    @BeforeEach
    void write() {
        settings = ArchiveFixture.settings(directory, 1 << 20, SEED, encrypted);
        RandomHistory history = new RandomHistory(SEED, 2, 20);
        history.fill(20);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            for (int i = 0; i < 4; i++) {
                ArchiveFixture.publishSegment(writer, history, 2);
            }
            writer.publishTableVersions(history.tableVersions());
            writer.publishDefinitions(ArchiveFixture.definitions(history.lsn()));
            try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, history.lsn())) {
                image.publish(history.lsn(), RandomHistory.START.plusSeconds(98));
            }
            writer.publishTableVersions(history.tableVersions());
            writer.publishDefinitions(ArchiveFixture.definitions(history.lsn()));
        }
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings)) {
            assertThat(maintenance.compactOnce()).isPresent();
            assertThat(maintenance.shortenChain(new RetentionPolicy(Duration.ZERO, 1)))
                    .isTrue();
        }
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishSegment(writer, history, 2);
        }
        writeCheckpoint();
        ReceiptStore receipts = Archive.receipts(objects, settings);
        receipts.put("r1", "{}".getBytes(StandardCharsets.UTF_8));
    }

    /** With a page. */
    private void writeCheckpoint() {
        Chain chain = Chain.open(new ArchiveObjects(objects), settings);
        List<Entry.Segment> segments = chain.history().segments();
        String page = Keys.page(chain.number(), "0123456789abcdef");
        byte[] bytes = CheckpointJson.writePage(
                segments.subList(0, segments.size() - 1), chain.keys().documents());
        PageReference reference =
                PageReference.to(page, Checksum.sha256Hex(bytes), segments.subList(0, segments.size() - 1));
        objects.putIfAbsent(page, bytes);
        objects.putIfAbsent(
                Keys.checkpoint(chain.number()),
                CheckpointJson.write(
                        new CheckpointJson.Checkpoint(
                                chain.number(),
                                chain.sha256(),
                                chain.history().repaged(List.of(reference), List.of(segments.getLast()))),
                        chain.keys().documents()));
    }

    private List<String> keys() {
        return objects.list("", "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    private static String kindOf(String key) {
        return key.substring(0, key.indexOf('/') + 1);
    }

    /** What replaced objects are found with is harmless; there is nothing else that is harmless here. */
    private boolean isNoticed(MemoryObjectStore in) {
        try {
            return !Archive.check(in, settings, CheckLevel.CHECKSUMS, new CheckScope.Everything(), CheckListener.SILENT)
                    .findings()
                    .isEmpty();
        } catch (ReinstateException e) {
            assertThat(e.kind()).isIn(FailureKind.DAMAGED, FailureKind.REFUSED, FailureKind.INVALID);
            return true;
        }
    }

    /** Shares out what there is to do, each worker with a copy of the archive. */
    private void share(BiConsumer<MemoryObjectStore, Integer> work) {
        IntStream.range(0, WORKERS).parallel().forEach(worker -> {
            MemoryObjectStore copy = new MemoryObjectStore();
            keys().forEach(key -> copy.putIfAbsent(key, objects.get(key)));
            work.accept(copy, worker);
            assertThat(isNoticed(copy)).isFalse();
        });
    }

    @Test
    void objectsOfEveryKindAreThere() {
        Set<String> kinds = new HashSet<>();
        keys().forEach(key -> kinds.add(kindOf(key)));
        assertThat(kinds)
                .contains("", Keys.MANIFESTS, Keys.SEGMENTS, Keys.IMAGES, Keys.TABLE_IMAGES, Keys.CATALOGUE)
                .contains(Keys.DEFINITIONS, Keys.BASES, Keys.CHECKPOINTS, Keys.PAGES, Keys.RECEIPTS)
                .hasSize(encrypted ? 12 : 11);
        assertThat(isNoticed(objects)).isFalse();
    }

    @Test
    void everyFlippedBitIsNoticed() {
        share((copy, worker) -> {
            for (String key : keys()) {
                byte[] whole = objects.get(key);
                int step = EVERY ? WORKERS : 997 * WORKERS;
                for (int bit = worker * (step / WORKERS); bit < whole.length * 8; bit += step) {
                    byte[] flipped = whole.clone();
                    flipped[bit / 8] ^= (byte) (1 << (bit % 8));
                    copy.replace(key, flipped);
                    assertThat(isNoticed(copy)).as("bit %d of %s", bit, key).isTrue();
                }
                copy.replace(key, whole);
            }
        });
    }

    @Test
    void everyTruncationIsNoticed() {
        share((copy, worker) -> {
            for (String key : keys()) {
                byte[] whole = objects.get(key);
                int step = EVERY ? WORKERS : 997 * WORKERS;
                for (int length = worker * (step / WORKERS); length < whole.length; length += step) {
                    copy.replace(key, Arrays.copyOf(whole, length));
                    assertThat(isNoticed(copy)).as("%s cut to %d", key, length).isTrue();
                }
                for (int length : List.of(whole.length - 1, whole.length + 1)) {
                    copy.replace(key, Arrays.copyOf(whole, length));
                    assertThat(isNoticed(copy))
                            .as("%s with %d bytes", key, length)
                            .isTrue();
                }
                copy.replace(key, whole);
            }
        });
    }

    private record Pair(String one, String other) {}

    @Test
    void everyTwoObjectsExchangedOrMadeOneAreNoticed() {
        List<Pair> pairs = new ArrayList<>();
        for (String one : keys()) {
            keys().stream()
                    .filter(other -> kindOf(other).equals(kindOf(one)) && one.compareTo(other) < 0)
                    .filter(other -> !Arrays.equals(objects.get(one), objects.get(other)))
                    .forEach(other -> pairs.add(new Pair(one, other)));
        }
        assertThat(pairs).hasSizeGreaterThan(100);
        share((copy, worker) -> {
            for (int i = worker; i < pairs.size(); i += WORKERS) {
                Pair pair = pairs.get(i);
                byte[] one = objects.get(pair.one());
                byte[] other = objects.get(pair.other());
                copy.replace(pair.other(), one);
                assertThat(isNoticed(copy)).as("%s: the first twice", pair).isTrue();
                copy.replace(pair.one(), other);
                assertThat(isNoticed(copy)).as("%s exchanged", pair).isTrue();
                copy.replace(pair.other(), other);
                assertThat(isNoticed(copy)).as("%s: the second twice", pair).isTrue();
                copy.replace(pair.one(), one);
            }
        });
    }
}
