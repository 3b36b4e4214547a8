package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.definition.TableMaker;

/** Makes the tables in an empty database before tenants are restored into it. */
final class SchemaCreation {
    private final ArchiveReader archive;
    private final Database target;
    private final Terminal terminal;

    SchemaCreation(ArchiveReader archive, Database target, Terminal terminal) {
        this.archive = archive;
        this.target = target;
        this.terminal = terminal;
    }

    /** {@code NOT_RESTORABLE} when the archive does not have them. */
    static Definitions definitionsAt(ArchiveReader archive, Lsn position) {
        return archive.definitionsAt(position)
                .orElseThrow(() -> ReinstateException.notRestorable(
                        "What makes the tables as of " + position + " is not known",
                        "the archive has it from a later position on, or not at all",
                        "make the tables by hand, from your migrations or a dump, and restore into them"));
    }

    /** Asks, then makes them all or none. */
    void carryOut(Lsn position, boolean yes) {
        Definitions definitions = definitionsAt(archive, position);
        terminal.note("tables as of " + definitions.position() + " are made in " + target.displayName() + ": "
                + Amounts.count(definitions.statements().size(), "statement") + " (`reinstate schema` prints them)");
        definitions.leftOut().forEach(left -> terminal.note("left out: " + left));
        Consent.require(terminal, yes, "Make the tables in " + target.displayName() + "?");
        TableMaker.make(target, definitions);
    }
}
