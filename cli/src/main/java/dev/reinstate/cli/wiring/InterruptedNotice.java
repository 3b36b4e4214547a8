package dev.reinstate.cli.wiring;

import dev.reinstate.cli.terminal.Terminal;

/** Says what an interruption leaves behind, when the process is ended by a signal within a stretch of work. */
public final class InterruptedNotice implements AutoCloseable {
    private final Thread hook;

    private InterruptedNotice(Thread hook) {
        this.hook = hook;
    }

    /** From now until it is closed. */
    public static InterruptedNotice until(Terminal terminal, String text) {
        Thread hook = new Thread(() -> terminal.note("\n" + text), "interrupted-notice");
        Runtime.getRuntime().addShutdownHook(hook);
        return new InterruptedNotice(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending, by a signal: the notice is being given
        }
    }
}
