package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.format.BlockHeader;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Change;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Merging, images and removal never bring an erased tenant back, nor keep it from being erased, nor harm others. */
final class CompactionErasureTest {
    private static final TenantId GONE = new TenantId("site-1");

    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatIsErasedStaysErasedAndAllElseReadsAsBefore(long seed) {
        Story story = new Story(seed, 30);
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings);
                ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            for (int step = 0; step < 50; step++) {
                if (step == 20 || step == 40) {
                    story.clear(writer);
                    story.erase();
                } else {
                    CompactionTest.publishSomething(writer, story.history, story.all);
                }
                switch (story.history.random.nextInt(8)) {
                    case 0, 1, 2 -> maintenance.compactOnce();
                    case 3 -> maintenance.makeImage(true);
                    case 4 -> maintenance.removeReplaced(Duration.ZERO);
                    default -> {}
                }
            }
            CompactionTest.compactAll(maintenance);
        }
        story.verify();
        story.assertNothingIsLeft();
        assertThat(story.reader().tenants().stream()
                        .filter(tenant -> tenant.tenant().equals(GONE))
                        .mapToLong(ArchiveReader.TenantSummary::rows)
                        .sum())
                .isEqualTo(story.history
                        .rows
                        .getOrDefault(story.gone, new TreeMap<>())
                        .size());
    }

    /** Right before any call of the object store, the tenant may be erased by somebody else. */
    @ParameterizedTest(name = "step {0}")
    @ValueSource(ints = {0, 1})
    void anErasureMayComeAtAnyTime(int first) {
        for (int turn = 1 + first; ; turn += 2) {
            Story story = new Story(7, 6);
            AtomicLong calls = new AtomicLong();
            ObjectStore store = ArchiveFixture.beforeCall(story.objects, turn, calls, story::erase);
            boolean isErasedLater;
            try (ArchiveMaintenance maintenance = CompactionTest.eager(store, story.settings)) {
                CompactionTest.compactAll(maintenance);
                assertThat(maintenance.makeImage(true)).isPresent();
                maintenance.removeReplaced(Duration.ZERO);
                isErasedLater = calls.get() < turn;
            }
            verifyErased(story, isErasedLater);
            if (isErasedLater) {
                assertThat(turn).isGreaterThan(60);
                return;
            }
        }
    }

    /** Whether it was erased under way, or is only now, since that call was not reached. */
    private static void verifyErased(Story story, boolean isErasedLater) {
        if (isErasedLater) {
            story.erase();
            story.verify();
        } else {
            // keys are read ahead in other threads: it may be one of them that came to the call
            assertThat(story.erased.orTimeout(60, TimeUnit.SECONDS).join()).isNotNull();
            story.verify();
            story.assertNothingIsLeft();
        }
    }

    /** What stands in for a damaged segment holds what the segment does not hold any more. */
    @ParameterizedTest(name = "erased {0}")
    @ValueSource(strings = {"before", "since", "both"})
    void neitherBesideDamage(String when) {
        Story story = new Story(11, 30);
        if (!when.equals("since")) {
            story.erase();
        }
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            CompactionTest.compactAll(maintenance);
        }
        if (when.equals("both")) {
            try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings)) {
                story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 4));
                story.clear(writer);
            }
        }
        if (!when.equals("before")) {
            story.erase();
        }
        Snapshot snapshot = story.snapshot();
        snapshot.history().segments().stream()
                .filter(segment -> !snapshot.sources().of(segment).isEmpty())
                .forEach(segment -> story.objects.delete(segment.object().key()));
        try (ArchiveMaintenance maintenance = StoredArchiveMaintenance.open(
                new ArchiveObjects(story.objects), story.settings, new CompactionPlan(2, 1 << 20, 1 << 20, 1))) {
            CompactionTest.compactAll(maintenance);
            assertThat(maintenance.leftDamaged()).isEmpty();
            maintenance.removeReplaced(Duration.ZERO);
        }
        assertThat(story.snapshot().history().segments()).hasSize(1);
        story.verify();
        story.assertNothingIsLeft();
    }

    /** The image before has blocks of it, which are made of older objects like those of any other. */
    @ParameterizedTest(name = "erased {0}")
    @ValueSource(strings = {"before", "since", "both"})
    void neitherByAnOlderImage(String when) {
        Story story = new Story(12, 30);
        if (!when.equals("since")) {
            story.erase();
        }
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            assertThat(maintenance.makeImage(true)).isPresent();
        }
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings)) {
            story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 4));
            story.clear(writer);
        }
        if (!when.equals("before")) {
            story.erase();
        }
        withoutNewestImage(story, () -> {
            try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
                assertThat(maintenance.makeImage(true)).isPresent();
            }
        });
        assertThat(story.snapshot().history().images()).hasSize(3);
        story.verify();
        story.assertNothingIsLeft();
    }

    private static void withoutNewestImage(Story story, Runnable action) {
        String key = story.snapshot()
                .history()
                .images()
                .getLast()
                .parts()
                .getFirst()
                .object()
                .key();
        byte[] whole = story.objects.get(key);
        story.objects.delete(key);
        action.run();
        story.objects.putIfAbsent(key, whole);
    }

    /** Right before any call of the object store, also while the older image is read. */
    @Test
    void anErasureMayComeWhileAnOlderImageServes() {
        for (int turn = 1; ; turn++) {
            Story story = new Story(8, 6);
            try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
                assertThat(maintenance.makeImage(true)).isPresent();
            }
            try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings)) {
                story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 4));
                story.clear(writer);
            }
            AtomicLong calls = new AtomicLong();
            ObjectStore store = ArchiveFixture.beforeCall(story.objects, turn, calls, story::erase);
            withoutNewestImage(story, () -> {
                try (ArchiveMaintenance maintenance = CompactionTest.eager(store, story.settings)) {
                    assertThat(maintenance.makeImage(true)).isPresent();
                    assertThat(maintenance.leftDamaged()).isEmpty();
                }
            });
            boolean isErasedLater = calls.get() < turn;
            verifyErased(story, isErasedLater);
            if (isErasedLater) {
                assertThat(turn).isGreaterThan(40);
                return;
            }
        }
    }

    @Test
    void whatWasLeftOutIsCounted() {
        Story story = new Story(9, 6);
        story.erase();
        long changes = 0;
        long erased = 0;
        for (RandomHistory.Transaction transaction : story.all) {
            for (Change change : transaction.changes()) {
                changes++;
                erased += change.partition().equals(story.gone) ? 1 : 0;
            }
        }
        assertThat(erased).isPositive();
        CompactionPlan pairs = new CompactionPlan(2, 1 << 20, 1 << 20, 1);
        try (ArchiveMaintenance maintenance =
                StoredArchiveMaintenance.open(new ArchiveObjects(story.objects), story.settings, pairs)) {
            CompactionTest.compactAll(maintenance);
            maintenance.removeReplaced(Duration.ZERO);
        }
        Snapshot snapshot = story.snapshot();
        assertThat(snapshot.catalog().all(snapshot.history()))
                .singleElement()
                .extracting(Entry.Segment::changes)
                .isEqualTo(changes - erased);
        story.verify();
    }

    /** An encrypted archive of a tenant that is gone from the database. */
    private final class Story extends CompactionTest.Story {
        final Partition gone = Partition.of(GONE);
        final CompletableFuture<Lsn> erased = new CompletableFuture<>();
        Lsn erasedTo = Lsn.ZERO;

        Story(long seed, int rows) {
            super(ArchiveFixture.settings(directory, 1 << 20, seed, true), new RandomHistory(seed, 3, 30), rows);
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                ArchiveFixture.publishImage(writer, history);
                publish(writer, 5);
                clear(writer);
            }
        }

        void clear(ArchiveWriter writer) {
            RandomHistory.Transaction cleared = history.clear(gone);
            all.add(cleared);
            ArchiveFixture.publish(writer, List.of(cleared));
        }

        void erase() {
            ArchiveMaintenance maintenance = Archive.openMaintenance(objects, settings);
            maintenance.scheduleErasure(GONE, RandomHistory.START, "asked to be forgotten");
            maintenance.executeErasure(GONE);
            erasedTo = maintenance.state().durableTo();
            maintenance.close();
            erased.complete(erasedTo);
        }

        @Override
        void verify() {
            ArchiveReader reader = reader();
            ArchiveFixture.verifyUnknown(reader);
            for (RandomHistory.Transaction transaction : all) {
                Lsn position = transaction.commit().commitLsn();
                transaction.after().forEach((partition, rows) -> {
                    if (partition.equals(gone) && position.isBefore(erasedTo)) {
                        assertThatThrownBy(() -> ArchiveFixture.fold(reader, partition, position))
                                .isInstanceOfSatisfying(
                                        ReinstateException.class,
                                        e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE));
                    } else {
                        assertThat(ArchiveFixture.fold(reader, partition, position))
                                .as("fold of %s at %s", partition, position)
                                .isEqualTo(rows);
                    }
                });
            }
            assertThat(Archive.check(objects, settings, true, CheckListener.SILENT)
                            .findings())
                    .allMatch(finding -> finding.invariant().equals("INV-17"));
        }

        /** That the erased keys are gone, and that nothing made of older objects since has a block under them. */
        void assertNothingIsLeft() {
            Snapshot snapshot = snapshot();
            Token token = snapshot.token(gone);
            assertThat(objects.list("key/" + token, "", 9))
                    .allMatch(key -> key.key()
                            .equals(Keys.dataKey(token, snapshot.history().generationOf(token))));
            int generation = 0;
            for (long number = 1; number <= snapshot.number(); number++) {
                byte[] bytes = objects.get(Keys.manifest(number));
                switch (ManifestJson.read(
                                Keys.manifest(number), bytes, snapshot.keys().documents())
                        .entry()) {
                    case Entry.Erasure erasure -> generation += erasure.step() == Entry.ErasureStep.EXECUTED ? 1 : 0;
                    case Entry.MergedSegment merged -> assertNewer(snapshot, merged.segment(), token, generation);
                    case Entry.SyntheticImage made -> {
                        for (Entry.Part part : made.image().parts()) {
                            assertNewer(snapshot, part, token, generation);
                        }
                    }
                    default -> {}
                }
            }
        }

        private void assertNewer(Snapshot snapshot, Entry.Segment segment, Token token, int generation) {
            if (objects.size(segment.object().key()).isPresent()) {
                assertNewer(segment.object(), snapshot.objects().tail(segment), token, generation);
            }
        }

        private void assertNewer(Snapshot snapshot, Entry.Part part, Token token, int generation) {
            assertNewer(part.object(), snapshot.objects().tail(part), token, generation);
        }

        private void assertNewer(StoredObject object, ObjectTail tail, Token token, int generation) {
            IndexSection.Entry run = tail.index().find(token);
            if (run.blockCount() > 0) {
                byte[] header = objects.getRange(object.key(), run.offset(), BlockHeader.BYTES);
                int found = BlockHeader.read(header, 0, object.id(), run.firstBlock())
                        .generation()
                        .orElseThrow();
                assertThat(found).as("key of %s", object.key()).isGreaterThanOrEqualTo(generation);
            }
        }
    }
}
