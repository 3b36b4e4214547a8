package dev.reinstate.cli.verb;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.SchemaEffect;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.receipt.Isolation;
import dev.reinstate.restore.receipt.Moment;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a restore did or would do, for scripts.
 *
 * @param receipt id of the stored receipt; empty when nothing was carried out
 * @param otherTenants whether the change stream shows that nobody else was touched
 */
record RestoreDocument(
        boolean dryRun,
        String target,
        double seconds,
        Optional<String> receipt,
        Optional<Isolation> otherTenants,
        List<Tenant> tenants) {

    /**
     * One tenant.
     *
     * @param outcome {@code planned}, {@code restored}, {@code already right}, {@code refused}, {@code conflict} or
     *     {@code failed}
     * @param transaction id of the transaction that brought it back; 0 when nothing was written
     */
    record Tenant(
            TenantId tenant,
            String outcome,
            Lsn position,
            double seconds,
            long transaction,
            Optional<Plan> plan,
            Optional<Moment.Choice> choice,
            Optional<DamageDocument> damage,
            Optional<Applied.Timings> timings,
            Optional<Path> savedTo,
            Optional<Failure> error) {}

    record Plan(
            long rowsToInsert,
            long rowsToUpdate,
            long rowsToDelete,
            long rowsAlreadyRight,
            long bytes,
            List<Table> tables,
            List<SharedTable> sharedRows,
            List<SchemaEffect> schema,
            List<String> notes) {}

    /** Rows of a shared table that are brought back. */
    record SharedTable(TableName table, long rows) {}

    record Table(TableName table, long missing, long relinked, long different, long surplus, long alreadyRight) {}

    record Failure(String kind, int exitCode, String what, String why, String next, List<String> details) {}

    static Tenant planned(PlannedTenant planned, Optional<Moment> moment) {
        Optional<ReinstateException> failure =
                planned.failure().or(() -> planned.plan().flatMap(RestorePlan::refusal));
        return new Tenant(
                planned.request().tenant(),
                failure.isPresent()
                        ? "refused"
                        : planned.plan().filter(RestorePlan::isRight).isPresent() ? "already right" : "planned",
                planned.request().position(),
                0,
                0,
                planned.plan().map(RestoreDocument::plan),
                moment.map(Moment::choice),
                moment.flatMap(Moment::evidence).map(DamageDocument::of),
                Optional.empty(),
                Optional.empty(),
                failure.map(RestoreDocument::error));
    }

    static Tenant done(TenantResult result, Optional<Moment> moment) {
        Optional<Applied> applied = result.applied();
        return new Tenant(
                result.tenant(),
                result.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                result.plan().request().position(),
                applied.map(done -> done.timings().totalMillis() / 1000.0).orElse(0.0),
                applied.map(Applied::xid).orElse(0L),
                Optional.of(plan(result.plan())),
                moment.map(Moment::choice),
                moment.flatMap(Moment::evidence).map(DamageDocument::of),
                applied.map(Applied::timings),
                applied.flatMap(Applied::saved),
                result.failure().map(RestoreDocument::error));
    }

    private static Plan plan(RestorePlan plan) {
        return new Plan(
                plan.rowsToInsert(),
                plan.rowsToUpdate(),
                plan.rowsToDelete(),
                plan.rowsAlreadyRight(),
                plan.sizeBytes(),
                plan.tables().stream().map(RestoreDocument::table).toList(),
                plan.shared().tables().stream()
                        .map(table -> new SharedTable(table.table(), table.missing()))
                        .toList(),
                plan.effects(),
                plan.notes());
    }

    private static Table table(TablePlan table) {
        return new Table(
                table.table(),
                table.missing(),
                table.relinked(),
                table.different(),
                table.surplus(),
                table.alreadyRight());
    }

    static Failure error(ReinstateException e) {
        return new Failure(e.kind().name(), e.kind().exitCode(), e.what(), e.why(), e.next(), e.details());
    }
}
