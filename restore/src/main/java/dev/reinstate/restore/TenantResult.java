package dev.reinstate.restore;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.util.Optional;

/**
 * How a tenant fared.
 *
 * @param applied present when something was written
 * @param failure present when it was not restored
 */
public record TenantResult(
        RestorePlan plan, Outcome outcome, Optional<Applied> applied, Optional<ReinstateException> failure) {
    public TenantId tenant() {
        return plan.request().tenant();
    }

    static TenantResult restored(RestorePlan plan, Applied applied) {
        return new TenantResult(plan, Outcome.RESTORED, Optional.of(applied), Optional.empty());
    }

    static TenantResult alreadyRight(RestorePlan plan) {
        return new TenantResult(plan, Outcome.ALREADY_RIGHT, Optional.empty(), Optional.empty());
    }

    static TenantResult failed(RestorePlan plan, ReinstateException failure) {
        Receipt.Outcome outcome = switch (failure.kind()) {
            case REFUSED -> Outcome.REFUSED;
            case CONFLICT -> Outcome.CONFLICT;
            case INVALID, NOT_RESTORABLE, UNAVAILABLE, DAMAGED, BUG -> Outcome.FAILED;
        };
        return new TenantResult(plan, outcome, Optional.empty(), Optional.of(failure));
    }
}
