package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.DataChecks;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How much of the data discovery may read. */
final class LookOptions {
    private static final Duration PATIENCE = Duration.ofHours(1);

    @Option(
            names = "--full-check",
            description = "Look at every row of every table, not at a bounded sample of each. Says first how many, and"
                    + " asks on a terminal.")
    private boolean full;

    /** Bounded samples, or everything when that was asked for; says what that means, and asks where it can. */
    DataChecks.Limits limits(Terminal terminal, Catalogue catalogue) {
        if (!full) {
            return DataChecks.Limits.DEFAULT;
        }
        long rows = catalogue.tables().stream()
                .filter(table -> table.kind() != Table.Kind.PARTITIONED)
                .mapToLong(table -> Math.max(0, table.estimatedRows()))
                .sum();
        terminal.note("--full-check reads all of "
                + Amounts.count(catalogue.tables().size(), "table") + ", about "
                + Amounts.count(rows, "row") + ", some more than once, and looks up the rows they refer to. It writes"
                + " nothing, takes no lock that writers wait for, and costs the server that much reading.");
        if (terminal.asks() && !terminal.confirm("Read them all?")) {
            throw ReinstateException.refused(
                    "Nothing was read",
                    "the answer was no",
                    "run it without --full-check: it looks at bounded samples");
        }
        return new DataChecks.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, PATIENCE);
    }
}
