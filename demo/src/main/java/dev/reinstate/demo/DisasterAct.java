package dev.reinstate.demo;

import dev.reinstate.demo.oracle.Oracle;
import dev.reinstate.demo.saas.Gate;
import dev.reinstate.demo.saas.LegacyAppRemoval;
import dev.reinstate.demo.saas.LegacyAppRemoval.Done;
import dev.reinstate.demo.saas.LegacyAppRemoval.Step;
import dev.reinstate.demo.terminal.ProgressBar;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The script deletes sites while users go on. Before each first damaging commit the users wait at the gate until the
 * site's rows are recorded and that commit is through, so that the recorded rows are exactly the last good ones.
 */
final class DisasterAct {
    private static final long BETWEEN_STEPS_MILLIS = 300;

    private final Stage stage;
    private final LegacyAppRemoval script;

    DisasterAct(Stage stage) {
        this.stage = stage;
        this.script = new LegacyAppRemoval(stage.saas().database(), stage.clock());
    }

    /** By site. */
    Map<String, Victim> run() throws SQLException, IOException, InterruptedException {
        Map<String, Victim> victims = new TreeMap<>();
        Cast cast = stage.saas().cast();
        Instant begin = stage.clock().instant();
        try (ProgressBar bar =
                stage.terminal().progress("deleting", "sites", cast.deleted().size())) {
            for (Cast.Blow blow : cast.blows()) {
                strike(blow).forEach(victim -> victims.put(victim.site(), victim));
                bar.update(victims.size());
            }
        }
        report(victims, Duration.between(begin, stage.clock().instant()));
        return victims;
    }

    private List<Victim> strike(Cast.Blow blow) throws SQLException, IOException, InterruptedException {
        List<Step> steps = LegacyAppRemoval.steps(blow.way(), blow.sites());
        List<Oracle.Recorded> recorded = new ArrayList<>();
        List<Long> transactions = new ArrayList<>();
        int next = 0;
        Done last;
        try (Gate.Pass held = stage.saas().gate().hold()) {
            for (String site : blow.sites()) {
                recorded.add(stage.witnesses().oracle().record(site));
                stage.saas().ledger().watch(site);
            }
            // A step that finds nothing to delete damages nothing.
            do {
                last = script.run(steps.get(next++));
            } while (last.rows() == 0 && next < steps.size());
            transactions.add(last.transaction());
        }
        while (next < steps.size()) {
            Thread.sleep(BETWEEN_STEPS_MILLIS);
            last = script.run(steps.get(next++));
            if (last.rows() > 0) {
                transactions.add(last.transaction());
            }
        }
        Instant gone = last.committed();
        return recorded.stream()
                .map(rows -> new Victim(
                        rows,
                        gone,
                        List.copyOf(transactions),
                        stage.saas().ledger().since(rows.site()).orElseThrow()))
                .toList();
    }

    private void report(Map<String, Victim> victims, Duration time) {
        Terminal terminal = stage.terminal();
        long rows =
                victims.values().stream().mapToLong(v -> v.recorded().rows()).sum();
        terminal.say("%d sites with %s rows are gone, in %s."
                .formatted(victims.size(), Terminal.count(rows), Terminal.duration(time)));
        long steps = victims.values().stream()
                .filter(victim -> victim.transactions().size() > 1)
                .count();
        terminal.detail(
                "%d with one DELETE and its cascades, %d table by table in several transactions; no alarm fired."
                        .formatted(victims.size() - steps, steps));
    }
}
