package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.model.Definition;
import dev.reinstate.model.Definitions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code reinstate schema}. */
@Command(
        name = "schema",
        description = {
            "Prints the SQL that makes the captured tables as they were at a moment (default: the newest).",
            "With what they need: types, sequences, keys, indexes, constraints. Needs the archive alone."
        })
public final class SchemaVerb extends ArchiveVerb {
    @Mixin
    private final MomentOptions moment = new MomentOptions();

    public SchemaVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        moment.requireAtMostOne();
        ArchiveReader archive = options.open(archives).reader();
        Definitions definitions = SchemaCreation.definitionsAt(
                archive,
                moment.resolve(archive)
                        .orElseGet(() -> archive.state().durableTo().previous()));
        output.result(json.asked, definitions, () -> print(definitions));
        return 0;
    }

    /** So that the output can be given to {@code psql} as it is. */
    private void print(Definitions definitions) {
        output.terminal()
                .line("-- The captured tables, read at " + definitions.time() + ", as of " + definitions.position());
        definitions.leftOut().forEach(left -> output.terminal().line("-- left out: " + left.replace('\n', ' ')));
        output.terminal().line("SET check_function_bodies = off;");
        for (Definition definition : definitions.statements()) {
            output.terminal().line(definition.sql() + ";");
        }
    }
}
