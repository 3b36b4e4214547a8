package dev.reinstate.restore.history;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells the burst that a tenant was lost in from the everyday deletions before it. The transaction that deletes the
 * tenant's own row is the last of the burst. An earlier one belongs to it, when no more than the gap lies between it
 * and the next that does, and
 *
 * <ul>
 *   <li>it tells of damage by itself ({@link Deletion.DeletedRows#destructive}), or
 *   <li>it is one of a series of deletions of like size that left one of the tenant's tables empty (a script that deletes
 *       in batches, or row by row) and together took at least 10 rows.
 * </ul>
 *
 * A user who deletes a comment seconds before the script comes is neither: that deletion stays.
 */
final class BurstMembers {
    private static final long SERIES_LEAST_ROWS = 10;

    private final Duration gap;
    private final Map<TableName, Lsn> emptied;

    /**
     * Judges one chain.
     *
     * @param emptied when a table last lost its last row, before the tenant's own row was deleted
     */
    BurstMembers(Duration gap, Map<TableName, Lsn> emptied) {
        this.gap = gap;
        this.emptied = emptied;
    }

    /** Deletions of one table, from the one that emptied it backwards. */
    private static final class Series {
        private final List<Deletion> pieces = new ArrayList<>();
        private long rows;
        private long transactions;

        /** At least half as large as those after it were on average. */
        boolean isLike(long deleted, long by) {
            return pieces.isEmpty() || 2.0 * deleted / by >= (double) rows / transactions;
        }

        void add(Deletion piece, long deleted) {
            pieces.add(piece);
            rows += deleted;
            transactions += piece.transactions();
        }
    }

    /** Of a chain that ends with the deletion of the tenant's own row, oldest first. */
    List<Deletion> of(List<Deletion> chain) {
        Set<Deletion> inSeries = inSeries(chain);
        List<Deletion> members = new ArrayList<>();
        for (Deletion piece : chain.reversed()) {
            boolean last = members.isEmpty();
            if (!last
                    && Duration.between(piece.lastTime(), members.getLast().time())
                                    .compareTo(gap)
                            > 0) {
                break;
            }
            if (last || piece.deleted().destructive() || inSeries.contains(piece)) {
                members.add(piece);
            }
        }
        return List.copyOf(members.reversed());
    }

    private Set<Deletion> inSeries(List<Deletion> chain) {
        Map<TableName, Series> series = new HashMap<>();
        for (Deletion piece : chain.reversed()) {
            piece.deleted().rows().forEach((table, deleted) -> {
                Lsn empty = emptied.get(table);
                if (empty != null && !piece.position().isAfter(empty)) {
                    Series ofTable = series.computeIfAbsent(table, key -> new Series());
                    if (ofTable.isLike(deleted, piece.transactions())) {
                        ofTable.add(piece, deleted);
                    }
                }
            });
        }
        Set<Deletion> members = Collections.newSetFromMap(new IdentityHashMap<>());
        series.values().stream()
                .filter(ofTable -> ofTable.rows >= SERIES_LEAST_ROWS)
                .forEach(ofTable -> members.addAll(ofTable.pieces));
        return members;
    }
}
