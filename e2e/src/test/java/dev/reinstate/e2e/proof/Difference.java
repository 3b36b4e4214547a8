package dev.reinstate.e2e.proof;

import dev.reinstate.model.ReinstateException;

/**
 * One thing that is not as it must be.
 *
 * @param kind what sort of thing: two differences of one kind are likely to have one cause, others are not
 * @param text for a person
 */
record Difference(String kind, String text) {
    /** An exception where there must be none. */
    static Difference failure(String what, String which, Exception e) {
        Throwable cause = e;
        while (!(cause instanceof ReinstateException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String kind = cause instanceof ReinstateException failure
                ? failure.kind().name()
                : cause.getClass().getSimpleName();
        return new Difference(what + " ends with " + kind, what + " " + which + " ends with " + e + ": " + cause);
    }

    @Override
    public String toString() {
        return text;
    }
}
