package dev.reinstate.restore.apply;

/** What a restore is doing, in this order. */
public enum Step {
    BEGINNING,
    /** Merging then and now, and copying missing rows where nothing that lives is changed. */
    WRITING,
    /** Changing and deleting rows that live. */
    CHANGING,
    CHECKING_REFERENCES,
    VERIFYING,
    COMMITTING
}
