package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was replaced may go, and nothing else ever goes. */
final class ReplacedRemovalTest {
    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyMomentStays(long seed) {
        CompactionTest.Story story = new CompactionTest.Story(
                ArchiveFixture.settings(directory, 1 << 20, seed, seed % 2 == 0), new RandomHistory(seed, 4, 40), 30);
        long removed = 0;
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings);
                ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            ArchiveFixture.publishImage(writer, story.history);
            for (int step = 0; step < 60; step++) {
                CompactionTest.publishSomething(writer, story.history, story.all);
                switch (story.history.random.nextInt(6)) {
                    case 0, 1 -> maintenance.compactOnce();
                    case 2 -> maintenance.makeImage(true);
                    case 3 ->
                        removed += maintenance
                                .removeReplaced(Duration.ZERO)
                                .map(ArchiveMaintenance.Removed::objects)
                                .orElse(0L);
                    default -> {}
                }
            }
        }
        assertThat(removed).isGreaterThan(5);
        CompactionTest.verify(story.reader(), story.all);
        assertThat(Archive.check(story.objects, story.settings, true, CheckListener.SILENT)
                        .findings())
                .allMatch(finding ->
                        finding.invariant().equals("INV-17") && finding.object().startsWith(Keys.IMAGES));
    }

    @Test
    void nothingGoesBeforeTheGracePeriodIsOver() {
        CompactionTest.Story story = merged(1);
        List<String> before = segments(story.objects);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            assertThat(maintenance.removeReplaced(Duration.ofSeconds(1))).isEmpty();
            assertThat(segments(story.objects)).isEqualTo(before);
            ArchiveMaintenance.Removed due = maintenance.replaced(Duration.ZERO);
            assertThat(segments(story.objects)).isEqualTo(before);
            assertThat(maintenance.removeReplaced(Duration.ZERO)).contains(due);
            assertThat(segments(story.objects)).hasSize(before.size() - (int) due.objects());
            assertThat(maintenance.removeReplaced(Duration.ZERO)).isEmpty();
            assertThat(segments(story.objects))
                    .hasSize((int) maintenance.state().segmentCount());
        }
        story.verify();
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereItGoesOnTheNextTime(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            CompactionTest.Story story = merged(2);
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(n, fault, true);
            boolean finished = remove(faulty, story.settings);
            story.verify();
            assertThat(remove(story.objects, story.settings)).isTrue();
            story.verify();
            try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
                assertThat(segments(story.objects))
                        .hasSize((int) maintenance.state().segmentCount());
            }
            if (finished) {
                assertThat(n).isGreaterThan(15);
                return;
            }
        }
    }

    /** A reader that saw the state before either has what it reads, or is told to read again; never anything wrong. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {3, 4})
    void whoReadsAnOlderStateIsToldToBeginAgain(long seed) {
        CompactionTest.Story story = new CompactionTest.Story(directory, seed);
        ArchiveReader old = story.reader();
        assertThat(old.tenants()).isNotEmpty(); // it has read every tail
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            CompactionTest.compactAll(maintenance);
            assertThat(maintenance.removeReplaced(Duration.ZERO)).isPresent();
        }
        int refused = 0;
        for (RandomHistory.Transaction transaction : story.all) {
            for (Map.Entry<Partition, SortedMap<RandomHistory.RowId, Tuple>> rows :
                    transaction.after().entrySet()) {
                try {
                    assertThat(ArchiveFixture.fold(
                                    old, rows.getKey(), transaction.commit().commitLsn()))
                            .isEqualTo(rows.getValue());
                } catch (ReinstateException e) {
                    assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
                    assertThat(e).hasMessageContaining("was removed").hasMessageContaining("run it again");
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(5);
        old.refresh();
        CompactionTest.verify(old, story.all);
        // what is missing and named is damage all the same
        story.objects.delete(segments(story.objects).getFirst());
        assertThatThrownBy(() -> CompactionTest.verify(old, story.all))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
    }

    private static boolean remove(ObjectStore objects, ArchiveSettings settings) {
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings)) {
            maintenance.removeReplaced(Duration.ZERO);
            return true;
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            return false;
        }
    }

    private CompactionTest.Story merged(long seed) {
        CompactionTest.Story story = new CompactionTest.Story(directory, seed);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            CompactionTest.compactAll(maintenance);
        }
        return story;
    }

    private static List<String> segments(ObjectStore objects) {
        return objects.list(Keys.SEGMENTS, "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }
}
