package dev.reinstate.restore.plan;

/** What a restore does with rows whose foreign key leads to a row, not of their tenant, that no longer exists. */
public enum ReferencePolicy {
    /** Refuse. */
    FAIL,
    /** Write NULL where that is allowed and keep the value in a file; refuse elsewhere. */
    NULL,
    /** Bring rows of shared tables back as they were, with the shared rows that these refer to; refuse elsewhere. */
    RESTORE_SHARED_ROW,
    /** The same, and write NULL where the archive has no such shared row at the position. */
    RESTORE_SHARED_ROW_OR_NULL;

    boolean restoresSharedRows() {
        return this == RESTORE_SHARED_ROW || this == RESTORE_SHARED_ROW_OR_NULL;
    }

    boolean writesNull() {
        return this == NULL || this == RESTORE_SHARED_ROW_OR_NULL;
    }
}
