package dev.reinstate.restore.plan;

/** What a restore does with rows that the tenant has now. */
public enum RestorePolicy {
    /** Refuse when the tenant has any live row that was not just so at the position. */
    INTO_EMPTY,
    /** Make the tenant exactly what it was: change rows that differ, delete those that were not there. */
    REPLACE,
    /** Put back what is missing and touch nothing that lives. */
    MISSING_ONLY;

    /** Whether rows that live may be changed or deleted. */
    public boolean changesLiveRows() {
        return this == REPLACE;
    }
}
