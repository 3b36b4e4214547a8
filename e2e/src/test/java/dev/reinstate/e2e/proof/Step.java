package dev.reinstate.e2e.proof;

/**
 * One thing that was done, in the order in which they were finished.
 *
 * @param actor the session that ran {@code sql}, from 1; 0 for {@link #CAPTURE} steps
 * @param sql as it was sent; of a COPY the command, then the lines
 */
record Step(int actor, String sql) {
    /** The actor of what happens to capture. */
    static final int CAPTURE = 0;

    static final Step START = new Step(CAPTURE, "start");
    static final Step STOP = new Step(CAPTURE, "stop");
    static final Step KILL = new Step(CAPTURE, "kill");
    static final Step KILL_AND_FORGET = new Step(CAPTURE, "kill, and remove the owner index");
    static final Step SETTLE = new Step(CAPTURE, "wait until it knows the tables");
    static final Step INSTALL_TRIGGERS = new Step(CAPTURE, "install the event triggers");
    static final Step CHECK = new Step(CAPTURE, "check");
}
