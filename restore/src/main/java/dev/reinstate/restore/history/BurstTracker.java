package dev.reinstate.restore.history;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Follows a tenant's transactions, oldest first, and keeps the chain of deletions that would be the burst if the tenant
 * were deleted next. A deletion leaves the chain when its table gains rows again (unless it was a big share) or when
 * the time between two of the chain exceeds the gap. A chain that grows too long is told in coarser pieces, which can
 * only make the burst begin earlier.
 */
final class BurstTracker {
    private static final int MAX_PIECES = 4096;

    private final Duration gap;
    private final RowCounts rows;
    private final Map<TableName, Lsn> lastGained = new HashMap<>();
    private List<Deletion> chain = new ArrayList<>();
    private Optional<List<Deletion>> burst = Optional.empty();
    private boolean rootPresent;
    private boolean moved;

    BurstTracker(Duration gap, RowCounts rows, boolean rootPresent) {
        this.gap = gap;
        this.rows = rows;
        this.rootPresent = rootPresent;
    }

    void accept(TransactionSummary transaction) {
        Deletion deletion = Deletion.of(transaction, rows);
        rows.apply(transaction);
        transaction.tables().forEach((table, counts) -> {
            if (counts.gained() > 0) {
                lastGained.put(table, transaction.commit().commitLsn());
            }
        });
        if (deletion.deleted().total() > 0) {
            append(deletion);
        }
        follow(transaction.root());
    }

    private void follow(TransactionSummary.Root root) {
        switch (root) {
            case PRESENT -> {
                rootPresent = true;
                moved = false;
            }
            case DELETED -> {
                if (rootPresent) {
                    rootPresent = false;
                    burst = Optional.of(burstUpToNow());
                }
            }
            case MOVED -> {
                rootPresent = false;
                moved = true;
                burst = Optional.empty();
            }
            case UNTOUCHED -> {}
        }
    }

    private void append(Deletion deletion) {
        if (!chain.isEmpty() && isBeyondGap(chain.getLast(), deletion)) {
            chain.clear();
        }
        chain.add(deletion);
        if (chain.size() > MAX_PIECES) {
            chain = members(chain);
        }
        if (chain.size() > MAX_PIECES) {
            chain = coarser(chain);
        }
    }

    private boolean isBeyondGap(Deletion earlier, Deletion later) {
        return Duration.between(earlier.lastTime(), later.time()).compareTo(gap) > 0;
    }

    private static List<Deletion> coarser(List<Deletion> pieces) {
        List<Deletion> halved = new ArrayList<>(pieces.size() / 2 + 1);
        for (int i = 0; i < pieces.size(); i += 2) {
            halved.add(i + 1 < pieces.size() ? pieces.get(i).merge(pieces.get(i + 1)) : pieces.get(i));
        }
        return halved;
    }

    /** Those of the chain that are still part of a burst ending with its last. */
    private List<Deletion> members(List<Deletion> pieces) {
        List<Deletion> members = new ArrayList<>();
        for (int i = pieces.size() - 1; i >= 0; i--) {
            Deletion piece = pieces.get(i);
            boolean last = members.isEmpty();
            if (!last && isBeyondGap(piece, members.getLast())) {
                break;
            }
            if (last || belongs(piece)) {
                members.add(piece);
            }
        }
        return new ArrayList<>(members.reversed());
    }

    private boolean belongs(Deletion piece) {
        return piece.deleted().bigShare()
                || piece.deleted().rows().keySet().stream().anyMatch(table -> neverGainedAfter(table, piece));
    }

    private boolean neverGainedAfter(TableName table, Deletion piece) {
        Lsn gained = lastGained.get(table);
        return gained == null || !gained.isAfter(piece.lastPosition());
    }

    private List<Deletion> burstUpToNow() {
        return members(chain);
    }

    /**
     * The last burst that ended with the tenant gone, though it may be back since; empty when it never was deleted, or
     * went another way.
     */
    Optional<List<Deletion>> burst() {
        return burst;
    }

    boolean tenantPresent() {
        return rootPresent;
    }

    /** Whether the tenant's row went to another id rather than being deleted. */
    boolean tenantMoved() {
        return moved;
    }
}
