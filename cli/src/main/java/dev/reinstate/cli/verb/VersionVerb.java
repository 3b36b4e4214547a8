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
        output.result(json.asked, version(), () -> output.terminal().line(text()));
        return 0;
    }

    /** The version and what it runs on, in a line. */
    public static String text() {
        Version version = version();
        return "reinstate " + version.version() + " (" + version.java() + ", " + version.os() + ")";
    }

    private static Version version() {
        String version = VersionVerb.class.getPackage().getImplementationVersion();
        return new Version(
                version == null ? "development" : version,
                System.getProperty("java.vm.vendor") + " " + Runtime.version(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    }
}
