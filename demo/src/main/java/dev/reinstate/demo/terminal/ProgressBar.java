package dev.reinstate.demo.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/**
 * How far something is, how fast, and how long it will take. On a terminal it is redrawn in place and disappears when
 * closed; elsewhere it writes a plain line every few seconds. Thread-safe.
 */
public final class ProgressBar implements AutoCloseable {
    private static final int WIDTH = 28;
    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final Duration LINE = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final InstantSource clock;
    private final String what;
    private final String unit;
    private final long total;
    private final Instant begin;
    private Instant drawn;

    ProgressBar(Terminal terminal, InstantSource clock, String what, String unit, long total) {
        this.terminal = terminal;
        this.clock = clock;
        this.what = what;
        this.unit = unit;
        this.total = total;
        begin = clock.instant();
        drawn = begin;
        terminal.drawBar(line(0, Duration.ZERO));
    }

    /**
     * Shows where it stands.
     *
     * @param done of the total; more than the total shows as all of it
     */
    public synchronized void update(long done) {
        Instant now = clock.instant();
        Duration since = Duration.between(drawn, now);
        if (since.compareTo(terminal.interactive() ? REDRAW : LINE) < 0) {
            return;
        }
        drawn = now;
        String line = line(Math.min(done, total), Duration.between(begin, now));
        if (terminal.interactive()) {
            terminal.drawBar(line);
        } else {
            terminal.lines(java.util.List.of(line));
        }
    }

    private String line(long done, Duration elapsed) {
        double seconds = elapsed.toMillis() / 1000.0;
        if (total <= 0) {
            return "   " + what + " … " + Terminal.duration(elapsed);
        }
        double rate = seconds > 0 ? done / seconds : 0;
        // Of less than a fiftieth no time left can be told.
        String left = done * 50 >= total && rate > 0 && done < total
                ? ", " + Terminal.duration(Duration.ofMillis((long) ((total - done) / rate * 1000))) + " left"
                : "";
        int filled = (int) (WIDTH * done / total);
        return String.format(
                Locale.ROOT,
                "   %s [%s%s] %3d %% %,d/%,d %s, %s/s%s",
                what,
                "█".repeat(filled),
                "·".repeat(WIDTH - filled),
                100 * done / total,
                done,
                total,
                unit,
                rate >= 10 ? Terminal.count(Math.round(rate)) : String.format(Locale.ROOT, "%.1f", rate),
                left);
    }

    @Override
    public void close() {
        terminal.removeBar();
    }
}
