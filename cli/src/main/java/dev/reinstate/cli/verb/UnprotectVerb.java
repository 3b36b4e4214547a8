package dev.reinstate.cli.verb;

import dev.reinstate.capture.protection.Unprotect;
import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.ConfigurationReader;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate unprotect}. */
@Command(
        name = "unprotect",
        description = "Removes slot, publications and everything else of ours from the source. The archive stays.")
public final class UnprotectVerb implements Callable<Integer> {
    private final Output output;
    private final Databases databases;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    record Document(String database, boolean slotDropped, List<String> removed, ArchivePlace archive) {}

    public UnprotectVerb(Output output, Databases databases) {
        this.output = output;
        this.databases = databases;
    }

    @Override
    public Integer call() throws SQLException {
        Configuration configuration = ConfigurationReader.read(options.config);
        SourceNames names = SourceNames.ofStore(configuration.store().name());
        Database database = databases.source(configuration.store(), options.passwordFile);
        Consent.require(
                output.terminal(),
                yes,
                "Remove " + names.slot() + " and its publications from " + database.displayName()
                        + "? Changes from then on are not captured.");
        boolean dropped;
        try (Connection connection = database.connect()) {
            dropped = Unprotect.run(connection, names);
        }
        Document document = new Document(
                database.displayName(),
                dropped,
                List.of(names.slot(), names.rowsPublication(), names.insertsPublication()),
                configuration.archive());
        output.result(json.asked, document, () -> show(document));
        return 0;
    }

    private void show(Document document) {
        output.terminal()
                .line((document.slotDropped() ? "Removed " : "Nothing was left of ")
                        + String.join(", ", document.removed()) + (document.slotDropped() ? " from " : " in ")
                        + document.database() + ".");
        output.terminal().line("The archive in " + document.archive() + " stays; what it holds can still be restored.");
    }
}
