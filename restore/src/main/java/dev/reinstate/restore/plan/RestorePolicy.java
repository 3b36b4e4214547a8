package dev.reinstate.restore.plan;

/**
 * What a restore does with rows that the tenant has now. Rows of then that live and are nobody's, because what they
 * belonged to was deleted, are missing to the tenant: they are linked again under every policy.
 */
public enum RestorePolicy {
    /** Refuse when the tenant has any live row that was not just so at the position. */
    INTO_EMPTY,
    /** Make the tenant exactly what it was: change rows that differ, delete those that were not there. */
    REPLACE,
    /** Put back what is missing and touch nothing that the tenant has. */
    MISSING_ONLY;

    /** Whether rows that live may be changed or deleted. */
    public boolean changesLiveRows() {
        return this == REPLACE;
    }
}
