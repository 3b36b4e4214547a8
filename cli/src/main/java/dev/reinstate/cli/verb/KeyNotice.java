package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Terminal;
import java.nio.file.Path;

/** What is said, loudly, when a key file was written. */
final class KeyNotice {
    private KeyNotice() {}

    static void show(Terminal terminal, Path file) {
        terminal.note(terminal.onErr(Terminal.Style.WARN, "Wrote the archive's key: ") + file);
        terminal.note("    The archive is encrypted. WITHOUT THIS FILE NOBODY CAN READ IT, EVER: not you, not us.");
        terminal.note(
                "    Keep a copy elsewhere now: in a safe, on paper, in a password store; not beside the archive.");
    }
}
