package dev.reinstate.bench;

import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.product.Restored;
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

/** Restoring one and the same tenant from a database and from one with ten times as many tenants around it. */
final class RestoreScaling implements Bench {
    private static final int SITES = 30;
    private static final int FULL_ISSUES = 2_000;
    private static final int TENANT_ISSUES = 20_000;
    private static final int GROWTH = 10;
    private static final double MOST = 1.3;

    @Override
    public String name() {
        return "restore-scaling";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        List<Restored> small = measure(site, SITES);
        List<Restored> large = measure(site, SITES * GROWTH);
        Series smallSeconds = transaction(small);
        Series largeSeconds = transaction(large);
        List<Row> rows = List.of(
                Row.of("transaction, database of " + SITES + " tenants", smallSeconds, "s"),
                Row.of("transaction, database of " + SITES * GROWTH + " tenants", largeSeconds, "s"),
                Row.of("the whole command, small", process(small), "s"),
                Row.of("the whole command, large", process(large), "s"));
        // the databases are measured one after the other: medians are compared, not runs
        Series ratio = Series.of(largeSeconds.median() / smallSeconds.median());
        Series whole = Series.of(process(large).median() / process(small).median());
        List<Gate> gates = List.of(
                Gate.atMost("time of the transaction, large / small database", MOST, ratio),
                Gate.atMost("time of the whole command, large / small database", MOST, whole));
        String setting = String.format(
                Locale.ROOT,
                "one tenant of %,d issues among %d and %d of %,d, %d rounds",
                site.scaled(TENANT_ISSUES),
                SITES,
                SITES * GROWTH,
                site.scaled(FULL_ISSUES),
                site.rounds());
        return new Outcome(name(), setting, rows, gates);
    }

    private static List<Restored> measure(Site site, int sites) throws Exception {
        SaasWorkload workload = new SaasWorkload(sites, site.scaled(FULL_ISSUES));
        Path folder = Files.createDirectory(site.folder().resolve("scaling-" + sites));
        Database database = site.server().createDatabase("scaling");
        try {
            workload.create(database);
            workload.fill(database, sites + 1, sites + 1, site.scaled(TENANT_ISSUES));
            DeletedSites deleted = DeletedSites.protect(folder, database, List.of(sites + 1));
            List<Restored> rounds = new ArrayList<>();
            for (int round = 0; round < site.rounds(); round++) {
                deleted.delete();
                rounds.add(deleted.restore());
                deleted.requireBack();
            }
            return rounds;
        } finally {
            site.server().drop(database);
        }
    }

    private static Series transaction(List<Restored> rounds) {
        return RestoreRate.seconds(rounds.stream()
                .map(round -> round.transaction().plus(round.verifying()))
                .toList());
    }

    private static Series process(List<Restored> rounds) {
        List<Duration> durations = rounds.stream().map(Restored::process).toList();
        return RestoreRate.seconds(durations);
    }
}
