package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An image made from an image and what came since holds what a fold yields, and nothing reads otherwise for it. */
final class SyntheticImageTest {
    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everythingReadsAsBefore(long seed) {
        CompactionTest.Story story = CompactionTest.Story.varied(directory, seed);
        int made = 0;
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings);
                ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            ArchiveFixture.publishImage(writer, story.history);
            ArchiveReader old = story.reader();
            for (int step = 0; step < 40; step++) {
                CompactionTest.publishSomething(writer, story.history, story.all);
                switch (story.history.random.nextInt(5)) {
                    case 0 -> maintenance.compactOnce();
                    case 1 -> made += maintenance.makeImage(true).isPresent() ? 1 : 0;
                    default -> {}
                }
            }
            CompactionTest.verify(old, story.all);
            old.refresh();
            CompactionTest.verify(old, story.all);
        }
        assertThat(made).isGreaterThan(3);
        ArchiveReader fresh = story.reader();
        CompactionTest.verify(fresh, story.all);
        CheckReport report = Archive.check(story.objects, story.settings, true, CheckListener.SILENT);
        // those that a later table image took out of use
        assertThat(report.findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.invariant().equals("INV-17")
                        && finding.object().startsWith(Keys.IMAGES));
    }

    /** The state names the image; a fold right before its position and right at it are two different bases. */
    @Test
    void foldsBeginAtIt() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 3);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            ArchiveMaintenance.MadeImage made = maintenance.makeImage(true).orElseThrow();
            assertThat(made.rows())
                    .isEqualTo(story.history.rows.values().stream()
                            .mapToLong(java.util.Map::size)
                            .sum());
            assertThat(maintenance.makeImage(true)).isEmpty();
            assertThat(maintenance.state().images()).hasSize(1);
            assertThat(maintenance.state().syntheticImages()).hasSize(1);
            Snapshot snapshot = story.snapshot();
            Entry.Image begun = snapshot.imagesFor(made.position().previous()).getFirst();
            assertThat(begun.base()).isPresent();
            assertThat(begun.position()).isEqualTo(made.position());
            assertThat(snapshot.imagesFor(made.position().previous().previous())
                            .getFirst()
                            .base())
                    .isEmpty();
        }
        story.verify();
    }

    @Test
    void itIsMadeBeforeWhatIsUncertain() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 4);
        Lsn good = story.history.lsn();
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings);
                ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            Lsn rewritten = story.history.rewrite(100);
            story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 2));
            Lsn uncertain = story.history.lsn();
            story.history.rewrite(100);
            writer.publishPosition(story.history.lsn(), RandomHistory.START);
            try (ImageWriter image = ArchiveFixture.tableImage(writer, story.history, 100, rewritten)) {
                image.publish(story.history.lsn(), RandomHistory.START);
            }
            assertThat(uncertain).isLessThan(story.history.lsn());
            assertThat(maintenance.makeImage(true).orElseThrow().position()).isEqualTo(good);
        }
    }

    /** What is healed later, at a position before the image, is not in it: the image is not used any more. */
    @Test
    void aTableImageBeforeItTakesItOutOfUse() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 5);
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings);
                ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            Lsn rewritten = story.history.rewrite(100);
            writer.publishPosition(story.history.lsn(), RandomHistory.START);
            try (ImageWriter image = ArchiveFixture.tableImage(writer, story.history, 100, rewritten)) {
                Lsn seen = story.history.lsn();
                story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 2));
                assertThat(maintenance.makeImage(true)).isPresent();
                image.publish(seen, RandomHistory.START);
            }
            assertThat(writer.state().syntheticImages()).isEmpty();
            assertThat(story.reader().state().syntheticImages()).isEmpty();
        }
        story.verify();
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereItLeavesAtMostUnnamedObjects(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            CompactionTest.Story story = new CompactionTest.Story(directory, 6);
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(n, fault, true);
            boolean finished = false;
            try (ArchiveMaintenance maintenance = CompactionTest.eager(faulty, story.settings)) {
                maintenance.makeImage(true);
                finished = true;
            } catch (ReinstateException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            }
            story.verify();
            if (finished) {
                assertThat(n).isGreaterThan(30);
                return;
            }
        }
    }

    /** The cost of a restore does not grow with the archive: thousands of segments, and a number of calls that stays. */
    @Test
    void aFoldReadsFewObjectsHoweverOldTheArchiveIs() {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 7);
        MemoryObjectStore objects = new MemoryObjectStore();
        RandomHistory history = new RandomHistory(7, 8, 60);
        ArchiveFixture.create(objects, settings);
        history.fill(200);
        List<Long> calls = new ArrayList<>();
        RandomHistory.Transaction last = history.next();
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            for (int day = 0; day < 3; day++) {
                for (int i = 0; i < 1000; i++) {
                    last = ArchiveFixture.publishSegment(writer, history, 1).getFirst();
                }
                long before = calls(objects, settings, last);
                try (ArchiveMaintenance maintenance = Archive.openMaintenance(objects, settings)) {
                    CompactionTest.compactAll(maintenance);
                    long merged = calls(objects, settings, last);
                    assertThat(maintenance.makeImage(true)).isPresent();
                    long imaged = calls(objects, settings, last);
                    assertThat(before).isGreaterThan(1000);
                    assertThat(merged).isLessThan(200);
                    assertThat(imaged).isLessThan(12);
                    calls.add(merged);
                }
            }
        }
        assertThat(calls.getLast()).isLessThan(calls.getFirst() * 2);
    }

    /** Calls of the object store for one tenant's fold at the end, opening the archive included. */
    private static long calls(ObjectStore objects, ArchiveSettings settings, RandomHistory.Transaction last) {
        FaultyObjectStore counting = new FaultyObjectStore(objects);
        counting.failCall(Long.MAX_VALUE, FaultyObjectStore.Fault.BEFORE, false);
        ArchiveReader reader = Archive.openReader(counting, settings);
        long opened = counting.calls();
        Partition partition = Partition.of(new TenantId("site-1"));
        assertThat(ArchiveFixture.fold(
                        reader, partition, reader.state().durableTo().previous()))
                .isEqualTo(last.after().get(partition));
        return counting.calls() - opened;
    }
}
