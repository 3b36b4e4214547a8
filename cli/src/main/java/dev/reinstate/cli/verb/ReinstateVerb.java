package dev.reinstate.cli.verb;

import dev.reinstate.model.ReinstateException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command itself: without a verb it explains the verbs. */
@Command(
        name = "reinstate",
        description =
                "Brings tenants of a shared PostgreSQL database back, to any second, without touching the others.",
        subcommands = {
            DemoVerb.class,
            InitVerb.class,
            ProtectVerb.class,
            StatusVerb.class,
            TenantsVerb.class,
            HistoryVerb.class,
            RestoreVerb.class,
            ReceiptVerb.class,
            ExportVerb.class,
            SchemaVerb.class,
            CheckVerb.class,
            CopyVerb.class,
            CompactVerb.class,
            RetentionVerb.class,
            HoldVerb.class,
            ShredVerb.class,
            KeysVerb.class,
            DdlTriggerVerb.class,
            UnprotectVerb.class,
            VersionVerb.class,
            CommandLine.HelpCommand.class
        },
        footerHeading = "%n",
        footer = {
            "Begin with:  reinstate demo",
            "",
            "Exit codes: 0 done, 1 done and something did not hold (demo, init --check), 2 fix the request, 3 refused by a rule,",
            "4 that moment cannot be restored, 5 something is in the way: look again, 6 a server or disk is away,",
            "7 stored bytes are damaged, 8 the receipt is not signed, 70 our fault, 130 interrupted."
        })
public final class ReinstateVerb implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "With an error, also say where in the program it happened.")
    @SuppressWarnings("UnusedVariable") // looked for in the arguments, which also fail before they are parsed
    private boolean debug;

    /** Refuses what must never stand in a process list, without repeating it. */
    @Option(names = "--password", arity = "0..1", hidden = true, scope = ScopeType.INHERIT)
    @SuppressWarnings("DoNotCallSuggester")
    void password(String ignored) {
        throw ReinstateException.invalid(
                "A password stands on the command line",
                "command lines are visible to every user of this machine and end in logs and shell histories",
                "change it, if others use this machine; give it in the environment as REINSTATE_PASSWORD, in a file with"
                        + " --password-file, or in ~/.pgpass");
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
