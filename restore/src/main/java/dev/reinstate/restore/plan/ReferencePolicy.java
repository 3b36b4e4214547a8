package dev.reinstate.restore.plan;

/** What a restore does with rows whose foreign key leads to a row of a shared table that no longer exists. */
public enum ReferencePolicy {
    /** Refuse. */
    FAIL,
    /** Write NULL where that is allowed and keep the value in a file; refuse elsewhere. */
    NULL
}
