package dev.reinstate.restore.apply;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.sql.SQLException;

/** A connection that breaks during a commit leaves open whether there was one. */
final class CommitOutcome {
    private CommitOutcome() {}

    static ReinstateException unknown(TenantId tenant, String xid, SQLException cause) {
        return ReinstateException.unavailable(
                "Whether tenant " + tenant + " was restored is not known",
                "the connection broke during the commit of transaction " + xid,
                "run the same restore again: it finds everything right, or does it now; nothing is half-written",
                cause);
    }
}
