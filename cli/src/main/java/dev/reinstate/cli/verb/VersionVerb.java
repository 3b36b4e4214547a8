package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code reinstate version}. */
@Command(name = "version", description = "Says which version this is and what it runs on.")
public final class VersionVerb implements Callable<Integer> {
    private final Output output;

    @Mixin
    private final JsonOption json = new JsonOption();

    record Version(String version, String java, String os) {}

    public VersionVerb(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        String version = VersionVerb.class.getPackage().getImplementationVersion();
        Version found = new Version(
                version == null ? "development" : version,
                System.getProperty("java.vm.vendor") + " " + Runtime.version(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        output.result(
                json.asked,
                found,
                () -> output.terminal()
                        .line("reinstate " + found.version() + " (" + found.java() + ", " + found.os() + ")"));
        return 0;
    }
}
