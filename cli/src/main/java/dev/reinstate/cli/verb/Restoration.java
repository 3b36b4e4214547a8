package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.ReceiptDraft;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.receipt.Isolation;
import dev.reinstate.restore.receipt.MetDamage;
import dev.reinstate.restore.receipt.Moment;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.Receipts;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One restore: plan, ask, apply, receipt, proof. Tenants that cannot be restored do not hold up the others. */
final class Restoration {
    private static final int NOT_PROVED = 1;

    /** How it is to be done. */
    record Orders(boolean dryRun, boolean yes, boolean json, Duration proofPatience) {}

    private final Output output;
    private final Orders orders;
    private final Clock clock;
    private final RestoreScreen screen;
    private final RestoreRun run;
    private final Receipts receipts;
    private final MetDamage damage;

    Restoration(
            Output output,
            Orders orders,
            Clock clock,
            RestoreScreen screen,
            RestoreRun run,
            Receipts receipts,
            MetDamage damage) {
        this.damage = damage;
        this.output = output;
        this.orders = orders;
        this.clock = clock;
        this.screen = screen;
        this.run = run;
        this.receipts = receipts;
    }

    /** @return the exit code */
    int carryOut(StoreIdentity store, String target, List<RestoreRequest> requests, Map<TenantId, Moment> moments)
            throws InterruptedException {
        RestoreReport report = new RestoreReport(output, moments);
        screen.planning(requests.size());
        List<PlannedTenant> planned = run.plan(requests);
        screen.close();
        Optional<ReinstateException> refusal = planned.stream()
                .flatMap(tenant -> RestoreReport.refusal(tenant).stream())
                .findFirst();
        if (!orders.json()) {
            report.plan(planned);
        }
        boolean allRefused = planned.stream()
                .allMatch(tenant -> RestoreReport.refusal(tenant).isPresent());
        if (refusal.isPresent() && (planned.size() == 1 || allRefused)) {
            throw planned.size() == 1 ? refusal.get() : noneCanBeRestored(planned, refusal.get());
        }
        if (!orders.json()) {
            report.refusals(planned);
        }
        if (orders.dryRun()) {
            output.result(
                    orders.json(),
                    dryRun(target, planned, moments),
                    () -> output.terminal().line("Nothing was changed: this was a dry run."));
            return refusal.map(e -> e.kind().exitCode()).orElse(0);
        }
        List<RestorePlan> plans = planned.stream()
                .filter(tenant -> RestoreReport.refusal(tenant).isEmpty())
                .flatMap(tenant -> tenant.plan().stream())
                .toList();
        ask(plans, planned.size() - plans.size(), target);
        return apply(new Approved(store, target, planned, plans, moments), report, refusal);
    }

    private record Approved(
            StoreIdentity store,
            String target,
            List<PlannedTenant> planned,
            List<RestorePlan> plans,
            Map<TenantId, Moment> moments) {}

    private static ReinstateException noneCanBeRestored(List<PlannedTenant> planned, ReinstateException first) {
        return new ReinstateException(
                first.kind(),
                "None of the " + planned.size() + " tenants can be restored",
                "each is explained below; nothing was changed",
                first.next(),
                planned.stream()
                        .flatMap(tenant -> RestoreReport.refusal(tenant).stream())
                        .map(e -> e.what() + ": " + e.why()
                                + (e.details().isEmpty()
                                        ? ""
                                        : "; " + e.details().getFirst()))
                        .toList(),
                null);
    }

    private void ask(List<RestorePlan> plans, int refused, String target) {
        if (plans.stream().allMatch(RestorePlan::isRight)) {
            return;
        }
        long inserted = plans.stream().mapToLong(RestorePlan::rowsToInsert).sum();
        long updated = plans.stream().mapToLong(RestorePlan::rowsToUpdate).sum();
        long deleted = plans.stream().mapToLong(RestorePlan::rowsToDelete).sum();
        Consent.require(
                output.terminal(),
                orders.yes(),
                "Restore " + Amounts.count(plans.size(), "tenant") + " into " + target + ": insert "
                        + Amounts.count(inserted)
                        + ", update " + Amounts.count(updated) + ", delete " + Amounts.count(deleted) + " rows?"
                        + (refused > 0 ? " (" + refused + " others cannot be restored)" : ""));
    }

    private int apply(Approved approved, RestoreReport report, Optional<ReinstateException> refusal)
            throws InterruptedException {
        screen.restoring(
                approved.plans().size(),
                approved.plans().stream()
                        .mapToLong(plan -> plan.rowsToInsert() + plan.rowsToUpdate() + plan.rowsToDelete())
                        .sum());
        String id = receipts.newId();
        long begun = System.nanoTime();
        List<TenantResult> results = run.apply(approved.plans(), id);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        screen.close();
        Receipt receipt = receipts.withArchived(ReceiptDraft.of(
                id,
                clock.instant(),
                approved.store(),
                approved.target(),
                run.isSameStore(),
                results,
                approved.moments()));
        receipts.put(receipt.withDamage(damage.met()));
        Isolation isolation = proof(id);
        output.result(
                orders.json(),
                document(approved, results, id, isolation, took),
                () -> report.results(results, id, isolation, took));
        return exitCode(results, refusal, isolation);
    }

    private Isolation proof(String id) throws InterruptedException {
        try (ProgressBar bar = new ProgressBar(
                output.terminal(),
                System::nanoTime,
                "waiting until capture has passed the restore",
                0,
                ignored -> "")) {
            bar.done(0);
            return receipts.complete(id, orders.proofPatience());
        }
    }

    private static int exitCode(List<TenantResult> results, Optional<ReinstateException> refusal, Isolation isolation) {
        Optional<ReinstateException> failure = results.stream()
                .flatMap(result -> result.failure().stream())
                .findFirst()
                .or(() -> refusal);
        int proved = isolation.state() == Isolation.State.VIOLATED ? NOT_PROVED : 0;
        return failure.map(e -> e.kind().exitCode()).orElse(proved);
    }

    private static RestoreDocument dryRun(String target, List<PlannedTenant> planned, Map<TenantId, Moment> moments) {
        return new RestoreDocument(
                true,
                target,
                0,
                Optional.empty(),
                Optional.empty(),
                planned.stream().map(tenant -> planned(tenant, moments)).toList());
    }

    private static RestoreDocument.Tenant planned(PlannedTenant tenant, Map<TenantId, Moment> moments) {
        return RestoreDocument.planned(
                tenant, Optional.ofNullable(moments.get(tenant.request().tenant())));
    }

    private static RestoreDocument document(
            Approved approved, List<TenantResult> results, String id, Isolation isolation, Duration took) {
        List<RestoreDocument.Tenant> tenants = new java.util.ArrayList<>();
        results.forEach(result -> tenants.add(RestoreDocument.done(
                result, Optional.ofNullable(approved.moments().get(result.tenant())))));
        approved.planned().stream()
                .filter(tenant -> RestoreReport.refusal(tenant).isPresent())
                .forEach(tenant -> tenants.add(planned(tenant, approved.moments())));
        return new RestoreDocument(
                false, approved.target(), took.toMillis() / 1000.0, Optional.of(id), Optional.of(isolation), tenants);
    }
}
