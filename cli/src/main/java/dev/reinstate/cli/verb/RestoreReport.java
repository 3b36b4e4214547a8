package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.history.Damage;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.SchemaEffect;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.receipt.Isolation;
import dev.reinstate.restore.receipt.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Plans and results of a restore, for people. */
final class RestoreReport {
    private final Output output;
    private final Map<TenantId, Moment> moments;

    RestoreReport(Output output, Map<TenantId, Moment> moments) {
        this.output = output;
        this.moments = moments;
    }

    /** The plan: table by table for one tenant, tenant by tenant for several. */
    void plan(List<PlannedTenant> planned) {
        if (planned.size() == 1) {
            planned.getFirst().plan().ifPresent(this::planOfOne);
        } else {
            planOfSeveral(planned);
        }
        planned.stream()
                .flatMap(tenant -> tenant.plan().stream())
                .flatMap(plan ->
                        Stream.concat(plan.effects().stream().map(SchemaEffect::message), plan.notes().stream()))
                .distinct()
                .forEach(note -> output.terminal().line("note: " + note));
    }

    private void planOfOne(RestorePlan plan) {
        Terminal terminal = output.terminal();
        output.heading(plan.request().tenant() + " as of " + plan.request().position());
        Optional.ofNullable(moments.get(plan.request().tenant())).ifPresent(this::moment);
        boolean changes = plan.request().policy().changesLiveRows();
        boolean relinks = plan.rowsToRelink() > 0;
        TextTable table = new TextTable().text("table").number("to insert");
        (relinks ? table.number("to relink") : table)
                .number(changes ? "to update" : "differ")
                .number(changes ? "to delete" : "written since")
                .number("already right");
        for (TablePlan line : plan.tables()) {
            List<String> cells = new ArrayList<>(List.of(line.table().toString(), Amounts.count(line.missing())));
            if (relinks) {
                cells.add(marked(line.relinked()));
            }
            cells.addAll(List.of(marked(line.different()), marked(line.surplus()), Amounts.count(line.alreadyRight())));
            table.row(cells);
        }
        if (!table.isEmpty()) {
            output.table(table);
        }
        terminal.line(sum(plan));
    }

    private String marked(long rows) {
        return rows == 0 ? "0" : output.terminal().onOut(Terminal.Style.WARN, Amounts.count(rows));
    }

    private static String sum(RestorePlan plan) {
        if (plan.isRight() && plan.refusal().isEmpty()) {
            return "Everything is already right: " + Amounts.count(plan.rowsAlreadyRight(), "row") + ".";
        }
        return "Insert " + Amounts.count(plan.rowsToInsert(), "row") + ", update " + Amounts.count(plan.rowsToUpdate())
                + (plan.rowsToRelink() == 0 ? "" : " (" + Amounts.count(plan.rowsToRelink()) + " to relink)")
                + ", delete " + Amounts.count(plan.rowsToDelete()) + "; " + Amounts.count(plan.rowsAlreadyRight())
                + " already right; " + Amounts.bytes(plan.sizeBytes()) + ".";
    }

    private void moment(Moment moment) {
        moment.evidence().ifPresent(damage -> {
            Terminal terminal = output.terminal();
            terminal.line("the last moment before " + Amounts.count(damage.transactions(), "transaction") + " deleted "
                    + Amounts.count(damage.deletedRows(), "row") + ", from " + Amounts.exactTime(damage.begin())
                    + " to "
                    + Amounts.exactTime(damage.end()) + " (first: "
                    + DeletionText.origin(damage.burst().getFirst()) + ")");
            DeletionText.uncertainty(damage).ifPresent(terminal::line);
            loss(damage).ifPresent(terminal::line);
        });
    }

    private static Optional<String> loss(Damage damage) {
        return damage.loss().rows() == 0
                ? Optional.empty()
                : Optional.of("written after that moment, does not come back: "
                        + Amounts.count(damage.loss().rows(), "row")
                        + " in " + Amounts.count(damage.loss().commits(), "transaction") + " over "
                        + Amounts.duration(damage.loss().span()));
    }

