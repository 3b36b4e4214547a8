package dev.reinstate.model;

/** Who must act when something fails. The few kinds there are; exit codes are theirs and documented in the README. */
public enum FailureKind {
    /** The request is wrong: fix it. */
    INVALID(2),
    /** A rule says no: the message names the rule and how to lift it. */
    REFUSED(3),
    /** The moment asked for cannot be restored: choose another, the nearest are listed. */
    NOT_RESTORABLE(4),
    /** Something changed meanwhile or is in the way: look again, then retry. */
    CONFLICT(5),
    /** A server, disk or network did not answer: retry when it is back. */
    UNAVAILABLE(6),
    /** Stored bytes are not what was written: stop, run {@code reinstate check}, call someone. */
    DAMAGED(7),
    /** Our fault. */
    BUG(70);

    private final int exitCode;

    FailureKind(int exitCode) {
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
