package dev.reinstate.restore.history;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState.Range;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds the last moment before a deleted tenant was damaged. The rule and the reasons for it are in
 * {@code docs/concepts/damage.md}: rather too early than too late, and say what that costs.
 */
public final class DamageFinder {
    /** Longest time between two transactions of one burst of deletions. */
    public static final Duration DEFAULT_BURST_GAP = Duration.ofSeconds(30);

    private static final int LISTED_DELETIONS = 10;

    private final ArchiveReader archive;
    private final Duration burstGap;
    private final List<GoneTable> goneTables;

    public DamageFinder(ArchiveReader archive, Duration burstGap) {
        if (burstGap.isNegative()) {
            throw ReinstateException.invalid(
                    "A burst gap of " + burstGap,
                    "the time between two commits is not negative",
                    "give 30s, for example");
        }
        this.archive = archive;
        this.burstGap = burstGap;
        this.goneTables = GoneTable.read(archive);
    }

    /**
     * How that tenant was lost, the last time it was: it may be back since, so that a restore of many that was
     * interrupted can be run again as it was. {@code INVALID} when it was never deleted or never there, {@code NOT_RESTORABLE} when it
     * was lost in a stretch of history that the archive does not have.
     */
    public Damage find(TenantId tenant) {
        List<Range> ranges = archive.ranges();
        for (int i = ranges.size() - 1; i >= 0; i--) {
            Range range = ranges.get(i);
            BigDeletions big = new BigDeletions(LISTED_DELETIONS);
            BurstTracker tracker = follow(tenant, range, big);
            Optional<List<Deletion>> burst = tracker.burst();
            if (burst.isPresent()) {
                Lsn position = burst.get().stream()
                        .map(Deletion::position)
                        .min(Comparator.naturalOrder())
                        .orElseThrow()
                        .previous();
                return new Damage(tenant, position, burst.get(), lossAfter(tenant, position, burst.get()));
            }
            if (tracker.tenantMoved()) {
                throw ReinstateException.invalid(
                        "Tenant " + tenant + " was not deleted",
                        hasTenantTable()
                                ? "its row in the tenant table was given another id"
                                : "the last of its rows went to another tenant",
                        "choose the moment yourself with --at; `reinstate history " + tenant + "` shows them");
            }
            if (tracker.tenantPresent()) {
                throw i == ranges.size() - 1 ? notDeleted(tenant, big) : lostInGap(tenant, range);
            }
        }
        throw ReinstateException.invalid(
                "Tenant " + tenant + " is unknown",
                "the archive has no moment at which it had a row" + (hasTenantTable() ? " in the tenant table" : ""),
                "look for its id with `reinstate tenants`");
    }

    private BurstTracker follow(TenantId tenant, Range range, BigDeletions big) {
        RowCounts counts = RowCounts.at(archive, tenant, range.from().previous());
        BurstTracker tracker = new BurstTracker(burstGap, counts, counts.hasTenant());
        try (TransactionSummaries transactions = TransactionSummaries.of(
                archive, tenant, range.from().previous(), range.to().previous(), goneTables)) {
            while (transactions.hasNext()) {
                TransactionSummary transaction = transactions.next();
                big.offer(Deletion.of(transaction, counts));
                tracker.accept(transaction);
            }
        }
        return tracker;
    }

    private boolean hasTenantTable() {
        return archive.state().tenancyMap().tenantTable().isPresent();
    }

    private ReinstateException notDeleted(TenantId tenant, BigDeletions big) {
        List<String> lines = big.inOrder().stream().map(DamageFinder::line).toList();
        return ReinstateException.invalid(
                        "Tenant " + tenant + " was not deleted",
                        "--before-deletion looks for the deletion of its "
                                + (hasTenantTable() ? "row in the tenant table" : "last row")
                                + ", and there is none",
                        lines.isEmpty()
                                ? "choose the moment yourself with --at or --at-position"
                                : "choose the moment with --at-position; these are its big deletions")
                .withDetails(lines);
    }

