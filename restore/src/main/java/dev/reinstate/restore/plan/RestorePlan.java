package dev.reinstate.restore.plan;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What a restore would do, complete before it begins. Made again inside the restore's transaction, where it must have
 * the same fingerprint.
 *
 * @param tables every table the tenant has or had rows in, in the order they are written
 * @param problems what is in the way; a plan with any cannot be applied
 * @param effects what changes of the schema since then mean for it
 * @param notes what else a person should know, a sentence each
 * @param fingerprint of everything that would be written, changed and deleted
 * @param layouts how the rows of then fit the tables of now
 * @param gone references of then that become NULL
 * @param shared rows of shared tables that come back with the tenant's
 */
public record RestorePlan(
        RestoreRequest request,
        WriteMode mode,
        List<TablePlan> tables,
        List<Problem> problems,
        List<SchemaEffect> effects,
        List<String> notes,
        String fingerprint,
        List<TableLayout> layouts,
        GoneReferences gone,
        SharedRows shared) {
    public RestorePlan {
        tables = List.copyOf(tables);
        problems = List.copyOf(problems);
        effects = List.copyOf(effects);
        notes = List.copyOf(notes);
        layouts = List.copyOf(layouts);
    }

    public long rowsToInsert() {
        return sum(TablePlan::missing);
    }

    /** Rows that live and will have other values, {@link #rowsToRelink} included. */
    public long rowsToUpdate() {
        return rowsToRelink() + (request.policy().changesLiveRows() ? sum(TablePlan::different) : 0);
    }

    /** Those of them that are nobody's by now. */
    public long rowsToRelink() {
        return sum(TablePlan::relinked);
    }

    public long rowsToDelete() {
        return request.policy().changesLiveRows() ? sum(TablePlan::surplus) : 0;
    }

    public long rowsAlreadyRight() {
        return sum(TablePlan::alreadyRight);
    }

    public long sizeBytes() {
        return sum(TablePlan::sizeBytes);
    }

    private long sum(ToLongFunction<TablePlan> count) {
        return tables.stream().mapToLong(count).sum();
    }

    /** Whether there is nothing to do. */
    public boolean isRight() {
        return rowsToInsert() + rowsToUpdate() + rowsToDelete() == 0;
    }

    /** Why this plan cannot be applied: one exception for all problems, {@code REFUSED} when the policy alone says no. */
    public Optional<ReinstateException> refusal() {
        if (problems.isEmpty()) {
            return Optional.empty();
        }
        List<String> lines = problems.stream()
                .map(problem -> problem.message() + "; " + problem.next())
                .toList();
        boolean policyOnly = problems.stream().allMatch(problem -> problem.kind() == FailureKind.REFUSED);
        String what = "Tenant " + request.tenant() + " cannot be restored";
        ReinstateException refusal = policyOnly
                ? ReinstateException.refused(
                        what,
                        "it has live rows that were not so at " + request.position(),
                        "--replace makes it exactly what it was, --missing-only touches nothing that it has")
                : ReinstateException.conflict(what, "the database is in the way", "see to each line, then try again");
        return Optional.of(refusal.withDetails(lines));
    }
}
