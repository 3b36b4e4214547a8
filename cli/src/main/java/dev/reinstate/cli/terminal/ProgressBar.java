package dev.reinstate.cli.terminal;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * How far a long piece of work is, on standard error: a moving bar with rate and time left where somebody watches, a
 * plain line every ten seconds otherwise. May be told from several threads.
 */
public final class ProgressBar implements AutoCloseable {
    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
    private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int BAR_WIDTH = 24;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private final LongFunction<String> amount;
    private final long begunNanos;
    private String label;
    private long done;
    private long total; // 0: not known
    private long shownNanos;
    private boolean drawn;
    private boolean closed;

    /**
     * @param total what there is to do, 0 when not known (yet)
     * @param amount how an amount of it is written, for example {@link Amounts#bytes}
     */
    public ProgressBar(
            Terminal terminal, LongSupplier nanoTime, String label, long total, LongFunction<String> amount) {
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.label = label;
        this.total = total;
        this.amount = amount;
        this.begunNanos = nanoTime.getAsLong();
        this.shownNanos = begunNanos;
    }

    public synchronized void label(String newLabel) {
        label = newLabel;
        show(false);
    }

    public synchronized void total(long newTotal) {
        total = newTotal;
    }

    /** So much is done, in all. */
    public synchronized void done(long newDone) {
        done = newDone;
        show(false);
    }

    /** So much more is done. */
    public synchronized void advance(long more) {
        done(done + more);
    }

    /** Prints a line above the bar. */
    public synchronized void note(String text) {
        clear();
        terminal.note(text);
        show(true);
    }

    /** Removes the bar; what there is to say in the end, the caller says. */
    @Override
    public synchronized void close() {
        closed = true;
        clear();
    }

    private void clear() {
        if (drawn) {
            terminal.err().print(CLEAR_LINE);
            terminal.err().flush();
            drawn = false;
        }
    }

    private void show(boolean now) {
        long nanos = nanoTime.getAsLong();
        long since = nanos - shownNanos;
        if (closed || (!now && since < (terminal.watches() ? REDRAW_NANOS : LINE_NANOS))) {
            return;
        }
        if (terminal.watches()) {
            shownNanos = nanos;
            drawn = true;
            terminal.err().print(CLEAR_LINE + fitted(text(nanos), terminal.columns() - 1));
            terminal.err().flush();
        } else if (since >= LINE_NANOS) {
            shownNanos = nanos;
            terminal.note(text(nanos));
        }
    }

    private static String fitted(String text, int columns) {
        return text.length() <= columns ? text : text.substring(0, columns - 1) + "…";
    }

    private String text(long nanos) {
        double seconds = Math.max(1, nanos - begunNanos) / 1e9;
        double perSecond = done / seconds;
        String rate = done == 0 ? "" : "  " + amount.apply(Math.round(perSecond)) + "/s";
        if (total <= 0) {
            return label + "  " + amount.apply(done) + rate;
        }
        double share = Math.min(1, (double) done / total);
        String left = perSecond <= 0 || done >= total
                ? ""
                : "  " + Amounts.duration(Duration.ofSeconds(Math.round((total - done) / perSecond))) + " left";
        String bar = terminal.watches() ? bar(share) + " " : "";
        return String.format(
                Locale.ROOT,
                "%s  %s%3.0f %%  %s of %s%s%s",
                label,
                bar,
                share * 100,
                amount.apply(done),
                amount.apply(total),
                rate,
                left);
    }

    private static String bar(double share) {
        int full = (int) (share * BAR_WIDTH);
        return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
    }
}
