package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveMaintenance.Removed;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.RetentionState;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Terminal;
import java.time.Duration;
import java.util.Optional;

/** What retention has done, in words. */
final class RetentionLines {
    private final Terminal terminal;

    RetentionLines(Terminal terminal) {
        this.terminal = terminal;
    }

    /** That moments before the oldest one are not there on purpose; empty when none was let go. */
    static Optional<String> notKept(ArchiveReader archive) {
        RetentionState state = archive.retention();
        return state.cut()
                .flatMap(cut -> state.oldest()
                        .map(oldest -> "what was before " + Amounts.time(oldest)
                                + " is no longer kept (retention, since " + Amounts.time(cut.since()) + ")"));
    }

    void removed(Removed removed, Duration grace) {
        terminal.line("Removed " + Amounts.count(removed.objects(), "object") + ", "
                + Amounts.bytes(removed.sizeBytes())
                + (removed.manifests() == 0 ? "" : ", and " + Amounts.count(removed.manifests(), "manifest"))
                + ", that nothing has needed for " + Amounts.duration(grace)
                + (removed.locked() == 0
                        ? "."
                        : "; the store's lock, or damage of what took their place, still keeps objects of "
                                + Amounts.count(removed.locked(), "manifest")
                                + ", which go when it has run out, or is mended."));
    }

    void state(RetentionState state, Duration grace) {
        state.oldest()
                .ifPresent(time -> terminal.line("The oldest moment that can be restored is of "
                        + Amounts.time(time)
                        + state.cut()
                                .map(cut -> "; what was before it was let go " + Amounts.time(cut.since()))
                                .orElse("")
                        + "."));
        if (state.heldObjects() > 0) {
            terminal.line("Of before it, for tenants that are held: " + Amounts.count(state.heldObjects(), "object")
                    + ", " + Amounts.bytes(state.heldBytes()) + ".");
        }
        if (state.waitingObjects() > 0) {
            terminal.line("Waiting to be removed: " + Amounts.count(state.waitingObjects(), "object") + ", "
                    + Amounts.bytes(state.waitingBytes()) + ", " + Amounts.duration(grace)
                    + " after they were needed last, and when no lock is on them.");
        }
    }
}
