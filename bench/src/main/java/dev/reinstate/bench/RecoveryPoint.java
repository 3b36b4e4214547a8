package dev.reinstate.bench;

import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.load.SteadyLoad;
import dev.reinstate.bench.load.SteadyLoad.Committed;
import dev.reinstate.bench.product.CaptureProcess;
import dev.reinstate.bench.product.DurabilityWatch;
import dev.reinstate.bench.product.Installation;
import dev.reinstate.bench.result.Gate;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.Row;
import dev.reinstate.bench.result.Series;
import dev.reinstate.bench.server.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Under a steady load: how long after its commit a change is durable in the archive, settings as they come. */
final class RecoveryPoint implements Bench {
    private static final int TRANSACTIONS_PER_SECOND = 200;
    private static final int FULL_SECONDS = 60;
    private static final double MOST_SECONDS = 5;

    /** Delays of one round, sorted, in seconds. */
    private record Delays(List<Double> sorted, long changes, Duration length) {
        double quantile(double share) {
            return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
        }
    }

    @Override
    public String name() {
        return "recovery-point";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        SaasWorkload workload = new SaasWorkload(200, 200);
        Duration length = Duration.ofSeconds(site.scaled(FULL_SECONDS));
        Path folder = Files.createDirectory(site.folder().resolve(name()));
        Database database = site.server().createDatabase("recovery_point");
        try {
            workload.create(database);
            Installation installation = Installation.init(folder, database, workload.tenantTable());
            List<Delays> rounds = new ArrayList<>();
            try (CaptureProcess capture = installation.protect()) {
                capture.awaitCaughtUp();
                for (int round = 0; round < site.rounds(); round++) {
                    rounds.add(measure(installation, capture, workload, length));
                }
            }
            return outcome(rounds, length);
        } finally {
            site.server().drop(database);
        }
    }

    private static Delays measure(
            Installation installation, CaptureProcess capture, SaasWorkload workload, Duration length)
            throws Exception {
        Duration pace = Duration.ofSeconds(1).dividedBy(TRANSACTIONS_PER_SECOND);
        try (DurabilityWatch watch = new DurabilityWatch(installation)) {
            List<Committed> commits = new SteadyLoad(workload, pace).run(installation.database(), length, 0.1);
            workload.fillBacklog(installation.database(), 1); // something after the last commit's position
            capture.awaitDurable(commits.getLast().position());
            Thread.sleep(100); // so that the watch has looked, too
            List<Double> delays = commits.stream()
                    .map(commit -> (watch.durableNanos(commit.position()) - commit.nanos()) / 1e9)
                    .sorted()
                    .toList();
            long changes = commits.stream().mapToLong(Committed::changes).sum();
            return new Delays(delays, changes, length);
        }
    }

    private Outcome outcome(List<Delays> rounds, Duration length) {
        Series p99 = quantiles(rounds, 0.99);
        List<Row> rows = List.of(
                Row.of("commit until durable, p50", quantiles(rounds, 0.50), "s"),
                Row.of("commit until durable, p99", p99, "s"),
                Row.of("commit until durable, longest", quantiles(rounds, 1), "s"),
                Row.of("load", perSecond(rounds), "changes/s"));
        List<Gate> gates = List.of(Gate.atMost("commit until durable, p99, seconds", MOST_SECONDS, p99));
        String setting = String.format(
                Locale.ROOT,
                "%d transactions/s of about five changes for %d s, %d rounds",
                TRANSACTIONS_PER_SECOND,
                length.toSeconds(),
                rounds.size());
        return new Outcome(name(), setting, rows, gates);
    }

    private static Series quantiles(List<Delays> rounds, double share) {
        return new Series(rounds.stream().map(delays -> delays.quantile(share)).toList());
    }

    private static Series perSecond(List<Delays> rounds) {
        return new Series(rounds.stream()
                .map(delays -> (double) delays.changes() / delays.length().toSeconds())
                .toList());
    }
}
