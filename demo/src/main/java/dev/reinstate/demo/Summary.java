package dev.reinstate.demo;

import dev.reinstate.demo.ProtectAct.Protection;
import dev.reinstate.demo.saas.Ledger;
import dev.reinstate.demo.terminal.Table;
import dev.reinstate.demo.terminal.Terminal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The final table, and the commands to go on by hand. */
final class Summary {
    private final Stage stage;
    private final Map<String, Victim> victims;
    private final SeeAct see;
    private final Reinstated reinstated;

    Summary(Stage stage, Map<String, Victim> victims, SeeAct see, Reinstated reinstated) {
        this.stage = stage;
        this.victims = victims;
        this.see = see;
        this.reinstated = reinstated;
    }

    /** What users committed to the sites after the damage began and before they were gone. */
    private record Lost(long rows, double seconds) {}

    DemoOutcome tell(List<String> failures, Protection now, Duration total) {
        long rows =
                victims.values().stream().mapToLong(v -> v.recorded().rows()).sum();
        long bytes = victims.values().stream()
                .mapToLong(v -> v.recorded().sizeBytes())
                .sum();
        Percentiles detect = Percentiles.of(see.secondsToDetect().values());
        Percentiles each = Percentiles.of(
                reinstated.sites().stream().map(Reinstated.Site::seconds).toList());
        Lost lost = lost();
        stage.terminal().heading("Result");
        stage.terminal()
                .lines(new Table()
                        .row("sites reinstated", Terminal.count(victims.size()))
                        .row("rows", Terminal.count(rows))
                        .row("bytes (as text)", Terminal.bytes(bytes))
                        .row("seconds to detect (p50 / max)", numbers(detect.p50(), detect.max()))
                        .row("seconds per site (p50 / p99 / max)", numbers(each.p50(), each.p99(), each.max()))
                        .row("seconds for all", numbers(reinstated.seconds()))
                        .row("data lost after the chosen moments: rows", Terminal.count(lost.rows()))
                        .row("data lost after the chosen moments: seconds", numbers(lost.seconds()))
                        .row("archive", Terminal.bytes(now.archiveBytes()))
                        .row("everything together", Terminal.duration(total))
                        .row("verdict", failures.isEmpty() ? "PASS" : "FAIL")
                        .lines());
        explainLoss(lost);
        stage.terminal()
                .verdict(
                        failures.isEmpty(),
                        failures.isEmpty()
                                ? "PASS: every row is back, and nobody else was touched."
                                : "FAIL: %d things did not hold, see above.".formatted(failures.size()));
        return new DemoOutcome(
                stage.settings().options().seed(),
                List.copyOf(failures),
                figures(rows, bytes, detect, each, lost, now),
                total);
    }

    private SortedMap<String, Object> figures(
            long rows, long bytes, Percentiles detect, Percentiles each, Lost lost, Protection now) {
        SortedMap<String, Object> figures = new TreeMap<>();
        figures.put("sites", victims.size());
        figures.put("rows", rows);
        figures.put("bytes", bytes);
        figures.put("secondsToDetectMedian", detect.p50());
        figures.put("secondsToDetectMax", detect.max());
        figures.put("secondsPerSiteP50", each.p50());
        figures.put("secondsPerSiteP99", each.p99());
        figures.put("secondsPerSiteMax", each.max());
        figures.put("secondsForAll", reinstated.seconds());
        figures.put("lostRows", lost.rows());
        figures.put("lostSeconds", lost.seconds());
        figures.put("archiveBytes", now.archiveBytes());
        figures.put("userTransactions", stage.saas().ledger().transactions());
        return figures;
    }

    private Lost lost() {
        long rows = 0;
        double seconds = 0;
        for (Victim victim : victims.values()) {
            Ledger.Since since = victim.since();
            Instant last = since.last();
            if (last != null) {
                rows += since.rows();
                seconds =
                        Math.max(seconds, Duration.between(since.begin(), last).toMillis() / 1000.0);
            }
        }
        return new Lost(rows, seconds);
    }

    private void explainLoss(Lost lost) {
        if (lost.rows() > 0) {
            stage.terminal()
                    .detail("Lost is what users still wrote to sites while the script was deleting them step by step.");
        }
    }

    private static String numbers(double... values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(text.isEmpty() ? "" : " / ").append(String.format(Locale.ROOT, "%.2f", value));
        }
        return text.toString();
    }

    /** For a demo that goes on. */
    void tellCommands() {
        Terminal terminal = stage.terminal();
        String site = victims.keySet().iterator().next();
        terminal.heading("PostgreSQL and capture go on. Try, for example:");
        terminal.say(stage.verbs().typed("status"));
        terminal.say(stage.verbs().typed("history " + site));
        terminal.say(stage.verbs().typed("restore " + site + " --before-deletion --replace --dry-run"));
        terminal.say(stage.verbs().stopCommand() + "   ends both and removes the files");
    }
}
