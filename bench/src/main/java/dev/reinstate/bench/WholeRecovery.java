package dev.reinstate.bench;

import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.peer.PgBackRest;
import dev.reinstate.bench.peer.PlainCopy;
import dev.reinstate.bench.result.Gate;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.Row;
import dev.reinstate.bench.result.Series;
import dev.reinstate.bench.server.Database;
import dev.reinstate.model.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Ten tenants were deleted from a living database. The usual way: the whole cluster is recovered beside it from
 * pgBackRest's full backup and WAL to just before, the rows are copied out of it and into the living database. Against
 * one {@code reinstate restore} of the ten. Both from the same cluster and history, with the database at several sizes;
 * WAL since the backup grows with it. Factors come from {@code -Dbench.factors=1,4,10}.
 */
final class WholeRecovery implements Bench {
    private static final int SITES = 250;
    private static final int FULL_ISSUES = 2_000;
    private static final int FULL_TRANSACTIONS = 60_000;
    private static final int LOST = 10;
    private static final double MOST_OF_PEER = 1;
    private static final double MOST_GROWTH = 1.3;

    /** Both ways in one round. */
    private record Round(PgBackRest.Recovery recovery, Duration extract, Duration load, Duration restore) {
        Duration whole() {
            return recovery.files().plus(recovery.replay()).plus(extract).plus(load);
        }
    }

    /**
     * Of one size of the database.
     *
     * @param databaseBytes before anything was deleted
     * @param walBytes between the backup and the position
     * @param rows of the lost tenants
     */
    private record Measured(int factor, long databaseBytes, long walBytes, long rows, List<Round> rounds) {
        Series seconds(Function<Round, Duration> part) {
            return RestoreRate.seconds(rounds.stream().map(part).toList());
        }
    }

    @Override
    public String name() {
        return "whole-recovery";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        String setting = String.format(
                Locale.ROOT,
                "%d tenants of %,d issues at 1×, %,d transactions since the backup, %d tenants lost, %d rounds",
                SITES,
                site.scaled(FULL_ISSUES),
                site.scaled(FULL_TRANSACTIONS),
                LOST,
                site.rounds());
        Optional<PgBackRest.Found> peer = PgBackRest.find();
        if (peer.isEmpty()) {
            return new Outcome(
                    name(),
                    setting,
                    List.of(Row.skipped("pgBackRest", PgBackRest.absence())),
                    List.of(Gate.skipped("time, Reinstate / pgBackRest", Gate.Bound.AT_MOST, MOST_OF_PEER)));
        }
        List<Row> rows = new ArrayList<>();
        List<Gate> gates = new ArrayList<>();
        List<Measured> sizes = new ArrayList<>();
        for (int factor : factors()) {
            Measured measured = measure(site, peer.get(), factor);
            sizes.add(measured);
            report(measured, rows, gates);
        }
        if (sizes.size() > 1) {
            gates.add(growth(sizes.getFirst(), sizes.getLast()));
        }
        return new Outcome(name(), setting + ", " + peer.get().versions(), rows, gates);
    }

    private static int[] factors() {
        return Arrays.stream(System.getProperty("bench.factors", "1,4").split(","))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static Measured measure(Site site, PgBackRest.Found found, int factor) throws Exception {
        Path folder = Files.createDirectory(site.folder().resolve("recovery-" + factor));
        SaasWorkload workload = new SaasWorkload(SITES * factor, site.scaled(FULL_ISSUES));
        try (PgBackRest peer = found.newCluster(Map.of("wal_level", "logical", "shared_buffers", "1GB"))) {
            Database database = peer.backedUp(workload);
            Lsn backedUp = Lsn.parse(database.text("SELECT pg_current_wal_insert_lsn()"));
            workload.fillBacklog(database, (long) site.scaled(FULL_TRANSACTIONS) * factor);
            DeletedSites deleted = DeletedSites.protect(folder, database, lost(factor));
            // something harmless at or after the position, at which the recovery stops
            database.execute("SELECT pg_logical_emit_message(true, 'bench', 'the last that is right')");
            peer.archiveWal();
            long databaseBytes = database.number("SELECT pg_database_size('bench')");
            List<Round> rounds = new ArrayList<>();
            long rows = 0;
            for (int round = 0; round < site.rounds(); round++) {
                deleted.delete();
                PgBackRest.Recovery recovery;
                Duration extract;
                PlainCopy copy;
                try (PgBackRest.Recovered side = peer.recover(deleted.position())) {
                    recovery = side.recovery();
                    long start = System.nanoTime();
                    copy = PlainCopy.keep(side.database("bench"), deleted.rows(), folder);
                    extract = Duration.ofNanos(System.nanoTime() - start);
                }
                rows = copy.rows();
                Duration load = copy.load(database);
                deleted.requireBack();
                deleted.delete();
                Duration restore = deleted.restoreAll();
                deleted.requireBack();
                rounds.add(new Round(recovery, extract, load, restore));
            }
            long walBytes = deleted.position().value() - backedUp.value();
            return new Measured(factor, databaseBytes, walBytes, rows, rounds);
        }
    }

    /** Spread over all of them. */
    private static List<Integer> lost(int factor) {
        return IntStream.rangeClosed(1, LOST)
                .mapToObj(i -> i * SITES * factor / (LOST + 1))
                .toList();
    }

    private static void report(Measured measured, List<Row> rows, List<Gate> gates) {
        String size = measured.factor() + "×: ";
        rows.add(Row.of(
                size + "database",
                Series.of(measured.databaseBytes() / 1e6),
                "MB",
                String.format(Locale.ROOT, "%,.0f MB of WAL since the backup", measured.walBytes() / 1e6)));
        rows.add(Row.of(
                size + "tenants lost and brought back",
                Series.of((double) LOST),
                "",
                String.format(
                        Locale.ROOT, "of %,d; %,d rows in 8 tables", SITES * measured.factor(), measured.rows())));
        rows.add(Row.of(
                size + "pgBackRest: files back",
                measured.seconds(round -> round.recovery().files()),
                "s"));
        rows.add(Row.of(
                size + "pgBackRest: WAL replayed",
                measured.seconds(round -> round.recovery().replay()),
                "s"));
        rows.add(Row.of(size + "copied out", measured.seconds(Round::extract), "s"));
        rows.add(Row.of(size + "copied in, foreign keys off", measured.seconds(Round::load), "s"));
        rows.add(Row.of(size + "the usual way, all of it", measured.seconds(Round::whole), "s"));
        rows.add(Row.of(
                size + "reinstate restore of the ten, the whole command", measured.seconds(Round::restore), "s"));
        gates.add(Gate.atMost(
                size + "time, Reinstate / pgBackRest",
                MOST_OF_PEER,
                measured.seconds(Round::restore).dividedBy(measured.seconds(Round::whole))));
    }

    /** The sizes are measured one after the other: medians are compared, not runs. */
    private static Gate growth(Measured small, Measured large) {
        double ratio = large.seconds(Round::restore).median()
                / small.seconds(Round::restore).median();
        return Gate.atMost(
                "time of Reinstate, " + large.factor() + "× / " + small.factor() + "×", MOST_GROWTH, Series.of(ratio));
    }
}
