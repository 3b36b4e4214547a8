package dev.reinstate.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Where a command reads and writes. Java cannot ask whether one stream is a terminal, so the launcher does and passes
 * the answers on as system properties.
 *
 * @param out results
 * @param err progress, notes and errors
 * @param asks whether somebody can answer a question: input and errors are both a terminal
 * @param watches whether somebody looks at standard error
 * @param colours where colours are welcome
 * @param columns width of a line
 */
public record Terminal(
        PrintStream out, PrintStream err, InputStream in, boolean asks, boolean watches, Colours colours, int columns) {

    /** Which streams may be coloured. */
    public record Colours(boolean out, boolean err) {}

    /** How a piece of text stands out. */
    public enum Style {
        BOLD("1"),
        GOOD("32"),
        WARN("33"),
        BAD("31;1"),
        DIM("2");

        private final String code;

        Style(String code) {
            this.code = code;
        }
    }

    private static final int DEFAULT_COLUMNS = 100;
    private static final int NARROWEST = 40;

    /** This process's streams, with UTF-8 whatever the locale says. */
    public static Terminal ofProcess(Properties properties, Map<String, String> environment) {
        boolean in = Boolean.parseBoolean(properties.getProperty("reinstate.terminal.in"));
        boolean out = Boolean.parseBoolean(properties.getProperty("reinstate.terminal.out"));
        boolean err = Boolean.parseBoolean(properties.getProperty("reinstate.terminal.err"));
        boolean mayColour =
                environment.getOrDefault("NO_COLOR", "").isEmpty() && !"dumb".equals(environment.get("TERM"));
        return new Terminal(
                new PrintStream(System.out, true, StandardCharsets.UTF_8),
                new PrintStream(System.err, true, StandardCharsets.UTF_8),
                System.in,
                in && err,
                err,
                new Colours(out && mayColour, err && mayColour),
                Math.max(NARROWEST, columns(properties)));
    }

    /** Streams nobody watches, as in a script or a test. */
    public static Terminal plain(PrintStream out, PrintStream err) {
        return new Terminal(
                out, err, InputStream.nullInputStream(), false, false, new Colours(false, false), DEFAULT_COLUMNS);
    }

    private static int columns(Properties properties) {
        try {
            return Integer.parseInt(properties.getProperty("reinstate.terminal.columns", "" + DEFAULT_COLUMNS));
        } catch (NumberFormatException e) {
            return DEFAULT_COLUMNS;
        }
    }

    /** One line of the result. */
    public void line(String text) {
        out.println(text);
    }

    /** One line beside the result: for people, never for scripts. */
    public void note(String text) {
        err.println(text);
    }

    public String onOut(Style style, String text) {
        return colours.out() ? paint(style, text) : text;
    }

    public String onErr(Style style, String text) {
        return colours.err() ? paint(style, text) : text;
    }

    private static String paint(Style style, String text) {
        return "\u001b[" + style.code + "m" + text + "\u001b[0m";
    }

    /** Asks on standard error; anything but yes is no. Only where {@link #asks}. */
    public boolean confirm(String question) {
        String given = ask(question + " [y/N]").orElse("").toLowerCase(Locale.ROOT);
        return given.equals("y") || given.equals("yes");
    }

    /** Asks on standard error; the answer without spaces around it, none at the end of input. Only where {@link #asks}. */
    public Optional<String> ask(String question) {
        err.print(onErr(Style.BOLD, question) + " ");
        err.flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            return Optional.ofNullable(answer).map(String::strip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
