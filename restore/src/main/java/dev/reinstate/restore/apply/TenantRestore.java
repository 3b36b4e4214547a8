package dev.reinstate.restore.apply;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Database;
import dev.reinstate.restore.plan.LiveRows;
import dev.reinstate.restore.plan.LostValues;
import dev.reinstate.restore.plan.OrphanKeys;
import dev.reinstate.restore.plan.Planner;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.plan.TableTally;
import dev.reinstate.restore.plan.TargetTables;
import dev.reinstate.restore.plan.TenantMerge;
import dev.reinstate.restore.plan.ThenRows;
import dev.reinstate.restore.plan.WriteMode;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Carries out an approved plan in one transaction. Safe for several threads, each with a connection of its own. */
public final class TenantRestore {
    private final ArchiveReader archive;
    private final Supplier<RowSorter> sorters;
    private final TargetTables target;
    private final Path workDirectory;
    private final ApplyListener listener;
    private final CommitOutcome outcome;

    /** @param workDirectory for rows that have to wait on local disk for their turn */
    public TenantRestore(
            ArchiveReader archive,
            Supplier<RowSorter> sorters,
            TargetTables target,
            Path workDirectory,
            ApplyListener listener,
            Into into) {
        this.archive = archive;
        this.sorters = sorters;
        this.target = target;
        this.workDirectory = workDirectory;
        this.listener = listener;
        this.outcome = new CommitOutcome(into.database(), into.identity());
    }

    /** Where the connections lead that are given, and which store that is. */
    public record Into(Database database, StoreIdentity identity) {}

    /**
     * Restores the tenant of that plan. When it throws, nothing was changed: {@code REFUSED} or {@code CONFLICT} as the
     * plan says, {@code CONFLICT} when anything is no longer as it was approved or is in the way, {@code UNAVAILABLE}
     * when the database went away; if that was during the commit and the server cannot be asked, the message says so.
     *
     * @param receiptId written into the transaction, so that the change stream names the receipt
     * @param saveTo a directory that is not there yet, for live rows that are changed or deleted and values left out
     */
    public Applied apply(Connection connection, RestorePlan plan, String receiptId, Path saveTo) {
        Optional<ReinstateException> refusal = plan.refusal();
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        TenantId tenant = plan.request().tenant();
        listener.step(tenant, Step.BEGINNING);
        try (SharedLock lock = SharedLock.of(connection, plan.shared());
                RestoreTransaction transaction = RestoreTransaction.begin(connection, plan, outcome)) {
            try (ReferenceGuard references = new ReferenceGuard(connection, target, workDirectory);
                    LateReferences late = new LateReferences(target.openedKeys(tenant), plan.mode(), workDirectory);
                    OrphanKeys orphans = OrphanKeys.toApply(target, workDirectory);
                    SideFile side = new SideFile(saveTo)) {
                Writing writing = new Writing(
                        connection,
                        target,
                        plan,
                        workDirectory,
                        references,
                        new SequenceMarks(),
                        new ProgressMeter(listener, plan));
                try (TenantWriter writer = writer(writing, late, side)) {
                    Merging merging = new Merging(writing, orphans, side, lock);
                    return carryOut(transaction, merging, writer, receiptId);
                }
            }
        }
    }

    private static TenantWriter writer(Writing writing, LateReferences late, SideFile side) {
        RestorePlan plan = writing.plan();
        boolean nothingLiveChanges = plan.rowsToUpdate() == 0
                && plan.rowsToDelete() == 0
                && plan.layouts().stream()
                        .noneMatch(table ->
                                table.hasOrphans() || !table.converted().isEmpty());
        return nothingLiveChanges ? new DirectWriter(writing, side, late) : new SpoolingWriter(writing, side, late);
    }

    /** What is merged, and what is noted of it on the way. */
    private record Merging(Writing writing, OrphanKeys orphans, SideFile side, SharedLock lock) {
        Connection connection() {
            return writing.connection();
        }

        RestorePlan plan() {
            return writing.plan();
        }
    }

    private Applied carryOut(RestoreTransaction transaction, Merging merging, TenantWriter writer, String receiptId) {
        Connection connection = merging.connection();
        RestorePlan plan = merging.plan();
        ReferenceGuard references = merging.writing().references();
        TenantId tenant = plan.request().tenant();
        LiveRows liveRows = new LiveRows(target, tenant);
        Stopwatch watch = new Stopwatch();
        listener.step(tenant, Step.WRITING);
        List<TableTally> all = new ArrayList<>();
        List<Applied.Shared> shared = writeShared(merging, all);
        List<TableTally> tallies = new TenantMerge(
                        ThenRows.toApply(archive, target, plan, connection, merging.side()::lost),
                        sorters,
                        connection,
                        liveRows,
                        plan.request(),
                        merging.orphans())
                .run(plan.layouts(), writer);
        all.addAll(tallies);
        requireApproved(plan, Planner.fingerprint(plan.request(), all));
        listener.step(tenant, Step.CHANGING);
        final Optional<Path> saved = writer.complete();
        final long mergeAndWrite = watch.lap();
        listener.step(tenant, Step.CHECKING_REFERENCES);
        if (plan.mode() == WriteMode.REPLICA_ROLE) {
            references.checkOutbound();
            references.checkInbound();
        }
        transaction.checkConstraints();
        final long referenceNanos = watch.lap();
        listener.step(tenant, Step.VERIFYING);
        new Verification(connection, liveRows, merging.orphans()).verify(tallies);
        final long verifyNanos = watch.lap();
        writer.moveSequences();
        listener.step(tenant, Step.COMMITTING);
        RestoreTransaction.Committed committed = transaction.commit(receiptId);
        Applied.Timings timings = new Applied.Timings(
                millis(mergeAndWrite - writer.writeNanos()),
                millis(writer.writeNanos()),
                millis(referenceNanos),
                millis(verifyNanos),
                millis(watch.lap()));
        List<TablePlan> tables = tallies.stream()
                .map(TableTally::toPlan)
                .filter(table -> table.then().rows() > 0 || table.writtenSince() > 0)
                .toList();
        return new Applied(
                tables, shared, committed.xid(), committed.begin(), committed.end(), committed.time(), timings, saved);
    }

    private List<Applied.Shared> writeShared(Merging merging, List<TableTally> tallies) {
        RestorePlan plan = merging.plan();
        if (plan.shared().isEmpty()) {
            return List.of();
        }
        ThenRows then = ThenRows.toApply(archive, target, plan, merging.connection(), LostValues.UNKEPT);
        return new SharedWriter(merging.writing(), merging.side()).write(then, merging.lock(), tallies);
    }

    private static void requireApproved(RestorePlan plan, String fingerprint) {
        if (!fingerprint.equals(plan.fingerprint())) {
            throw notAsApproved(plan);
        }
    }

    /** The tenant is another than the one that the plan was made for. */
    public static ReinstateException notAsApproved(RestorePlan plan) {
        return ReinstateException.conflict(
                "Tenant " + plan.request().tenant() + " is no longer as it was when the plan was made",
                "its live rows have changed since",
                "look at the plan again and restore once more; nothing was changed");
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** Time between one lap and the next. */
    private static final class Stopwatch {
        private long last = System.nanoTime();

        long lap() {
            long now = System.nanoTime();
            long lap = now - last;
            last = now;
            return lap;
        }
    }
}
