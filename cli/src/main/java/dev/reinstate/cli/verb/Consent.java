package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.ReinstateException;

/** Asks before something is changed. */
final class Consent {
    private Consent() {}

    /** Returns only with a yes; {@code REFUSED} otherwise, and where nobody can be asked. */
    static void require(Terminal terminal, boolean given, String question) {
        if (given) {
            return;
        }
        if (!terminal.asks()) {
            throw ReinstateException.refused(
                    "Nothing was changed",
                    "it needs a yes, and there is no terminal to ask on",
                    "look at what it would do, then run it again with --yes");
        }
        if (!terminal.confirm(question)) {
            throw ReinstateException.refused(
                    "Nothing was changed", "the answer was no", "run it again when you want to");
        }
    }
}
