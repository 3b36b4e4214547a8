package dev.reinstate.restore.history;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The biggest of a tenant's deletions that removed a big share of a table, or with the table, as many as can be shown. */
final class BigDeletions {
    private static final Comparator<Deletion> BY_SIZE =
            Comparator.comparingLong(deletion -> deletion.deleted().total());

    private final int limit;
    private final PriorityQueue<Deletion> smallestFirst = new PriorityQueue<>(BY_SIZE);
    private long count;

    BigDeletions(int limit) {
        this.limit = limit;
    }

    void offer(Deletion deletion) {
        if (!deletion.deleted().bigShare() && deletion.deleted().goneTables().isEmpty()) {
            return;
        }
        count++;
        smallestFirst.add(deletion);
        if (smallestFirst.size() > limit) {
            smallestFirst.remove();
        }
    }

    /** How many there were, the ones not kept included. */
    long count() {
        return count;
    }

    List<Deletion> inOrder() {
        return smallestFirst.stream()
                .sorted(Comparator.comparing(Deletion::position))
                .toList();
    }
}
