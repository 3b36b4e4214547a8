package dev.reinstate.cli.terminal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A terminal for tests that keeps what was said. */
public final class Spoken {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    public Terminal unwatched() {
        return Terminal.plain(stream(out), stream(err));
    }

    public Terminal watched(String answers) {
        return new Terminal(
                stream(out),
                stream(err),
                new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8)),
                true,
                true,
                new Terminal.Colours(true, true),
                80);
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
