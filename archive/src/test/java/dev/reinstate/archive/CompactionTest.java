package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.Merging;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Merging segments changes nothing that can be read, whatever happens meanwhile. */
final class CompactionTest {
    /** Merges as soon as it can. */
    static final CompactionPlan EAGER = new CompactionPlan(3, 2000, 1000, 3);

    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everythingReadsAsBefore(long seed) {
        Story story = Story.varied(directory, seed);
        int merged = 0;
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings);
                ArchiveMaintenance maintenance = eager(story.objects, story.settings)) {
            ArchiveFixture.publishImage(writer, story.history);
            ArchiveReader old = story.reader();
            for (int step = 0; step < 40; step++) {
                publishSomething(writer, story.history, story.all);
                if (step == 20) {
                    old.refresh();
                }
                if (story.history.random.nextInt(3) == 0) {
                    Optional<ArchiveMaintenance.Merged> one = maintenance.compactOnce();
                    merged += one.isPresent() ? 1 : 0;
                }
            }
            verify(old, story.all);
            List<ArchiveReader.TenantSummary> tenants = story.reader().tenants();
            merged += compactAll(maintenance);
            ArchiveReader fresh = story.reader();
            assertThat(fresh.tenants()).isEqualTo(tenants);
            verify(fresh, story.all);
            verify(old, story.all);
            old.refresh();
            assertThat(old.state()).isEqualTo(fresh.state());
            verify(old, story.all);
            assertThat(fresh.state().segmentCount()).isLessThan(25);
        }
        assertThat(merged).isGreaterThan(3);
        CheckReport report = Archive.check(story.objects, story.settings, true, CheckListener.SILENT);
        assertThat(report.findings()).isEmpty();
    }

    static ArchiveMaintenance eager(ObjectStore objects, ArchiveSettings settings) {
        return StoredArchiveMaintenance.open(new ArchiveObjects(objects), settings, EAGER, 5);
    }

    /** Until there is nothing to merge; how often it merged. */
    static int compactAll(ArchiveMaintenance maintenance) {
        int merges = 0;
        while (maintenance.compactOnce().isPresent()) {
            merges++;
        }
        return merges;
    }

    static void publishSomething(ArchiveWriter writer, RandomHistory history, List<RandomHistory.Transaction> all) {
        switch (history.random.nextInt(12)) {
            case 0 -> ArchiveFixture.publishImage(writer, history);
            case 1 -> {
                Lsn rewritten = history.rewrite(100);
                writer.publishPosition(history.lsn(), RandomHistory.START);
                try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, rewritten)) {
                    image.publish(history.lsn(), RandomHistory.START);
                }
            }
            case 2 -> {
                history.rewrite(200);
                writer.publishGap(RandomHistory.START, "the slot was dropped");
                ArchiveFixture.publishImage(writer, history);
            }
            case 3 -> writer.publishPosition(history.lsn(), RandomHistory.START);
            default -> all.addAll(ArchiveFixture.publishSegment(writer, history, 1 + history.random.nextInt(4)));
        }
    }

    /** Folds, changes and commits at every position the reader can see. */
    static void verify(ArchiveReader reader, List<RandomHistory.Transaction> all) {
        Lsn end = reader.state().durableTo();
        List<RandomHistory.Transaction> seen = all.stream()
                .filter(transaction -> transaction.commit().commitLsn().isBefore(end))
                .toList();
        for (RandomHistory.Transaction transaction : seen) {
            ArchiveFixture.assertFolds(reader, transaction.commit().commitLsn(), transaction.after());
        }
        assertThat(reader.commits(Lsn.ZERO, end))
                .isEqualTo(seen.stream().map(RandomHistory.Transaction::commit).toList());
        for (Partition partition : all.getLast().after().keySet()) {
            List<Object> found = new ArrayList<>();
            try (ArchiveReader.ChangeStream changes = reader.changes(partition, Lsn.ZERO, end)) {
                changes.forEachRemaining(found::add);
            }
            assertThat(found)
                    .containsExactlyInAnyOrderElementsOf(seen.stream()
                            .flatMap(transaction -> transaction.changes().stream())
                            .filter(change -> change.partition().equals(partition))
                            .map(Object.class::cast)
                            .toList());
        }
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereItLeavesAtMostAnUnnamedObject(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            Story story = new Story(directory, 5);
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(n, fault, true);
            boolean finished = compact(faulty, story.settings);
            story.verify();
            assertThat(compact(story.objects, story.settings)).isTrue();
            story.verify();
            if (finished) {
                assertThat(n).isGreaterThan(30);
                return;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void oneFailureIsMendedByCallingAgain(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            Story story = new Story(directory, 6);
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(Long.MAX_VALUE, fault, false);
            try (ArchiveMaintenance maintenance = eager(faulty, story.settings)) {
                faulty.failCall(n, fault, false);
                boolean more = true;
                while (more) {
                    try {
                        more = maintenance.compactOnce().isPresent();
                    } catch (ReinstateException e) {
                        assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
                    }
                }
                assertThat(maintenance.state().segmentCount()).isLessThan(12);
            }
            story.verify();
            if (faulty.calls() < n) {
                assertThat(n).isGreaterThan(30);
                return;
            }
        }
    }

    private static boolean compact(ObjectStore objects, ArchiveSettings settings) {
        try (ArchiveMaintenance maintenance = eager(objects, settings)) {
            compactAll(maintenance);
            return true;
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            return false;
        }
    }

    /** The writer publishes, or another compaction does its work, right before and after each object of this one. */
    @Test
    void othersMayGoFirst() {
        for (int turn = 1; ; turn++) {
            Story story = new Story(directory, 7);
            try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings)) {
                InterleavingObjectStore store = new InterleavingObjectStore(
                        story.objects,
                        turn,
                        InterleavingObjectStore.Ending.AS_USUAL,
                        () -> {
                            story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 2));
                            compact(story.objects, story.settings);
                        },
                        () -> story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 1)));
                assertThat(compact(store, story.settings)).isTrue();
                story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 1));
                story.verify();
                if (store.published() < turn) {
                    assertThat(turn).isGreaterThan(6);
                    return;
                }
            }
        }
    }

    @Test
    void aMergedSegmentIsComparedWithThoseItReplaced() {
        Story story = new Story(directory, 8);
        compact(story.objects, story.settings);
        // One that is sound in itself and claims to stand for others: the first ones' content under the manifest of
        // all.
        story.forgeMerge();
        CheckReport report = Archive.check(story.objects, story.settings, false, CheckListener.SILENT);
        assertThat(report.findings())
                .anyMatch(finding -> finding.severity() == CheckReport.Severity.DAMAGE
                        && finding.invariant().equals("INV-24"));
    }

    @Test
    void pagesOfManySegmentsAreReadAgainWhenTheyAreMerged() {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 9);
        MemoryObjectStore objects = new MemoryObjectStore();
        RandomHistory history = new RandomHistory(9, 3, 20);
        ArchiveFixture.create(objects, settings);
        List<RandomHistory.Transaction> all = new ArrayList<>();
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            for (int i = 0; i < 1300; i++) {
                all.addAll(ArchiveFixture.publishSegment(writer, history, 1));
            }
        }
        assertThat(objects.list(Keys.PAGES, "", 10)).hasSize(2);
        CompactionPlan hundreds = new CompactionPlan(40, 100_000, 100_000, 2);
        try (ArchiveMaintenance maintenance =
                StoredArchiveMaintenance.open(new ArchiveObjects(objects), settings, hundreds)) {
            assertThat(maintenance.compactOnce()).isPresent();
            ArchiveReader reader = Archive.openReader(objects, settings);
            assertThat(reader.state()).isEqualTo(maintenance.state());
            compactAll(maintenance);
        }
        ArchiveReader reader = Archive.openReader(objects, settings);
        assertThat(reader.state().segmentCount()).isLessThan(80);
        for (int i = 0; i < all.size(); i += 100) {
            ArchiveFixture.assertFolds(
                    reader, all.get(i).commit().commitLsn(), all.get(i).after());
        }
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
        // a page that is lost costs time, nothing else
        objects.list(Keys.PAGES, "", 10).forEach(page -> objects.delete(page.key()));
        assertThat(Archive.openReader(objects, settings).state()).isEqualTo(reader.state());
    }

    /** An archive and the truth about it. */
    static class Story {
        final MemoryObjectStore objects = new MemoryObjectStore();
        final ArchiveSettings settings;
        final RandomHistory history;
        final List<RandomHistory.Transaction> all = new ArrayList<>();

        /** Nothing is published yet. */
        Story(ArchiveSettings settings, RandomHistory history, int filled) {
            this.settings = settings;
            this.history = history;
            ArchiveFixture.create(objects, settings);
            history.fill(filled);
        }

        /** With an image and ten segments to merge. */
        Story(Path directory, long seed) {
            this(ArchiveFixture.settings(directory, 1 << 20, seed, seed % 2 == 0), new RandomHistory(seed, 3, 30), 20);
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                ArchiveFixture.publishImage(writer, history);
                publish(writer, 10);
            }
        }

        /** Of short texts, or of long ones and with little memory; nothing is published yet. */
        static Story varied(Path directory, long seed) {
            boolean small = seed % 2 == 0;
            return new Story(
                    ArchiveFixture.settings(directory, small ? 1 << 20 : 64 << 10, seed, seed % 4 < 2),
                    new RandomHistory(seed, 4, small ? 40 : 3000),
                    30);
        }

        void publish(ArchiveWriter writer, int segments) {
            for (int i = 0; i < segments; i++) {
                all.addAll(ArchiveFixture.publishSegment(writer, history, 2));
            }
        }

        void publish(int segments) {
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                publish(writer, segments);
            }
        }

        void publishImage() {
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                ArchiveFixture.publishImage(writer, history);
            }
        }

        ArchiveReader reader() {
            return Archive.openReader(objects, settings);
        }

        Snapshot snapshot() {
            return StoredArchiveReader.open(new ArchiveObjects(objects), settings)
                    .snapshot();
        }

        void verify() {
            CompactionTest.verify(reader(), all);
            CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
            assertThat(report.findings())
                    .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                            && finding.invariant().equals("INV-17"));
        }

        /** Says of two segments that one of them stands for both. */
        void forgeMerge() {
            ArchiveObjects archive = new ArchiveObjects(objects);
            publish(2);
            ManifestLog log = ManifestLog.maintenance(archive, settings, Chain.open(archive, settings));
            List<Entry.Segment> segments = new SegmentCatalog(
                            archive, log.chain().keys().documents())
                    .all(log.chain().history());
            List<Entry.Segment> run = segments.subList(segments.size() - 2, segments.size());
            Entry.Segment forged = new Entry.Segment(
                    run.getFirst().from(),
                    run.getLast().to(),
                    run.getFirst().object(),
                    Merging.changes(run),
                    Merging.commits(run));
            log.append(state ->
                    Optional.of(new Entry.MergedSegment(forged, RandomHistory.START, 0, Merging.replaced(run))));
        }
    }
}
