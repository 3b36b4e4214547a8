package dev.reinstate.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of Reinstate: what happened, why, and what to do next, each a sentence fragment for a tired person.
 * Never holds a credential or a value out of a tenant's row (keys are named only by table and count).
 */
public final class ReinstateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;
    private final String what;
    private final String why;
    private final String next;
    private final transient List<String> details;

    public ReinstateException(
            FailureKind kind, String what, String why, String next, List<String> details, @Nullable Throwable cause) {
        super(what + ": " + why + ". Next: " + next, cause);
        this.kind = kind;
        this.what = what;
        this.why = why;
        this.next = next;
        this.details = List.copyOf(details);
    }

    public static ReinstateException invalid(String what, String why, String next) {
        return of(FailureKind.INVALID, what, why, next);
    }

    public static ReinstateException refused(String what, String why, String next) {
        return of(FailureKind.REFUSED, what, why, next);
    }

    public static ReinstateException notRestorable(String what, String why, String next) {
        return of(FailureKind.NOT_RESTORABLE, what, why, next);
    }

    public static ReinstateException conflict(String what, String why, String next) {
        return of(FailureKind.CONFLICT, what, why, next);
    }

    public static ReinstateException unavailable(String what, String why, String next, @Nullable Throwable cause) {
        return new ReinstateException(FailureKind.UNAVAILABLE, what, why, next, List.of(), cause);
    }

    public static ReinstateException damaged(String what, String why, String next) {
        return of(FailureKind.DAMAGED, what, why, next);
    }

    public static ReinstateException bug(String what, String why) {
        return of(FailureKind.BUG, what, why, "report it with the output of the command");
    }

    private static ReinstateException of(FailureKind kind, String what, String why, String next) {
        return new ReinstateException(kind, what, why, next, List.of(), null);
    }

    /** The same failure with a list to print below it, one line each. */
    public ReinstateException withDetails(List<String> lines) {
        return new ReinstateException(kind, what, why, next, lines, getCause());
    }

    public FailureKind kind() {
        return kind;
    }

    public String what() {
        return what;
    }

    public String why() {
        return why;
    }

    public String next() {
        return next;
    }

    public List<String> details() {
        return details;
    }
}
