package dev.reinstate.restore;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestoreRequest;
import java.util.Optional;

/**
 * A plan, or why there is none.
 *
 * @param failure present when {@code plan} is not; what is in a plan's way is in the plan
 */
public record PlannedTenant(RestoreRequest request, Optional<RestorePlan> plan, Optional<ReinstateException> failure) {
    static PlannedTenant of(RestorePlan plan) {
        return new PlannedTenant(plan.request(), Optional.of(plan), Optional.empty());
    }

    static PlannedTenant failed(RestoreRequest request, ReinstateException failure) {
        return new PlannedTenant(request, Optional.empty(), Optional.of(failure));
    }
}
