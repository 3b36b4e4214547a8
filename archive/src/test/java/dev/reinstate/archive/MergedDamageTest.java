package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged merged segment costs nothing as long as what it was merged from is there, and what it costs is said exactly. */
@ParameterizedClass(name = "seed {0}")
@ValueSource(longs = {11, 12})
final class MergedDamageTest {
    @Parameter
    long seed;

    @TempDir
    Path directory = Path.of("");

    private final List<DamageListener.Workaround> heard = new ArrayList<>();
    private final Map<String, List<Entry.Segment>> merges = new HashMap<>();
    private Random random;
    private CompactionTest.Story story;
    private ArchiveSettings settings;
    private List<ArchiveReader.TenantSummary> tenants = List.of();

    @BeforeEach
    void merge() {
        random = new Random(seed);
        story = new CompactionTest.Story(directory, seed);
        settings = story.settings.withDamageListener(heard::add);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, settings)) {
            CompactionTest.compactAll(maintenance);
        }
        ArchiveObjects objects = new ArchiveObjects(story.objects);
        Chain chain = Chain.openAtBeginning(objects, ArchiveKeys.open(objects, settings));
        while (chain.step()) {
            chain.builder()
                    .merge()
                    .ifPresent(merge -> merges.put(merge.into().object().key(), merge.run()));
        }
        tenants = reader().tenants();
        assertThat(merged()).isNotEmpty();
        assertThat(heard).isEmpty();
    }

    private ArchiveReader reader() {
        return Archive.openReader(story.objects, settings);
    }

    private CheckReport check(CheckLevel level) {
        return Archive.check(story.objects, settings, level, new CheckScope.Everything(), CheckListener.SILENT);
    }

    private History history() {
        return Chain.open(new ArchiveObjects(story.objects), settings).history();
    }

    /** Those in use. */
    private List<String> merged() {
        return history().segments().stream()
                .map(segment -> segment.object().key())
                .filter(merges::containsKey)
                .toList();
    }

    private List<String> sourcesOf(String key) {
        return Objects.requireNonNull(merges.get(key)).stream()
                .map(segment -> segment.object().key())
                .toList();
    }

    private void flip(String key) {
        byte[] bytes = story.objects.get(key);
        for (int i = 0; i < 1 + bytes.length / 1000; i++) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        story.objects.replace(key, bytes);
    }

    private void cut(String key) {
        byte[] bytes = story.objects.get(key);
        story.objects.replace(key, Arrays.copyOf(bytes, bytes.length - 1 - random.nextInt(bytes.length / 2)));
    }

    @Test
    void nothingIsLostAndItIsSaid() {
        for (String key : merged()) {
            byte[] whole = story.objects.get(key);
            List<Runnable> harms = List.of(
                    () -> story.objects.delete(key),
                    () -> cut(key),
                    () -> flip(key),
                    () -> flip(key),
                    () -> story.objects.replace(
                            key, story.objects.get(sourcesOf(key).getFirst())));
            for (Runnable harm : harms) {
                harm.run();
                heard.clear();
                ArchiveReader reader = reader();
                CompactionTest.verify(reader, story.all);
                assertThat(reader.tenants()).isEqualTo(tenants);
                assertTimes(reader);
                assertThat(heard).isNotEmpty().allSatisfy(one -> {
                    assertThat(one.damage()).contains(key);
                    assertThat(one.instead()).contains("segments that it was merged from");
                });
                for (CheckLevel level : List.of(CheckLevel.CHECKSUMS, CheckLevel.FULL)) {
                    CheckReport report = check(level);
                    assertThat(report.isSound()).isFalse();
                    assertThat(report.losses()).isEmpty();
                    assertThat(report.restorable()).isEqualTo(reader.ranges());
                    assertThat(report.findings())
                            .extracting(CheckReport.Finding::object)
                            .containsOnly(key);
                }
                story.objects.delete(key);
                story.objects.putIfAbsent(key, whole);
            }
        }
        assertThat(check(CheckLevel.FULL).findings()).isEmpty();
    }

    private void assertTimes(ArchiveReader reader) {
        story.all.forEach(
                transaction -> assertThat(reader.positionAt(transaction.commit().time()))
                        .isGreaterThanOrEqualTo(transaction.commit().commitLsn()));
    }

    @Test
    void theListingTellsOfAMissingOneThatNothingIsLost() {
        String key = merged().getFirst();
        story.objects.delete(key);
        CheckReport report = check(CheckLevel.STRUCTURE);
        assertThat(report.isSound()).isFalse();
        assertThat(report.losses()).isEmpty();
        story.objects.delete(sourcesOf(key).getFirst());
        boolean hasDeeper = merges.containsKey(sourcesOf(key).getFirst());
        assertThat(check(CheckLevel.STRUCTURE).losses().isEmpty()).isEqualTo(hasDeeper);
        merges.values()
                .forEach(run -> run.forEach(
                        source -> story.objects.delete(source.object().key())));
        assertThat(check(CheckLevel.STRUCTURE).losses()).isNotEmpty();
    }

    private void harm(String key) {
        switch (random.nextInt(3)) {
            case 0 -> story.objects.delete(key);
            case 1 -> cut(key);
            default -> flip(key);
        }
    }

    private static void assertDamaged(ArchiveReader reader, Partition partition, Lsn position) {
        assertThatThrownBy(() -> ArchiveFixture.fold(reader, partition, position))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
    }

    /** Of several that are damaged, the check says exactly what can be folded, and nothing is folded wrongly. */
    @Test
    void severalDamagedObjectsCostWhatTheCheckSays() {
        List<String> all = new ArrayList<>(story.objects.list(Keys.SEGMENTS, "", 1000).stream()
                .map(summary -> summary.key())
                .toList());
        int lost = 0;
        int kept = 0;
        for (int turn = 0; turn < 20; turn++) {
            Map<String, byte[]> before = new HashMap<>();
            List<String> harmed = new ArrayList<>(merged());
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                harmed.add(all.get(random.nextInt(all.size())));
            }
            for (String key : harmed) {
                before.computeIfAbsent(key, story.objects::get);
            }
            for (String key : before.keySet()) {
                harm(key);
            }
            CheckReport report = check(CheckLevel.CHECKSUMS);
            ArchiveReader reader = reader();
            for (RandomHistory.Transaction transaction : story.all) {
                Lsn position = transaction.commit().commitLsn();
                for (var rows : transaction.after().entrySet()) {
                    if (WorkaroundTest.isLost(report, rows.getKey(), position)) {
                        lost++;
                        assertDamaged(reader, rows.getKey(), position);
                    } else {
                        kept++;
                        assertThat(ArchiveFixture.fold(reader, rows.getKey(), position))
                                .isEqualTo(rows.getValue());
                    }
                }
            }
            before.forEach((key, bytes) -> {
                story.objects.delete(key);
                story.objects.putIfAbsent(key, bytes);
            });
        }
        assertThat(lost).isGreaterThan(100);
        assertThat(kept).isGreaterThan(100);
    }

    @Test
    void whatItWasMergedFromStaysUntilItIsWholeAgain() {
        String key = merged().getFirst();
        byte[] whole = story.objects.get(key);
        flip(key);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, settings)) {
            assertThat(maintenance.removeReplaced(Duration.ZERO).orElseThrow().locked())
                    .isEqualTo(1);
            assertThat(heard).singleElement().satisfies(one -> {
                assertThat(one.damage()).contains(key);
                assertThat(one.instead()).contains("are kept, and read in its place");
            });
            CompactionTest.verify(reader(), story.all);
            story.objects.replace(key, whole);
            assertThat(maintenance.removeReplaced(Duration.ZERO).orElseThrow().locked())
                    .isZero();
        }
        heard.clear();
        CompactionTest.verify(reader(), story.all);
        assertThat(heard).isEmpty();
        assertThat(check(CheckLevel.FULL).findings()).isEmpty();
        story.objects.delete(key); // and now nothing stands in for it
        assertThat(check(CheckLevel.CHECKSUMS).losses()).isNotEmpty();
        assertThatThrownBy(() -> CompactionTest.verify(reader(), story.all))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.what()).contains(key));
    }
}
