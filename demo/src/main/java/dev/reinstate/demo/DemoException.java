package dev.reinstate.demo;

import org.jspecify.annotations.Nullable;

/** The demo could not go on; says what happened, why, and what to do next. */
public final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String why;
    private final String next;

    public DemoException(String what, String why, String next, @Nullable Throwable cause) {
        super(what + ": " + why + ". Next: " + next, cause);
        this.what = what;
        this.why = why;
        this.next = next;
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
}
