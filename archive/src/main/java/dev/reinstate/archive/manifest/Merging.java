package dev.reinstate.archive.manifest;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** What a manifest can say of segments that become one (INV-24). */
public final class Merging {
    private Merging() {}

    /** The summary of the transactions of segments that follow one another. */
    public static Entry.Commits commits(List<Entry.Segment> run) {
        Comparator<Instant> order = Comparator.naturalOrder();
        return new Entry.Commits(
                run.stream().mapToLong(segment -> segment.commits().count()).sum(),
                run.getFirst().commits().first(),
                run.getLast().commits().last(),
                run.stream()
                        .map(segment -> segment.commits().minTime())
                        .min(order)
                        .orElseThrow(),
                run.stream()
                        .map(segment -> segment.commits().maxTime())
                        .max(order)
                        .orElseThrow());
    }

    public static long changes(List<Entry.Segment> run) {
        return run.stream().mapToLong(Entry.Segment::changes).sum();
    }

    public static List<Entry.Replaced> replaced(List<Entry.Segment> run) {
        return run.stream()
                .map(segment -> new Entry.Replaced(
                        segment.object().key(), segment.object().sizeBytes()))
                .toList();
    }

    /**
     * Whether one segment has what a manifest says of all of them.
     *
     * @param erasedChanges how many changes of theirs it does not have
     */
    public static boolean isMerged(Entry.Segment into, long erasedChanges, List<Entry.Segment> run) {
        return run.size() >= 2
                && into.from().equals(run.getFirst().from())
                && into.to().equals(run.getLast().to())
                && into.changes() + erasedChanges == changes(run)
                && into.commits().equals(commits(run));
    }
}
