package dev.reinstate.cli.wiring;

import dev.reinstate.archive.DamageListener;
import dev.reinstate.cli.terminal.Terminal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Says on standard error what of an archive is damaged and what is used instead, each once. Thread-safe. */
public final class DamageNotice implements DamageListener {
    private final Terminal terminal;
    private final Set<Workaround> said = ConcurrentHashMap.newKeySet();

    public DamageNotice(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void workedAround(Workaround workaround) {
        if (said.add(workaround)) {
            terminal.note(terminal.onErr(Terminal.Style.WARN, "warning: the archive is damaged: " + workaround)
                    + "; see `reinstate check`");
        }
    }
}
