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
 * were deleted next: what follows each other within the gap. {@link BurstMembers} then tells the burst from everyday
 * work. A chain that grows too long is told in coarser pieces, none longer than the gap, and at last forgets its oldest.
 */
final class BurstTracker {
    private static final int MAX_PIECES = 4096;
    private static final int COARSEST = 1000;

    private final Duration gap;
    private final RowCounts rows;
    private final Map<TableName, Lsn> emptied = new HashMap<>();
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
        if (deletion.deleted().total() > 0) {
            append(deletion);
        }
        follow(transaction.root());
        for (TableName table : deletion.deleted().rows().keySet()) {
            if (rows.of(table) == 0) {
                emptied.put(table, deletion.position());
            }
        }
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
            chain = coarser(chain);
        }
        while (chain.size() > MAX_PIECES) {
            chain.removeFirst();
        }
    }

    private boolean isBeyondGap(Deletion earlier, Deletion later) {
        return Duration.between(earlier.lastTime(), later.time()).compareTo(gap) > 0;
    }

    /** Neighbours become one where that hides nothing: neither tells of damage by itself, and they are close. */
    private List<Deletion> coarser(List<Deletion> pieces) {
        List<Deletion> fewer = new ArrayList<>(pieces.size() / 2 + 1);
        for (Deletion piece : pieces) {
            Deletion before = fewer.isEmpty() ? piece : fewer.getLast();
            boolean close = Duration.between(before.time(), piece.lastTime()).compareTo(gap) <= 0;
            if (!fewer.isEmpty()
                    && close
                    && before.transactions() < COARSEST
                    && !before.deleted().destructive()
                    && !piece.deleted().destructive()) {
                fewer.set(fewer.size() - 1, before.merge(piece));
            } else {
                fewer.add(piece);
            }
        }
        return fewer;
    }

    private List<Deletion> burstUpToNow() {
        return new BurstMembers(gap, emptied).of(chain);
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
