package dev.reinstate.cli.terminal;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How something that goes on for ever is doing: one line that is redrawn where somebody watches, elsewhere a plain line
 * every half minute. May be told from several threads.
 */
public final class StatusLine implements AutoCloseable {
    private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
    private static final long LINE_NANOS = Duration.ofSeconds(30).toNanos();
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private String text = "";
    private long shownNanos;
    private boolean shownOnce;

    public StatusLine(Terminal terminal, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    /** The line from now on. */
    public synchronized void show(String newText) {
        text = newText;
        long now = nanoTime.getAsLong();
        if (shownOnce && now - shownNanos < (terminal.watches() ? REDRAW_NANOS : LINE_NANOS)) {
            return;
        }
        shownOnce = true;
        shownNanos = now;
        if (terminal.watches()) {
            draw();
        } else {
            terminal.note(text);
        }
    }

    /** A line of its own, above. */
    public synchronized void note(String line) {
        clear();
        terminal.note(line);
        if (terminal.watches()) {
            draw();
        }
    }

    private void draw() {
        int columns = terminal.columns() - 1;
        terminal.err().print(CLEAR_LINE + (text.length() <= columns ? text : text.substring(0, columns - 1) + "…"));
        terminal.err().flush();
    }

    private void clear() {
        if (terminal.watches()) {
            terminal.err().print(CLEAR_LINE);
        }
    }

    @Override
    public synchronized void close() {
        clear();
        text = "";
        terminal.err().flush();
    }
}
