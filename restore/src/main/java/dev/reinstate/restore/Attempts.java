package dev.reinstate.restore;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.apply.TenantRestore;
import dev.reinstate.restore.plan.Planner;
import dev.reinstate.restore.plan.RestorePlan;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;

/**
 * Carries out a plan once more when the server has rolled it back in favour of somebody else's transaction, in a deadlock
 * or because one snapshot could not be kept to. The plan is made anew and must come out as it was approved.
 */
final class Attempts {
    private static final int MOST = 3;
    private static final Set<String> ROLLED_BACK = Set.of("40001", "40P01");

    private final TenantRestore restore;
    private final Planner planner;

    Attempts(TenantRestore restore, Planner planner) {
        this.restore = restore;
        this.planner = planner;
    }

    /** As {@link TenantRestore#apply}; rows that lived are saved by every attempt that gets so far, each in its own folder. */
    Applied apply(WorkerConnection connections, RestorePlan approved, String receiptId, Path saveTo) {
        RestorePlan plan = approved;
        for (int attempt = 1; ; attempt++) {
            try {
                Path saved = attempt == 1 ? saveTo : saveTo.resolveSibling(saveTo.getFileName() + "." + attempt);
                return restore.apply(connections.get(), plan, receiptId, saved);
            } catch (ReinstateException e) {
                if (attempt == MOST || !isRolledBackForAnother(e)) {
                    throw e;
                }
            }
            plan = planner.plan(connections.get(), approved.request());
            if (!plan.fingerprint().equals(approved.fingerprint())) {
                throw TenantRestore.notAsApproved(approved);
            }
        }
    }

    private static boolean isRolledBackForAnother(ReinstateException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && ROLLED_BACK.contains(PostgresFailure.state(sql))) {
                return true;
            }
        }
        return false;
    }
}
