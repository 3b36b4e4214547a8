package dev.reinstate.e2e.proof;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * One thing that was done, in the order in which they were finished.
 *
 * @param actor the session that ran {@code sql}, from 1; 0 for {@link #CAPTURE} steps
 * @param sql as it was sent; of a COPY the command, then the lines
 * @param afterwards what is to be remembered of the schema once it was carried out
 * @param against what another session does meanwhile: it is begun before, and waits for this one's locks
 */
record Step(int actor, String sql, Consumer<ProofSchema> afterwards, Optional<Step> against) {
    /** The actor of what happens to capture, looks and restores included. */
    static final int CAPTURE = 0;

    private static final String LOOK = "look ";
    private static final String RESTORE = "restore to look ";

    static final Step START = new Step(CAPTURE, "start");
    static final Step STOP = new Step(CAPTURE, "stop");
    static final Step KILL = new Step(CAPTURE, "kill");
    static final Step KILL_AND_FORGET = new Step(CAPTURE, "kill, and remove the owner index");
    static final Step SETTLE = new Step(CAPTURE, "wait until it knows the tables");
    static final Step INSTALL_TRIGGERS = new Step(CAPTURE, "install the event triggers");

    Step(int actor, String sql) {
        this(actor, sql, schema -> {}, Optional.empty());
    }

    Step(int actor, String sql, Consumer<ProofSchema> afterwards) {
        this(actor, sql, afterwards, Optional.empty());
    }

    /** The oracle looks, for the {@code number}th time. */
    static Step look(int number) {
        return new Step(CAPTURE, LOOK + number);
    }

    /** A tenant is restored to what it was at that look; nothing if there was none. */
    static Step restore(String tenant, int look) {
        return new Step(CAPTURE, RESTORE + look + ": " + tenant);
    }

    boolean isLook() {
        return actor == CAPTURE && sql.startsWith(LOOK);
    }

    boolean isRestore() {
        return actor == CAPTURE && sql.startsWith(RESTORE);
    }

    /** The number of the look that a look is or a restore goes to. */
    int number() {
        String text = sql.substring((isLook() ? LOOK : RESTORE).length());
        return Integer.parseInt(isLook() ? text : text.substring(0, text.indexOf(':')));
    }

    /** Who is restored. */
    String tenant() {
        return sql.substring(sql.indexOf(": ") + 2);
    }
}
