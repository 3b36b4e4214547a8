package dev.reinstate.demo;

import dev.reinstate.demo.oracle.Census;
import dev.reinstate.demo.oracle.Difference;
import dev.reinstate.demo.saas.Gate;
import dev.reinstate.demo.saas.Ownership;
import dev.reinstate.demo.terminal.ProgressBar;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares what is there with what was, by plain SQL, and says what does not hold. */
final class ProveAct {
    private static final int SHOWN = 10;
    private static final long TRAFFIC_MILLIS = 3000;

    private final Stage stage;
    private final Map<String, Victim> victims;
    private final Census.Rows before;
    private final List<String> failures = new ArrayList<>();

    /**
     * Prepares the proof.
     *
     * @param before rows of all sites when the ledger was opened
     */
    ProveAct(Stage stage, Map<String, Victim> victims, Census.Rows before) {
        this.stage = stage;
        this.victims = victims;
        this.before = before;
    }

    /**
     * Runs all proofs.
     *
     * @param transactions ids of the reinstating transactions, as reported
     * @return what did not hold
     */
    List<String> run(Collection<Long> transactions) throws SQLException, IOException, InterruptedException {
        try (Gate.Pass held = stage.saas().gate().hold()) {
            proveWritten(transactions);
        }
        proveReinstated();
        proveQuiet();
        proveAlive();
        try (Gate.Pass held = stage.saas().gate().hold()) {
            proveCounts();
        }
        proveTraffic();
        return failures;
    }

    /** Every row of every reinstated site is what the oracle recorded. */
    private void proveReinstated() throws SQLException, IOException {
        List<Difference> differences = new ArrayList<>();
        int done = 0;
        try (ProgressBar bar = stage.terminal().progress("comparing", "sites", victims.size())) {
            for (String site : victims.keySet()) {
                differences.addAll(stage.witnesses().oracle().compare(site));
                bar.update(++done);
            }
        }
        long rows =
                victims.values().stream().mapToLong(v -> v.recorded().rows()).sum();
        conclude(
                differences.stream().map(Difference::toString).toList(),
                "reinstated sites: %d × %d tables, %s rows, each compared with what plain SQL read right before the damage"
                        .formatted(victims.size(), Ownership.TABLES.size(), Terminal.count(rows)));
    }

    /** Sites nobody wrote to are row for row as they were. */
    private void proveQuiet() throws SQLException, IOException {
        List<String> differences = new ArrayList<>();
        List<String> quiet = stage.saas().cast().quiet();
        for (String site : quiet) {
            stage.witnesses().oracle().compare(site).forEach(difference -> differences.add(difference.toString()));
        }
        conclude(differences, "quiet sites: %d, row for row as they were".formatted(quiet.size()));
    }

    /** The reinstating transactions wrote rows of the reinstated sites and no others. */
    private void proveWritten(Collection<Long> transactions) throws SQLException {
        Census.Rows written = stage.witnesses().census().writtenBy(transactions);
        List<String> problems = new ArrayList<>();
        written.bySite().forEach((site, tables) -> {
            if (!victims.containsKey(site)) {
                problems.add(site + " has rows written by a reinstatement of other sites: " + tables);
            }
        });
        // Also that the question could have been answered otherwise: the ids are real and found.
        for (Victim victim : victims.values()) {
            long rows = written.of(victim.site());
            if (rows != victim.recorded().rows()) {
                problems.add("%s: %d of its %d rows carry the id of a reported transaction"
                        .formatted(victim.site(), rows, victim.recorded().rows()));
            }
        }
        long shared = stage.witnesses().census().sharedRowsWrittenBy(transactions);
        if (shared > 0) {
            problems.add(shared + " rows of reference data were written");
        }
        conclude(
                problems,
                "%d reinstating transactions wrote every row of the reinstated sites and not one of any other site"
                        .formatted(Set.copyOf(transactions).size()));
    }

    /** Users work at the reinstated sites again. */
    private void proveAlive() throws InterruptedException {
        Set<String> sites = victims.keySet();
        long transactionsBefore = transactionsAt(sites);
        stage.saas().traffic().welcome(sites);
        Thread.sleep(TRAFFIC_MILLIS);
        long transactions = transactionsAt(sites) - transactionsBefore;
        conclude(
                transactions > 0 ? List.of() : List.of("no user could write to a reinstated site"),
                "users are back at the reinstated sites: %s transactions in %d s"
                        .formatted(Terminal.count(transactions), TRAFFIC_MILLIS / 1000));
    }

    private long transactionsAt(Set<String> sites) {
        return sites.stream()
                .mapToLong(site -> stage.saas().ledger().transactions(site))
                .sum();
    }

    /** Every busy site has the rows it had, plus and minus what its users say they committed. */
    private void proveCounts() throws SQLException {
        Census.Rows after = stage.witnesses().census().rows();
        List<String> problems = new ArrayList<>();
        List<String> others = stage.saas().cast().busy().stream()
                .filter(site -> !victims.containsKey(site))
                .toList();
        for (String site : others) {
            for (Ownership.Table table : Ownership.TABLES) {
                long expected =
                        before.at(site, table.name()) + stage.saas().ledger().balance(site, table.name());
                long found = after.at(site, table.name());
                if (found != expected) {
                    problems.add("%s %s: %d rows, expected %d".formatted(site, table.name(), found, expected));
                }
            }
        }
        conclude(
                problems,
                "busy sites: %d × %d row counts match what their users committed meanwhile (%s transactions)"
                        .formatted(
                                others.size(),
                                Ownership.TABLES.size(),
                                Terminal.count(stage.saas().ledger().transactions())));
    }

    private void proveTraffic() {
        conclude(
                stage.saas().traffic().errors(),
                "no user saw an error (%d gave way to another's commit, as in any busy database)"
                        .formatted(stage.saas().traffic().conflicts()));
    }

    private void conclude(List<String> problems, String claim) {
        if (problems.isEmpty()) {
            stage.terminal().good(claim);
            return;
        }
        stage.terminal().bad("does not hold: " + claim);
        problems.stream().limit(SHOWN).forEach(problem -> stage.terminal().say("  " + problem));
        if (problems.size() > SHOWN) {
            stage.terminal().say("  and %d more".formatted(problems.size() - SHOWN));
        }
        failures.addAll(problems);
    }
}
