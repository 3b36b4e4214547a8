package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody named goes, and what somebody is just writing is written anew if it went. */
final class LeftoverTest {
    @TempDir
    Path directory = Path.of("");

    private static void tidy(ObjectStore objects, ArchiveSettings settings) {
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings)) {
            maintenance.noteLeftovers();
            maintenance.removeReplaced(Duration.ZERO);
        }
    }

    private static boolean fails(Runnable work) {
        try {
            work.run();
            return false;
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            return true;
        }
    }

    private static void compact(ObjectStore objects, ArchiveSettings settings) {
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings)) {
            maintenance.compactOnce();
            maintenance.makeImage(true);
        }
    }

    private static void assertNothingIsLeft(ObjectStore objects, ArchiveSettings settings) {
        assertThat(Archive.check(objects, settings, false, CheckListener.SILENT).findings())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void whatAKilledMergeLeftGoes(FaultyObjectStore.Fault fault) {
        int left = 0;
        for (int n = 1; ; n += 2) {
            CompactionTest.Story story = new CompactionTest.Story(directory, 4);
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(n, fault, true);
            boolean killed = fails(() -> compact(faulty, story.settings));
            try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
                left += maintenance.leftovers().size();
            }
            tidy(story.objects, story.settings);
            story.verify();
            assertNothingIsLeft(story.objects, story.settings);
            if (!killed) {
                assertThat(left).isPositive();
                return;
            }
        }
    }

    /** Killed itself, it leaves everything that is needed, and goes on. */
    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereItGoesOnTheNextTime(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            CompactionTest.Story story = new CompactionTest.Story(directory, 5);
            leaveSomething(story);
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(n, fault, true);
            boolean killed = fails(() -> tidy(faulty, story.settings));
            story.verify();
            tidy(story.objects, story.settings);
            story.verify();
            assertNothingIsLeft(story.objects, story.settings);
            if (!killed) {
                assertThat(n).isGreaterThan(10);
                return;
            }
        }
    }

    private static void leaveSomething(CompactionTest.Story story) {
        String segment = story.objects.list(Keys.SEGMENTS, "", 1).getFirst().key();
        byte[] bytes = story.objects.get(segment);
        story.objects.putIfAbsent(segment.substring(0, segment.length() - 16) + "0123456789abcdef", bytes);
    }

    @Test
    void nothingGoesBeforeTheGracePeriodIsOver() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 6);
        leaveSomething(story);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            List<String> found = maintenance.leftovers();
            assertThat(found).hasSize(1);
            assertThat(maintenance.noteLeftovers()).isEqualTo(1);
            assertThat(maintenance.noteLeftovers()).isZero();
            assertThat(maintenance.leftovers()).isEmpty();
            assertThat(maintenance.removeReplaced(Duration.ofSeconds(1))).isEmpty();
            assertThat(story.objects.size(found.getFirst())).isPresent();
            assertThat(maintenance.retention().waitingObjects()).isEqualTo(1);
            assertThat(maintenance.removeReplaced(Duration.ZERO)).isPresent();
            assertThat(story.objects.size(found.getFirst())).isEmpty();
        }
        story.verify();
    }

    /** A chain that was set back names what was removed, and does not name what took its place: nothing may go then. */
    @Test
    void nothingGoesWhereSomethingIsMissing() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 12);
        leaveSomething(story);
        story.objects.delete(
                story.objects.list(Keys.SEGMENTS, "", 100).getLast().key());
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            assertThat(maintenance.leftovers()).isEmpty();
            assertThat(maintenance.noteLeftovers()).isZero();
        }
    }

    /** Right before and after each object of a writer everything unnamed is given up: it writes it anew. */
    @ParameterizedTest(name = "between {0}")
    @ValueSource(booleans = {false, true})
    void aLiveWriterLosesNothing(boolean isNotedBefore) {
        for (int turn = 1; ; turn++) {
            CompactionTest.Story story = new CompactionTest.Story(
                    ArchiveFixture.settings(directory, 1 << 20, 8, true), new RandomHistory(8, 3, 30), 20);
            InterleavingObjectStore store = new InterleavingObjectStore(
                    story.objects,
                    turn,
                    InterleavingObjectStore.Ending.AS_USUAL,
                    isNotedBefore ? () -> tidy(story.objects, story.settings) : () -> {},
                    isNotedBefore ? () -> {} : () -> tidy(story.objects, story.settings));
            try (ArchiveWriter writer = Archive.openWriter(store, story.settings)) {
                ArchiveFixture.publishImage(writer, story.history);
                story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 2));
                Lsn rewritten = story.history.rewrite(100);
                writer.publishPosition(story.history.lsn(), RandomHistory.START);
                try (ImageWriter image = ArchiveFixture.tableImage(writer, story.history, 100, rewritten)) {
                    image.publish(story.history.lsn(), RandomHistory.START);
                }
                story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 2));
            }
            CompactionTest.verify(story.reader(), story.all);
            tidy(story.objects, story.settings);
            CompactionTest.verify(story.reader(), story.all);
            assertNothingIsLeft(story.objects, story.settings);
            if (store.published() < turn) {
                assertThat(turn).isGreaterThan(8);
                return;
            }
        }
    }

    @Test
    void aMergeThatWasGivenUpIsMadeAnew() {
        for (int turn = 1; ; turn++) {
            CompactionTest.Story story = new CompactionTest.Story(directory, 9);
            InterleavingObjectStore store = new InterleavingObjectStore(
                    story.objects,
                    turn,
                    InterleavingObjectStore.Ending.AS_USUAL,
                    () -> {},
                    () -> tidy(story.objects, story.settings));
            compact(store, story.settings);
            story.verify();
            compact(story.objects, story.settings);
            tidy(story.objects, story.settings);
            story.verify();
            assertNothingIsLeft(story.objects, story.settings);
            if (store.published() < turn) {
                assertThat(turn).isGreaterThan(2);
                return;
            }
        }
    }

    /** A table image of before it takes it out of use. */
    @Test
    void anImageThatIsOutOfUseGoes() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 10);
        int images;
        Lsn position = story.history.lsn();
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings)) {
            writer.publishPosition(position, RandomHistory.START);
            try (ImageWriter image = ArchiveFixture.tableImage(writer, story.history, 100, position)) {
                story.all.addAll(ArchiveFixture.publishSegment(writer, story.history, 2));
                compact(story.objects, story.settings);
                images = story.objects.list(Keys.IMAGES, "", 100).size();
                assertThat(story.reader().state().syntheticImages()).isNotEmpty();
                image.publish(position, RandomHistory.START);
            }
        }
        assertThat(story.reader().state().syntheticImages()).isEmpty();
        tidy(story.objects, story.settings);
        assertThat(story.objects.list(Keys.IMAGES, "", 100)).hasSizeLessThan(images);
        story.verify();
        assertNothingIsLeft(story.objects, story.settings);
    }
}
