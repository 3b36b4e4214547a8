package dev.reinstate.bench;

import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.peer.PlainCopy;
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
import java.util.function.Function;

/**
 * One deleted tenant of about 100 MB, brought back into the live tables, against {@code COPY FROM} of the same rows
 * into the same tables with the same settings. Reading the archive, merging and writing count; reading back does not
 * and is shown beside. The first gate takes the restore's transaction by its receipt, the second everything from the
 * start of the command's JVM on, plan included.
 */
final class RestoreRate implements Bench {
    private static final int SITE = 21;
    private static final int FULL_ISSUES = 90_000;
    private static final double LEAST_OF_COPY = 0.6;

    /** Both sides of one round. */
    private record Round(Duration copy, Restored restored) {}

    @Override
    public String name() {
        return "restore-rate";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        SaasWorkload workload = new SaasWorkload(SITE - 1, site.scaled(2_000));
        Path folder = Files.createDirectory(site.folder().resolve(name()));
        Database database = site.server().createDatabase("restore_rate");
        try {
            workload.create(database);
            workload.fill(database, SITE, SITE, site.scaled(FULL_ISSUES));
            DeletedSites deleted = DeletedSites.protect(folder, database, List.of(SITE));
            PlainCopy copy = PlainCopy.keep(database, deleted.rows(), folder);
            List<Round> rounds = new ArrayList<>();
            for (int round = 0; round < site.rounds(); round++) {
                deleted.delete();
                Duration copied = copy.load(database);
                deleted.requireBack();
                deleted.delete();
                rounds.add(new Round(copied, deleted.restore()));
                deleted.requireBack();
            }
            return outcome(rounds, copy);
        } finally {
            site.server().drop(database);
        }
    }

    private Outcome outcome(List<Round> rounds, PlainCopy kept) throws Exception {
        double megabytes = kept.sizeBytes() / 1e6;
        Series copy = seconds(rounds.stream().map(Round::copy).toList());
        Series transaction = ours(rounds, Restored::transaction);
        Series command = ours(rounds, Restored::withoutVerifying);
        List<Row> rows = List.of(
                Row.of("plain COPY FROM, one transaction, foreign keys off", rate(megabytes, copy), "MB/s"),
                Row.of("Reinstate: transaction, not read back", rate(megabytes, transaction), "MB/s"),
                Row.of("Reinstate: whole command, not read back", rate(megabytes, command), "MB/s"),
                Row.of("plain COPY FROM", copy, "s"),
                Row.of("Reinstate: reading archive and live rows, merging", ours(rounds, Restored::reading), "s"),
                Row.of("Reinstate: writing, checking references, commit", ours(rounds, Restored::writing), "s"),
                Row.of("Reinstate: reading back and comparing", ours(rounds, Restored::verifying), "s"),
                Row.of("Reinstate: whole command with JVM, plan and all", ours(rounds, Restored::process), "s"));
        List<Gate> gates = List.of(
                Gate.atLeast(
                        "transaction, not read back / COPY FROM, rate", LEAST_OF_COPY, copy.dividedBy(transaction)),
                Gate.atLeast("whole command, not read back / COPY FROM, rate", LEAST_OF_COPY, copy.dividedBy(command)));
        String setting = String.format(
                Locale.ROOT,
                "%,d rows, %.0f MB of COPY text, 8 tables, %d rounds",
                kept.rows(),
                megabytes,
                rounds.size());
        return new Outcome(name(), setting, rows, gates);
    }

    private static Series ours(List<Round> rounds, Function<Restored, Duration> part) {
        return seconds(rounds.stream().map(Round::restored).map(part).toList());
    }

    private static Series rate(double megabytes, Series seconds) {
        return new Series(
                seconds.values().stream().map(value -> megabytes / value).toList());
    }

    static Series seconds(List<Duration> durations) {
        return new Series(
                durations.stream().map(duration -> duration.toNanos() / 1e9).toList());
    }
}