    private void planOfSeveral(List<PlannedTenant> planned) {
        TextTable table = new TextTable()
                .text("tenant")
                .text("as of")
                .number("to insert")
                .number("to update")
                .number("to delete")
                .number("already right")
                .number("lost since")
                .text("");
        for (PlannedTenant tenant : planned) {
            Optional<RestorePlan> plan = tenant.plan();
            long lost = Optional.ofNullable(moments.get(tenant.request().tenant()))
                    .flatMap(Moment::evidence)
                    .map(damage -> damage.loss().rows())
                    .orElse(0L);
            table.row(
                    tenant.request().tenant().value(),
                    tenant.request().position().toString(),
                    plan.map(found -> Amounts.count(found.rowsToInsert())).orElse("?"),
                    plan.map(found -> marked(found.rowsToUpdate())).orElse("?"),
                    plan.map(found -> marked(found.rowsToDelete())).orElse("?"),
                    plan.map(found -> Amounts.count(found.rowsAlreadyRight())).orElse("?"),
                    marked(lost),
                    state(tenant));
        }
        output.table(table);
        List<RestorePlan> plans =
                planned.stream().flatMap(tenant -> tenant.plan().stream()).toList();
        output.terminal()
                .line(Amounts.count(plans.size(), "tenant") + ": insert "
                        + Amounts.count(
                                plans.stream()
                                        .mapToLong(RestorePlan::rowsToInsert)
                                        .sum(),
                                "row") + ", update "
                        + Amounts.count(plans.stream()
                                .mapToLong(RestorePlan::rowsToUpdate)
                                .sum()) + ", delete "
                        + Amounts.count(plans.stream()
                                .mapToLong(RestorePlan::rowsToDelete)
                                .sum()) + "; "
                        + Amounts.bytes(
                                plans.stream().mapToLong(RestorePlan::sizeBytes).sum()) + ".");
    }

    private String state(PlannedTenant tenant) {
        if (refusal(tenant).isPresent()) {
            return output.terminal().onOut(Terminal.Style.BAD, "cannot be restored");
        }
        return tenant.plan().filter(RestorePlan::isRight).isPresent() ? "already right" : "";
    }

    /** Why a tenant cannot be restored. */
    static Optional<ReinstateException> refusal(PlannedTenant tenant) {
        return tenant.failure().or(() -> tenant.plan().flatMap(RestorePlan::refusal));
    }

    /** What is in the way of tenants, below a plan. */
    void refusals(List<PlannedTenant> planned) {
        planned.forEach(tenant -> refusal(tenant).ifPresent(this::failure));
    }

    private void failure(ReinstateException e) {
        Terminal terminal = output.terminal();
        terminal.line(terminal.onOut(Terminal.Style.BAD, e.what()) + ": " + e.why() + ". Next: " + e.next());
        e.details().forEach(detail -> terminal.line("    " + detail));
    }

    /** How it went. */
    void results(List<TenantResult> results, String receipt, Isolation isolation, Duration took) {
        Terminal terminal = output.terminal();
        terminal.line("");
        TextTable table = new TextTable()
                .text("tenant")
                .text("outcome")
                .number("inserted")
                .number("updated")
                .number("deleted")
                .number("bytes")
                .number("seconds")
                .number("of it verifying")
                .number("transaction");
        for (TenantResult result : results) {
            Optional<Applied> applied = result.applied();
            RestorePlan plan = result.plan();
            table.row(
                    result.tenant().value(),
                    outcome(result),
                    applied.map(done -> Amounts.count(plan.rowsToInsert())).orElse("0"),
                    applied.map(done -> Amounts.count(plan.rowsToUpdate())).orElse("0"),
                    applied.map(done -> Amounts.count(plan.rowsToDelete())).orElse("0"),
                    applied.map(done -> Amounts.bytes(plan.sizeBytes())).orElse(""),
                    applied.map(done -> seconds(done.timings().totalMillis())).orElse(""),
                    applied.map(done -> seconds(done.timings().verifyMillis())).orElse(""),
                    applied.map(done -> Long.toString(done.xid())).orElse(""));
        }
        output.table(table);
        results.stream()
                .flatMap(result -> result.applied().flatMap(Applied::saved).stream())
                .forEach(folder -> terminal.line("What was changed, deleted or left out is saved in " + folder + "."));
        results.forEach(result -> result.failure().ifPresent(this::failure));
        long back =
                results.stream().filter(result -> result.failure().isEmpty()).count();
        terminal.line(back + " of " + Amounts.count(results.size(), "tenant") + " right, read back and compared, in "
                + Amounts.duration(took) + ".");
        isolation(isolation);
        terminal.line("Receipt " + receipt + " is in the archive: reinstate receipt " + receipt);
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.2f", millis / 1000.0);
    }

    private String outcome(TenantResult result) {
        String word = result.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        Terminal.Style style = result.failure().isPresent() ? Terminal.Style.BAD : Terminal.Style.GOOD;
        return output.terminal().onOut(style, word);
    }

    /** Whether others were touched. */
    void isolation(Isolation isolation) {
        Terminal terminal = output.terminal();
        terminal.line("Other tenants: "
                + switch (isolation.state()) {
                    case PROVED ->
                        terminal.onOut(Terminal.Style.GOOD, "untouched")
                                + ", the change stream shows only what the receipt says was written.";
                    case PENDING ->
                        "not proved yet (" + String.join("; ", isolation.findings())
                                + "); `reinstate receipt` looks again.";
                    case VIOLATED ->
                        terminal.onOut(Terminal.Style.BAD, "TOUCHED") + ": " + String.join("; ", isolation.findings());
                    case NOT_APPLICABLE -> "nothing to prove (" + String.join("; ", isolation.findings()) + ").";
                });
    }
}
