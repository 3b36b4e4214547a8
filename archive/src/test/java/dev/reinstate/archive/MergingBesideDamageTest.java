package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Merging and making images go on beside damage: with what a damaged segment was merged from, and where that is gone, around it, so
 * that nothing is lost that could be read.
 */
@ParameterizedClass(name = "seed {0}")
@ValueSource(longs = {21, 22})
final class MergingBesideDamageTest {
    /** Makes one of all. */
    private static final CompactionPlan ALL = new CompactionPlan(2, 1 << 20, 1 << 20, 1);

    @Parameter
    long seed;

    @TempDir
    Path directory = Path.of("");

    private final List<DamageListener.Workaround> heard = new ArrayList<>();
    private final Map<String, List<String>> merges = new HashMap<>();
    private CompactionTest.Story story;
    private ArchiveSettings settings;

    /** How an object may be damaged. */
    enum Harm {
        MISSING,
        CUT,
        BLOCK,
        TIMELINE,
        TAIL,
        HEADER,
        EXCHANGED
    }

    @BeforeEach
    void merge() {
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
                    .ifPresent(merge -> merges.put(
                            merge.into().object().key(),
                            merge.run().stream()
                                    .map(segment -> segment.object().key())
                                    .toList()));
        }
        assertThat(merged()).hasSizeGreaterThan(1);
    }

    private List<Entry.Segment> segments() {
        return story.snapshot().history().segments();
    }

    /** Merged segments in use. */
    private List<Entry.Segment> merged() {
        return segments().stream()
                .filter(segment -> merges.containsKey(segment.object().key()))
                .toList();
    }

    private List<String> sourcesOf(String key) {
        return Objects.requireNonNull(merges.get(key));
    }

    private ArchiveMaintenance maintenance(ObjectStore store) {
        return StoredArchiveMaintenance.open(new ArchiveObjects(store), settings, ALL);
    }

    private void harm(Entry.Segment segment, Harm harm) {
        String key = segment.object().key();
        byte[] bytes = story.objects.get(key);
        switch (harm) {
            case MISSING -> story.objects.delete(key);
            case CUT -> story.objects.replace(key, Arrays.copyOf(bytes, bytes.length / 2));
            case BLOCK -> flip(key, 100);
            case TIMELINE ->
                flip(key, (int) story.snapshot().objects().tail(segment).timelineOffset() + 1);
            case TAIL -> flip(key, bytes.length - 10);
            case HEADER -> flip(key, 5);
            case EXCHANGED ->
                story.objects.replace(key, story.objects.get(sourcesOf(key).getFirst()));
        }
    }

    private void flip(String key, int at) {
        byte[] bytes = story.objects.get(key);
        bytes[at] ^= 4;
        story.objects.replace(key, bytes);
    }

    private void verify() {
        CompactionTest.verify(Archive.openReader(story.objects, settings), story.all);
    }

    private void assertSound() {
        heard.clear();
        verify();
        assertThat(heard).isEmpty();
        CheckReport report = Archive.check(
                story.objects, story.settings, CheckLevel.FULL, new CheckScope.Everything(), CheckListener.SILENT);
        assertThat(report.findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.invariant().equals("INV-17"));
    }

    /** A merge does not look at headers. */
    private void assertHeard(List<Entry.Segment> damaged, Harm harm) {
        if (harm != Harm.HEADER) {
            assertThat(heard)
                    .hasSize(damaged.size())
                    .allSatisfy(one -> assertThat(one.instead()).contains("segments that it was merged from"));
            for (Entry.Segment segment : damaged) {
                assertThat(heard)
                        .anyMatch(one -> one.damage().contains(segment.object().key()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void damagedSegmentsAreMergedFromWhatTheyWereMergedFrom(Harm harm) {
        List<Entry.Segment> damaged = merged();
        ArchiveReader old = story.reader();
        damaged.forEach(segment -> harm(segment, harm));
        heard.clear();
        try (ArchiveMaintenance maintenance = maintenance(story.objects)) {
            CompactionTest.compactAll(maintenance);
            assertThat(maintenance.leftDamaged()).isEmpty();
            assertHeard(damaged, harm);
            assertThat(maintenance.state().segmentCount()).isEqualTo(1);
            if (harm != Harm.MISSING) { // to somebody who reads an older state it was removed
                CompactionTest.verify(old, story.all);
            }
            // what it replaced, and what stood in for that, is not needed any more
            assertThat(maintenance.removeReplaced(Duration.ZERO).orElseThrow().locked())
                    .isZero();
        }
        assertThat(story.objects.list(Keys.SEGMENTS, "", 100)).hasSize(1);
        assertSound();
    }

    @ParameterizedTest
    @EnumSource
    void anImageIsMadeFromWhatDamagedSegmentsWereMergedFrom(Harm harm) {
        List<Entry.Segment> damaged = merged();
        List<byte[]> whole = damaged.stream()
                .map(segment -> story.objects.get(segment.object().key()))
                .toList();
        damaged.forEach(segment -> harm(segment, harm));
        heard.clear();
        try (ArchiveMaintenance maintenance = maintenance(story.objects)) {
            assertThat(maintenance.makeImage(true)).isPresent();
            assertThat(maintenance.leftDamaged()).isEmpty();
        }
        if (harm != Harm.TIMELINE) { // an image does not need it
            assertHeard(damaged, harm);
        }
        for (int i = 0; i < damaged.size(); i++) {
            String key = damaged.get(i).object().key();
            story.objects.delete(key);
            story.objects.putIfAbsent(key, whole.get(i));
        }
        assertSound();
    }

    /** Nothing stands in for it: it stays as it is, with all that is left of it, and all else is merged. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HEADER")
    void whatNothingStandsInForIsLeftAlone(Harm harm) {
        Entry.Segment damaged = merged().getFirst();
        String key = damaged.object().key();
        byte[] whole = story.objects.get(key);
        harm(damaged, harm);
        merges.values()
                .forEach(run -> run.stream()
                        .filter(source -> !merges.containsKey(source))
                        .limit(1)
                        .forEach(story.objects::delete));
        try (ArchiveMaintenance maintenance = maintenance(story.objects)) {
            story.publish(4);
            assertThat(segments()).hasSizeGreaterThan(4);
            CompactionTest.compactAll(maintenance);
            assertThat(maintenance.leftDamaged()).singleElement().satisfies(left -> {
                assertThat(left.kind()).isEqualTo(FailureKind.DAMAGED);
                assertThat(left.what()).contains(key);
            });
            assertThat(segments()).hasSizeLessThanOrEqualTo(3).contains(damaged);
            if (harm != Harm.TIMELINE) {
                assertThat(maintenance.makeImage(true)).isEmpty();
                assertThat(maintenance.leftDamaged()).hasSize(2);
                assertThat(maintenance.makeImage(true)).isEmpty(); // not tried again
                assertThat(maintenance.leftDamaged()).hasSize(2);
                story.publishImage();
                story.publish(2);
                assertThat(maintenance.makeImage(true)).isPresent();
            }
            // what is left of its sources may be all that can be read of some
            assertThat(maintenance.removeReplaced(Duration.ZERO).orElseThrow().locked())
                    .isEqualTo(1);
            assertThat(sourcesOf(key).stream()
                            .filter(source -> story.objects.size(source).isPresent()))
                    .hasSize(sourcesOf(key).size() - 1);
        }
        story.objects.delete(key);
        story.objects.putIfAbsent(key, whole);
        try (ArchiveMaintenance maintenance = maintenance(story.objects)) {
            CompactionTest.compactAll(maintenance); // now it can be read
            assertThat(maintenance.leftDamaged()).isEmpty();
            maintenance.removeReplaced(Duration.ZERO);
        }
        assertThat(segments()).hasSize(1);
        assertSound();
    }

    /** Of segments that stand in for one, some may be damaged that were merged themselves. */
    @Test
    void whatStandsInMayBeDamagedItself() {
        Entry.Segment damaged = merged().stream()
                .filter(segment -> sourcesOf(segment.object().key()).stream().anyMatch(merges::containsKey))
                .findFirst()
                .orElseThrow();
        String key = damaged.object().key();
        String inner =
                sourcesOf(key).stream().filter(merges::containsKey).findFirst().orElseThrow();
        harm(damaged, Harm.BLOCK);
        flip(inner, 100);
        heard.clear();
        try (ArchiveMaintenance maintenance = maintenance(story.objects)) {
            CompactionTest.compactAll(maintenance);
            assertThat(maintenance.leftDamaged()).isEmpty();
        }
        assertThat(heard).extracting(DamageListener.Workaround::damage).hasSize(2);
        assertThat(heard.getFirst().damage()).contains(key);
        assertThat(heard.getLast().damage()).contains(inner);
        verify();
    }

    /** After the merge, what stood in goes: the segment must be on the disk as it was written. */
    @Test
    void whatIsMadeOfStandInsIsReadBeforeItIsNamed() {
        merged().forEach(segment -> harm(segment, Harm.BLOCK));
        List<String> known = story.objects.list(Keys.SEGMENTS, "", 100).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
        ObjectStore store = new InterleavingObjectStore(
                story.objects,
                1,
                InterleavingObjectStore.Ending.AS_USUAL,
                () -> {},
                () -> story.objects.list(Keys.SEGMENTS, "", 100).stream()
                        .map(ObjectStore.ObjectSummary::key)
                        .filter(key -> !known.contains(key))
                        .forEach(key -> flip(key, 100)));
        try (ArchiveMaintenance maintenance = maintenance(store)) {
            CompactionTest.compactAll(maintenance);
            assertThat(maintenance.leftDamaged()).hasSize(1);
            maintenance.removeReplaced(Duration.ZERO);
        }
        verify();
    }

    @ParameterizedTest
    @EnumSource
    void killedAnywhereNothingIsLost(FaultyObjectStore.Fault fault) {
        for (int n = seed % 2 == 0 ? 1 : 3; ; n += 4) {
            story = new CompactionTest.Story(directory, seed);
            merges.clear();
            merge();
            merged().forEach(segment -> harm(segment, Harm.BLOCK));
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(n, fault, true);
            boolean finished = false;
            try (ArchiveMaintenance maintenance = maintenance(faulty)) {
                maintenance.compactOnce();
                maintenance.makeImage(true);
                maintenance.removeReplaced(Duration.ZERO);
                finished = true;
            } catch (ReinstateException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            }
            verify();
            if (finished) {
                assertThat(n).isGreaterThan(30);
                assertSound();
                return;
            }
        }
    }
}
