package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Lsn;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each level of a check finds, and what a part of a check looks at. */
final class CheckLevelsTest {
    private static final long SEED = 5;
    /** Everything that manifests name. */
    private static final List<String> NAMED = List.of(Keys.IMAGES, Keys.SEGMENTS, Keys.TABLE_IMAGES, Keys.CATALOGUE);

    @TempDir
    Path directory = Path.of("");

    private final MemoryObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);
    private RandomHistory history = new RandomHistory(SEED, 2, 20);

    @BeforeEach
    void write() {
        settings = ArchiveFixture.settings(directory, 1 << 20, SEED, true);
        history = new RandomHistory(SEED, 2, 20);
        history.fill(40);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            ArchiveFixture.publishSegment(writer, history, 3);
            ArchiveFixture.publishSegment(writer, history, 3);
            writer.publishTableVersions(history.tableVersions());
            try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, history.lsn())) {
                image.publish(history.lsn(), RandomHistory.START.plusSeconds(98));
            }
        }
        Archive.receipts(objects, settings).put("r1", "{}".getBytes(StandardCharsets.UTF_8));
    }

    private List<String> keys(String prefix) {
        return objects.list(prefix, "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    private CheckReport check(CheckLevel level) {
        return Archive.check(objects, settings, level, new CheckScope.Everything(), CheckListener.SILENT);
    }

    private boolean finds(CheckLevel level) {
        return check(level).findings().stream()
                .anyMatch(finding -> finding.severity() != CheckReport.Severity.HARMLESS);
    }

    @Test
    void everyLevelFindsNothingInAnUnharmedArchive() {
        for (CheckLevel level : CheckLevel.values()) {
            CheckReport report = check(level);
            assertThat(report.findings()).isEmpty();
            assertThat(report.coverage().share()).isEqualTo(1);
            assertThat(report.coverage().objects())
                    .isEqualTo(report.coverage().ofObjects())
                    .isEqualTo(5);
        }
        assertThat(check(CheckLevel.STRUCTURE).records()).isZero();
        assertThat(check(CheckLevel.CHECKSUMS).folded()).isEmpty();
        assertThat(check(CheckLevel.FULL).folded())
                .extracting(CheckReport.Folded::tenant)
                .containsExactlyInAnyOrder("(shared rows)", "(unattributed rows)", "site-0", "site-1");
    }

    @Test
    void foldsAreCountedAndHashed() {
        List<CheckReport.Folded> folded = check(CheckLevel.FULL).folded();
        assertThat(folded).allSatisfy(one -> {
            long rows = history.rows.entrySet().stream()
                    .filter(rowsOf -> Findings.label(rowsOf.getKey()).equals(one.tenant()))
                    .mapToLong(rowsOf -> rowsOf.getValue().size())
                    .sum();
            assertThat(one.rows()).isEqualTo(rows);
            assertThat(one.sha256()).matches("[0-9a-f]{64}");
        });
        assertThat(check(CheckLevel.FULL).folded()).isEqualTo(folded);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishSegment(writer, history, 6);
        }
        assertThat(check(CheckLevel.FULL).folded())
                .extracting(CheckReport.Folded::sha256)
                .isNotEqualTo(folded.stream().map(CheckReport.Folded::sha256).toList());
    }

    @Test
    void structureFindsWhatIsMissingOrTruncatedAndEveryBrokenManifest() {
        for (String prefix : NAMED) {
            for (String key : keys(prefix)) {
                byte[] whole = objects.get(key);
                objects.delete(key);
                assertThat(finds(CheckLevel.STRUCTURE)).as("without %s", key).isTrue();
                objects.putIfAbsent(key, Arrays.copyOf(whole, whole.length - 1));
                assertThat(finds(CheckLevel.STRUCTURE)).as("%s cut", key).isTrue();
                byte[] flipped = whole.clone();
                flipped[whole.length / 2] ^= 1;
                objects.replace(key, flipped);
                assertThat(finds(CheckLevel.STRUCTURE)).as("a bit of %s", key).isFalse();
                assertThat(finds(CheckLevel.CHECKSUMS)).as("a bit of %s", key).isTrue();
                objects.replace(key, whole);
            }
        }
        for (String key : keys(Keys.MANIFESTS)) {
            byte[] whole = objects.get(key);
            for (int at = 0; at < whole.length; at += 7) {
                byte[] flipped = whole.clone();
                flipped[at] ^= 2;
                objects.replace(key, flipped);
                assertThat(finds(CheckLevel.STRUCTURE))
                        .as("byte %d of %s", at, key)
                        .isTrue();
            }
            objects.replace(key, whole);
        }
    }

    @Test
    void lostKeysAreFoundByReading() {
        for (String key : keys(Keys.DATA_KEYS)) {
            byte[] whole = objects.get(key);
            objects.delete(key);
            assertThat(finds(CheckLevel.STRUCTURE)).isFalse();
            assertThat(finds(CheckLevel.CHECKSUMS)).as("without %s", key).isTrue();
            objects.putIfAbsent(key, whole);
        }
    }

    @Test
    void sinceAPositionOnlyWhatCameIsRead() {
        var before = Archive.openReader(objects, settings).state().durableTo();
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishSegment(writer, history, 3);
        }
        List<String> segments = keys(Keys.SEGMENTS);
        CheckScope since = new CheckScope.SincePosition(before);
        CheckReport report = Archive.check(objects, settings, CheckLevel.FULL, since, CheckListener.SILENT);
        assertThat(report.findings()).isEmpty();
        assertThat(report.objects()).isEqualTo(1);
        assertThat(report.coverage().ofObjects()).isEqualTo(6);
        assertThat(report.manifests()).isLessThan(report.coverage().ofObjects());
        assertThat(report.folded()).isNotEmpty();
        assertThat(harmed(segments.get(0), since)).isTrue();
        assertThat(harmed(segments.get(2), since)).isFalse();
        CheckScope sinceTime =
                new CheckScope.SinceTime(settings.clock().instant().plusSeconds(1));
        assertThat(Archive.check(objects, settings, CheckLevel.CHECKSUMS, sinceTime, CheckListener.SILENT)
                        .objects())
                .isZero();
        CheckScope all = new CheckScope.SinceTime(settings.clock().instant().minusSeconds(1));
        assertThat(Archive.check(objects, settings, CheckLevel.CHECKSUMS, all, CheckListener.SILENT)
                        .objects())
                .isEqualTo(6);
    }

    private boolean harmed(String key, CheckScope scope) {
        byte[] whole = objects.get(key);
        byte[] flipped = whole.clone();
        flipped[whole.length / 3] ^= 1;
        objects.replace(key, flipped);
        try {
            return Archive.check(objects, settings, CheckLevel.CHECKSUMS, scope, CheckListener.SILENT)
                    .isSound();
        } finally {
            objects.replace(key, whole);
        }
    }

    @Test
    void aBrokenChainIsFoundBackToThere() {
        byte[] whole = objects.get(Keys.manifest(4));
        CheckScope since = new CheckScope.SincePosition(Lsn.ZERO);
        objects.replace(Keys.manifest(4), objects.get(Keys.manifest(5)));
        assertThat(Archive.check(objects, settings, CheckLevel.STRUCTURE, since, CheckListener.SILENT)
                        .isSound())
                .isFalse();
        objects.replace(Keys.manifest(4), whole);
        assertThat(Archive.check(objects, settings, CheckLevel.STRUCTURE, since, CheckListener.SILENT)
                        .isSound())
                .isTrue();
    }

    @Test
    void samplesComeAroundToEverything() {
        CheckPass pass = CheckPass.begin(42);
        long objectsRead = 0;
        long folds = 0;
        int checks = 0;
        boolean done = false;
        while (!done) {
            CheckReport report = sample(pass);
            assertThat(report.findings()).isEmpty();
            assertThat(report.coverage().seed()).hasValue(42);
            objectsRead += report.coverage().objects();
            folds += report.coverage().partitions();
            pass = report.coverage().next().orElseThrow();
            done = report.coverage().passDone();
            checks++;
        }
        assertThat(objectsRead).isEqualTo(5);
        assertThat(folds).isEqualTo(4);
        assertThat(checks).isGreaterThan(3);
    }

    @Test
    void aPassOfSamplesFindsWhatIsDamaged() {
        String key = keys(Keys.SEGMENTS).getFirst();
        byte[] flipped = objects.get(key);
        flipped[flipped.length / 2] ^= 1;
        objects.replace(key, flipped);
        CheckPass pass = CheckPass.begin(43);
        int found = 0;
        boolean done = false;
        while (!done) {
            CheckReport report = sample(pass);
            found += report.isSound() ? 0 : 1;
            pass = report.coverage().next().orElseThrow();
            done = report.coverage().passDone();
        }
        assertThat(found).isPositive();
    }

    /** Time passes with every look at it: three pieces a check. */
    private CheckReport sample(CheckPass pass) {
        AtomicLong nanos = new AtomicLong();
        CheckScope scope = new CheckScope.Sample(Duration.ofNanos(3), pass, nanos::getAndIncrement);
        return Archive.check(objects, settings, CheckLevel.FULL, scope, CheckListener.SILENT);
    }
}
