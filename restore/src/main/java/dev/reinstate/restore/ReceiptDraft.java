package dev.reinstate.restore;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.receipt.Moment;
import dev.reinstate.restore.receipt.Receipt;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the receipt of a run out of its results. */
public final class ReceiptDraft {
    private ReceiptDraft() {}

    /**
     * @param moments how each tenant's moment was chosen; a tenant without one is taken to be restored to a position
     * @param target as it may be shown
     */
    public static Receipt of(
            String id,
            Instant now,
            StoreIdentity store,
            String target,
            boolean sameStore,
            List<TenantResult> results,
            Map<TenantId, Moment> moments) {
        RestorePolicy policy = results.isEmpty()
                ? RestorePolicy.INTO_EMPTY
                : results.getFirst().plan().request().policy();
        List<Receipt.Tenant> tenants = results.stream()
                .map(result -> tenant(result, moments.getOrDefault(result.tenant(), atPosition(result))))
                .toList();
        return new Receipt(Receipt.VERSION, id, now, store.toString(), target, sameStore, policy, tenants, List.of());
    }

    private static Moment atPosition(TenantResult result) {
        Lsn position = result.plan().request().position();
        return Moment.atPosition(position);
    }

    private static Receipt.Tenant tenant(TenantResult result, Moment moment) {
        Optional<Applied> applied = result.applied();
        boolean failed = result.failure().isPresent();
        List<TablePlan> tables = failed
                ? List.of()
                : applied.map(Applied::tables).orElse(result.plan().tables());
        return new Receipt.Tenant(
                result.tenant(),
                result.outcome(),
                moment,
                tables.stream().map(table -> table(result.plan(), table)).toList(),
                applied.map(Applied::shared).orElse(List.of()),
                failed ? List.of() : result.plan().effects(),
                applied.map(done -> new Receipt.Transaction(done.xid(), done.begin(), done.end(), done.committedAt())),
                applied.map(Applied::timings),
                applied.flatMap(Applied::saved).map(Path::toString),
                result.failure().map(ReceiptDraft::failure),
                Optional.empty());
    }

    private static Receipt.Table table(RestorePlan plan, TablePlan table) {
        boolean changes = plan.request().policy().changesLiveRows();
        return new Receipt.Table(
                table.table(),
                table.missing(),
                table.relinked() + (changes ? table.different() : 0),
                changes ? table.surplus() : 0,
                table.alreadyRight(),
                table.then(),
                table.after());
    }

    private static Receipt.Failure failure(ReinstateException e) {
        return new Receipt.Failure(e.kind(), e.what(), e.why(), e.next(), e.details());
    }
}