    private static String line(Deletion deletion) {
        return deletion.time() + "  " + deletion.deleted().rows() + " rows deleted, "
                + (deletion.deleted().goneTables().isEmpty() ? "transaction " + deletion.xid() : "with their tables")
                + "; just before it: --at-position " + deletion.position().previous();
    }

    private static ReinstateException lostInGap(TenantId tenant, Range lastSeen) {
        return ReinstateException.notRestorable(
                "How tenant " + tenant + " was deleted is not in the archive",
                "it was there until " + lastSeen.toTime() + ", then history was lost, and afterwards it is gone",
                "restore the last known moment with --at-position "
                        + lastSeen.to().previous());
    }

    /** The same damages, all at the earliest of their positions. */
    public List<Damage> atSameMoment(List<Damage> damages) {
        Optional<Lsn> earliest = damages.stream().map(Damage::position).min(Comparator.naturalOrder());
        List<Damage> aligned = new ArrayList<>();
        for (Damage damage : damages) {
            Lsn position = earliest.orElseThrow();
            aligned.add(
                    damage.position().equals(position)
                            ? damage
                            : damage.at(position, lossAfter(damage.tenant(), position, damage.burst())));
        }
        return aligned;
    }

    private Damage.Loss lossAfter(TenantId tenant, Lsn position, List<Deletion> burst) {
        Lsn end = archive.ranges().stream()
                .filter(range -> !position.isAfter(range.to()))
                .findFirst()
                .map(range -> range.to().previous())
                .orElse(position);
        Lsn gone = burst.getLast().lastPosition();
        LossCounter loss = new LossCounter(burst.getFirst().time());
        try (TransactionSummaries transactions = TransactionSummaries.of(archive, tenant, position, end, goneTables)) {
            while (transactions.hasNext()) {
                TransactionSummary transaction = transactions.next();
                if (isReturn(transaction, gone)) {
                    break; // what was written once it was back is the plan's to show
                }
                loss.add(transaction.commit(), lostRows(transaction, burst, gone));
            }
        }
        return loss.result();
    }

    private static boolean isReturn(TransactionSummary transaction, Lsn gone) {
        return transaction.root() == TransactionSummary.Root.PRESENT
                && transaction.commit().commitLsn().isAfter(gone);
    }

    private static long lostRows(TransactionSummary transaction, List<Deletion> burst, Lsn gone) {
        long gained = sum(transaction, true);
        long all = sum(transaction, false);
        Lsn position = transaction.commit().commitLsn();
        if (isOfBurst(transaction, burst)) {
            return gained;
        }
        return position.isAfter(gone) ? all - deletedRows(transaction) : all;
    }

    private static long sum(TransactionSummary transaction, boolean gainedOnly) {
        return transaction.tables().values().stream()
                .mapToLong(counts -> gainedOnly ? counts.gained() : counts.changes())
                .sum();
    }

    private static long deletedRows(TransactionSummary transaction) {
        return transaction.tables().values().stream()
                .mapToLong(TableCounts::deleted)
                .sum();
    }

    private static boolean isOfBurst(TransactionSummary transaction, List<Deletion> burst) {
        Lsn position = transaction.commit().commitLsn();
        boolean covered = burst.stream()
                .anyMatch(piece -> !position.isBefore(piece.position()) && !position.isAfter(piece.lastPosition()));
        return covered
                && transaction.tables().values().stream()
                        .anyMatch(counts -> counts.truncated() || counts.deleted() > counts.inserted());
    }

    private static final class LossCounter {
        private final Instant begin;
        private long commits;
        private long rows;
        private Optional<Instant> last = Optional.empty();

        LossCounter(Instant begin) {
            this.begin = begin;
        }

        void add(Commit commit, long lost) {
            if (lost > 0) {
                commits++;
                rows += lost;
                last = Optional.of(commit.time());
            }
        }

        Damage.Loss result() {
            Duration span = last.map(time -> Duration.between(begin, time)).orElse(Duration.ZERO);
            return new Damage.Loss(commits, rows, span.isNegative() ? Duration.ZERO : span, last);
        }
    }
}
