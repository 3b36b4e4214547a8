package dev.reinstate.restore.receipt;

import java.time.Instant;
import java.util.List;

/**
 * Whether the restore's own transactions touched no one but the tenants asked for, as the change stream shows.
 *
 * @param findings what was found, a line each
 */
public record Isolation(int version, String receipt, State state, Instant checkedAt, List<String> findings) {
    public Isolation {
        findings = List.copyOf(findings);
    }

    /** How the proof stands. */
    public enum State {
        /** Capture has not passed the restore's transactions yet. */
        PENDING,
        /** Every transaction touched exactly its tenant. */
        PROVED,
        /** A transaction touched something else, or left no trace. */
        VIOLATED,
        /** The stream cannot tell: another database, nothing written, or history was lost there. */
        NOT_APPLICABLE
    }
}
