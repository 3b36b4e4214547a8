package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.ConfigurationReader;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.ddl.DdlTrigger;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate ddl-trigger}. */
@Command(
        name = "ddl-trigger",
        description = {
            "Optional event triggers in the source: every DDL command then tells capture in its own transaction what it did.",
            "Renames become exact, rewrites are known at once, and a table that loses its identity never fails an UPDATE.",
            "They need a superuser. Without an option: whether they are there."
        })
public final class DdlTriggerVerb implements Callable<Integer> {
    private final Output output;
    private final Databases databases;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @ArgGroup
    private final Action action = new Action();

    /** What to do. */
    static final class Action {
        @Option(names = "--print", description = "Print the SQL that installs them, for a DBA to read and run.")
        private boolean print;

        @Option(names = "--install", description = "Install them, or replace those of another version.")
        private boolean install;

        @Option(names = "--remove", description = "Remove them.")
        private boolean remove;
    }

    record Document(String database, DdlTrigger.State state) {}

    public DdlTriggerVerb(Output output, Databases databases) {
        this.output = output;
        this.databases = databases;
    }

    @Override
    public Integer call() throws SQLException {
        Configuration configuration = ConfigurationReader.read(options.config);
        DdlTrigger trigger =
                new DdlTrigger(SourceNames.ofStore(configuration.store().name()));
        if (action.print) {
            output.terminal().line(trigger.removeSql() + trigger.installSql());
            return 0;
        }
        Database database = databases.source(configuration.store(), options.passwordFile);
        try (Connection connection = database.connect()) {
            if (action.install) {
                trigger.install(connection);
            } else if (action.remove) {
                trigger.remove(connection);
            }
            Document document = new Document(database.displayName(), trigger.state(connection));
            output.result(json.asked, document, () -> show(document));
        }
        return 0;
    }

    private void show(Document document) {
        output.terminal()
                .line("Event triggers in " + document.database() + ": "
                        + document.state().name().toLowerCase(Locale.ROOT) + ".");
        if (action.install) {
            output.terminal().line("A running `reinstate protect` relies on them from its next start on.");
        }
    }
}
