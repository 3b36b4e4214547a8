package dev.reinstate.restore.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Follows a tenant's transactions, oldest first, and keeps the chain of deletions that would be the burst if the tenant
 * were deleted next. Which deletions belong to it is decided going backwards from its end, by the rule in {@code
 * docs/concepts/damage.md}; a deletion leaves the chain when the time between two of it exceeds the gap. A chain that grows too long is told in coarser pieces, which can
 * only make the burst begin earlier.
 */
final class BurstTracker {
    private static final int MAX_PIECES = 4096;

    /** Longest time between two steps that empty one table bit by bit. */
    private static final Duration STEP_GAP = Duration.ofSeconds(2);

    /** How many of the burst's transactions that follow are asked whether they went on with the same table. */
    private static final int STEPS_LOOKED_AT = 16;

    private final Duration gap;
    private final RowCounts rows;
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
        follow(rows.rootAfter(transaction));
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
            chain = members(chain, STEP_GAP);
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

    /**
     * Those of the chain that belong to a burst ending with its last.
     *
     * @param undecided how long before the last one a deletion is kept whatever it is, as what follows may go on with it
     */
    private List<Deletion> members(List<Deletion> pieces, Duration undecided) {
        List<Deletion> members = new ArrayList<>();
        for (int i = pieces.size() - 1; i >= 0; i--) {
            Deletion piece = pieces.get(i);
            boolean atEnd = i == pieces.size() - 1 || isWithin(undecided, piece, pieces.getLast());
            if (!members.isEmpty() && isBeyondGap(piece, members.getLast())) {
                break;
            }
            if (atEnd || piece.deleted().bigShare() || piece.deleted().emptied() || isStep(piece, members)) {
                members.add(piece);
            }
        }
        return new ArrayList<>(members.reversed());
    }

    /** Whether one of the next transactions of the burst went on with the same table in a step of comparable size. */
    private static boolean isStep(Deletion piece, List<Deletion> laterFirst) {
        int from = Math.max(0, laterFirst.size() - STEPS_LOOKED_AT);
        for (Deletion next : laterFirst.subList(from, laterFirst.size())) {
            if (isWithin(STEP_GAP, piece, next) && goesOn(piece, next)) {
                return true;
            }
        }
        return false;
    }

    private static boolean goesOn(Deletion piece, Deletion next) {
        return piece.deleted().rows().entrySet().stream().anyMatch(entry -> {
            long following = next.deleted().rows().getOrDefault(entry.getKey(), 0L);
            return following > 0 && entry.getValue() * 2 >= following;
        });
    }

    private static boolean isWithin(Duration limit, Deletion earlier, Deletion later) {
        return limit.compareTo(Duration.between(earlier.lastTime(), later.time())) > 0;
    }

    private List<Deletion> burstUpToNow() {
        return members(chain, Duration.ZERO);
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
