package dev.reinstate.cli;

import dev.reinstate.cli.terminal.FailurePrinter;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.verb.ReinstateVerb;
import dev.reinstate.cli.verb.VersionVerb;
import dev.reinstate.model.ReinstateException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** One run of the command line, from arguments to exit code. */
final class Application {
    private final Output output;
    private final CommandLine.IFactory verbs;

    Application(Output output, CommandLine.IFactory verbs) {
        this.output = output;
        this.verbs = verbs;
    }

    /** Runs a verb. Whatever happens is said on the terminal; nothing is thrown. */
    int run(String... arguments) {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        boolean debug = given.contains("--debug");
        FailurePrinter failures = new FailurePrinter(output.terminal(), output.json());
        try {
            return commandLine(failures, json, debug).execute(arguments);
        } catch (RuntimeException | Error e) {
            return failures.print(e, json, debug);
        }
    }

    private CommandLine commandLine(FailurePrinter failures, boolean json, boolean debug) {
        Terminal terminal = output.terminal();
        CommandLine commandLine = new CommandLine(ReinstateVerb.class, verbs);
        addHelp(commandLine);
        commandLine.getSubcommands().values().forEach(Application::addHelp);
        commandLine
                .getCommandSpec()
                .versionProvider(() -> new String[] {VersionVerb.text()})
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Show the version and exit.")
                        .build());
        return commandLine
                .setOut(writer(terminal.out()))
                .setErr(writer(terminal.err()))
                .setUsageHelpWidth(Math.clamp(terminal.columns(), 80, 120))
                .setColorScheme(Help.defaultColorScheme(terminal.colours().out() ? Help.Ansi.ON : Help.Ansi.OFF))
                .setAbbreviatedOptionsAllowed(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, args) -> failures.print(explained(e), json, debug))
                .setExecutionExceptionHandler((e, command, result) -> failures.print(e, json, debug));
    }

    /** Every verb tells of itself, in the same words. */
    private static void addHelp(CommandLine verb) {
        if (verb.getCommandSpec().findOption("--help") == null) {
            verb.getCommandSpec()
                    .addOption(OptionSpec.builder("-h", "--help")
                            .usageHelp(true)
                            .description("Show this help and exit.")
                            .build());
        }
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** What was wrong with the arguments, without repeating any that might be a secret. */
    private static ReinstateException explained(ParameterException e) {
        if (e.getCause() instanceof ReinstateException ours) {
            return ours;
        }
        String verb = e.getCommandLine().getCommandSpec().qualifiedName();
        String next = "see `" + verb + " --help`";
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> near = unmatched.getSuggestions();
            return ReinstateException.invalid(
                    unmatchedNames(unmatched.getUnmatched()) + " is not known to `" + verb + "`",
                    near.isEmpty()
                            ? "it is neither one of its options nor expected there"
                            : "near names: " + String.join(", ", near),
                    next);
        }
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return ReinstateException.invalid("The command is not complete or not understood", message, next);
    }

    /** Options by name only; another word only where no option stands before it whose value it might be. */
    private static String unmatchedNames(List<String> unmatched) {
        String first = unmatched.isEmpty() ? "" : unmatched.getFirst();
        if (!first.startsWith("-")) {
            return first;
        }
        return String.join(
                " ",
                unmatched.stream()
                        .filter(word -> word.startsWith("-"))
                        .map(word -> word.split("=", 2)[0])
                        .toList());
    }
}
