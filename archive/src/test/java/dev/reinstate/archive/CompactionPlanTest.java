package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Merging;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However segments come, few are left, and none is written often. */
final class CompactionPlanTest {
    private static final CompactionPlan PLAN = CompactionPlan.DEFAULT;
    private static final long MB = 1 << 20;

    private final List<Entry.Segment> segments = new ArrayList<>();
    private long written;
    private long end;

    private static Entry.Segment segment(long from, long to, long bytes, long commits) {
        StoredObject object = new StoredObject("segment/" + from, new ObjectId("0".repeat(32)), bytes, "", 0, 1);
        return new Entry.Segment(
                new Lsn(from),
                new Lsn(to),
                object,
                commits,
                new Entry.Commits(commits, new Lsn(from), new Lsn(to - 1), RandomHistory.START, RandomHistory.START));
    }

    private void arrive(long bytes, long commits) {
        segments.add(segment(end, end + 10, bytes, commits));
        end += 10;
    }

    private void compact() {
        History.Stretch range = new History.Stretch(Lsn.ZERO, RandomHistory.START, new Lsn(end), RandomHistory.START);
        Optional<List<Entry.Segment>> next = PLAN.next(List.of(range), segments);
        while (next.isPresent()) {
            List<Entry.Segment> run = next.get();
            assertThat(run).hasSizeBetween(2, 64);
            int first = segments.indexOf(run.getFirst());
            assertThat(segments.subList(first, first + run.size())).isEqualTo(run);
            long bytes =
                    run.stream().mapToLong(part -> part.object().sizeBytes()).sum();
            written += bytes;
            Entry.Commits commits = Merging.commits(run);
            assertThat(commits.count()).isLessThanOrEqualTo(2_000_000);
            segments.subList(first, first + run.size()).clear();
            segments.add(
                    first,
                    segment(run.getFirst().from().value(), run.getLast().to().value(), bytes, commits.count()));
            next = PLAN.next(List.of(range), segments);
        }
    }

    private long full() {
        return segments.stream()
                .filter(segment -> PLAN.classOf(segment) == PLAN.classes())
                .count();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void fewAreLeftAndNoneIsWrittenOften(long seed) {
        Random random = new Random(seed);
        long arrived = 0;
        for (int i = 0; i < 20_000; i++) {
            // mostly small, now and then a bulk load
            long bytes = random.nextInt(50) == 0 ? random.nextLong(300 * MB) : 1000 + random.nextInt(100_000);
            arrived += bytes;
            arrive(bytes, 1 + random.nextInt(100));
            compact();
            assertThat(segments.size()).as("seed %s, after %s", seed, i).isLessThanOrEqualTo((int) (100 + 3 * full()));
        }
        assertThat((double) written / arrived).isLessThan(6);
    }

    @Test
    void aDayOfSecondsBecomesFew() {
        int most = 0;
        for (int i = 0; i < 86_400; i++) {
            arrive(2_000, 3);
            compact();
            most = Math.max(most, segments.size());
        }
        assertThat(most).isLessThan(5 * 16);
        assertThat((double) written / (86_400 * 2_000.0)).isLessThan(6);
    }

    @Test
    void rangesAreNotMergedAcrossTheirGap() {
        for (int i = 0; i < 20; i++) {
            arrive(1000, 1);
        }
        History.Stretch first = new History.Stretch(Lsn.ZERO, RandomHistory.START, new Lsn(100), RandomHistory.START);
        History.Stretch second =
                new History.Stretch(new Lsn(100), RandomHistory.START, new Lsn(200), RandomHistory.START);
        assertThat(PLAN.next(List.of(first, second), segments)).isEmpty();
    }
}
