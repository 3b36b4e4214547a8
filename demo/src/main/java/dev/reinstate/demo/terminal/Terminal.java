package dev.reinstate.demo.terminal;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the demo speaks. On a terminal it draws progress bars in place and uses colours; anywhere else (a file, a pipe,
 * a build's log) the same facts come as whole lines without escapes. Thread-safe.
 */
public final class Terminal {
    private static final String BOLD = "1";
    private static final String GREEN = "32";
    private static final String RED = "31";
    private static final String DIM = "2";

    private final PrintStream out;
    private final boolean interactive;
    private final InstantSource clock;
    private String bar = "";

    public Terminal(PrintStream out, boolean interactive, InstantSource clock) {
        this.out = out;
        this.interactive = interactive;
        this.clock = clock;
    }

    /** Speaks to a stream; interactive only when the process has a terminal that understands escapes. */
    public static Terminal of(PrintStream out) {
        boolean terminal =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false)
                        && !"dumb".equals(System.getenv("TERM"))
                        && System.getenv("NO_COLOR") == null;
        return new Terminal(out, terminal, InstantSource.system());
    }

    public synchronized void heading(String text) {
        print("\n" + styled(BOLD, text));
    }

    /** One line below a heading. */
    public synchronized void say(String text) {
        print("   " + text);
    }

    public synchronized void detail(String text) {
        print("   " + styled(DIM, text));
    }

    public synchronized void good(String text) {
        print("   " + styled(GREEN, "✓") + " " + text);
    }

    public synchronized void bad(String text) {
        print("   " + styled(RED, "✗ " + text));
    }

    public synchronized void verdict(boolean passed, String text) {
        print("\n" + styled(passed ? GREEN : RED, text));
    }

    /** Lines as they are. */
    public synchronized void lines(List<String> lines) {
        lines.forEach(this::print);
    }

    /** A bar that is drawn until it is closed. */
    public ProgressBar progress(String what, String unit, long total) {
        return new ProgressBar(this, clock, what, unit, total);
    }

    /** A bar for something of unknown length. */
    public ProgressBar waiting(String what) {
        return new ProgressBar(this, clock, what, "", 0);
    }

    boolean interactive() {
        return interactive;
    }

    /** Draws in place; nothing where there is no terminal. */
    synchronized void drawBar(String line) {
        if (interactive) {
            out.print("\r\u001b[K" + line);
            out.flush();
            bar = line;
        }
    }

    synchronized void removeBar() {
        if (!bar.isEmpty()) {
            out.print("\r\u001b[K");
            bar = "";
        }
    }

    private void print(String text) {
        String shown = bar;
        removeBar();
        out.println(text);
        out.flush();
        if (!shown.isEmpty()) {
            drawBar(shown);
        }
    }

    private String styled(String code, String text) {
        return interactive ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /** For example {@code 0.8 s}, {@code 1 min 12 s}. */
    public static String duration(Duration duration) {
        double seconds = duration.toMillis() / 1000.0;
        return seconds < 60
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : String.format(Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
    }

    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** For example {@code 12.3 MB}; powers of ten. */
    public static String bytes(long sizeBytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double size = sizeBytes;
        int unit = 0;
        while (size >= 1000 && unit < units.length - 1) {
            size /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
    }
}
