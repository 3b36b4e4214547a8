package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Archives;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A verb about an archive that is there, which answers a person or a script. */
abstract class ArchiveVerb implements Callable<Integer> {
    final Output output;
    final Archives archives;

    @Mixin
    final ArchiveOptions options = new ArchiveOptions();

    @Mixin
    final JsonOption json = new JsonOption();

    ArchiveVerb(Output output, Archives archives) {
        this.output = output;
        this.archives = archives;
    }
}
