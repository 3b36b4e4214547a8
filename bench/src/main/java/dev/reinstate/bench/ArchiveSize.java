package dev.reinstate.bench;

import dev.reinstate.bench.load.PgbenchWorkload;
import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.load.SteadyLoad;
import dev.reinstate.bench.load.SteadyLoad.Committed;
import dev.reinstate.bench.load.Workload;
import dev.reinstate.bench.peer.PgBackRest;
import dev.reinstate.bench.product.CaptureProcess;
import dev.reinstate.bench.product.Installation;
import dev.reinstate.bench.product.StoredBytes;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What image and changes of 24 hours take in the archive, against a full backup and the WAL of the same time in
 * pgBackRest's repository. The load runs at the demo's pace for some minutes, so that segments and checkpoints come as
 * they do in life; what they left is carried forward to 24 hours, image and full backup counted once. Two servers have the same
 * load: one that captures, and one as it would be without Reinstate ({@code wal_level=replica}). Run once whatever the
 * rounds: nothing disturbs a size.
 */
final class ArchiveSize implements Bench {
    private static final double MOST_OF_PEER = 0.7;
    private static final int TRANSACTIONS_PER_SECOND = 200;
    private static final int FULL_SECONDS = 10 * 60;
    private static final double DAY_SECONDS = 24 * 60 * 60;

    /** What was there at one moment, in bytes, and the pages written whole since the server began. */
    private record Sizes(StoredBytes archive, long logicalWal, long replicaWal, long replicaWalRaw, long fullPages) {}

    /**
     * One history, in bytes.
     *
     * @param backup pgBackRest's full backup
     * @param compacted the archive after compaction, at the end
     * @param seconds between begin and end
     */
    private record Measured(
            String name, Sizes begin, Sizes end, StoredBytes compacted, long backup, double seconds, long changes) {
        double forDay(long atBegin, long atEnd) {
            return (atEnd - atBegin) / seconds * DAY_SECONDS;
        }
    }

    @Override
    public String name() {
        return "archive-size";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        Duration length = Duration.ofSeconds(site.scaled(FULL_SECONDS));
        String setting = String.format(
                Locale.ROOT,
                "%d transactions/s for %d s, carried forward to 24 h, checkpoints every 5 min",
                TRANSACTIONS_PER_SECOND,
                length.toSeconds());
        Optional<PgBackRest.Found> peer = PgBackRest.find();
        if (peer.isEmpty()) {
            return new Outcome(
                    name(),
                    setting,
                    List.of(Row.skipped("pgBackRest", PgBackRest.absence())),
                    List.of(Gate.skipped("archive / pgBackRest", Gate.Bound.AT_MOST, MOST_OF_PEER)));
        }
        List<Row> rows = new ArrayList<>();
        List<Gate> gates = new ArrayList<>();
        for (Workload workload :
                List.of(new SaasWorkload(200, site.scaled(1_000)), new PgbenchWorkload(50, site.scaled(20_000)))) {
            report(measure(site, peer.get(), workload, length), rows, gates);
        }
        return new Outcome(name(), setting + ", " + peer.get().versions(), rows, gates);
    }

    private static Measured measure(Site site, PgBackRest.Found peer, Workload workload, Duration length)
            throws Exception {
        Path folder = Files.createDirectory(site.folder().resolve("size-" + workload.name()));
        try (PgBackRest captured = peer.newCluster(Map.of("wal_level", "logical"));
                PgBackRest plain = peer.newCluster(Map.of("wal_level", "replica"))) {
            Database database = captured.backedUp(workload);
            plain.backedUp(workload);
            Installation installation = Installation.init(folder, database, workload.tenantTable());
            Sizes begin;
            Sizes end;
            long start;
            double seconds;
            List<Committed> commits;
            try (CaptureProcess capture = installation.protect()) {
                capture.awaitCaughtUp();
                begin = sizes(installation, captured, plain);
                start = System.nanoTime();
                commits = load(workload, captured, plain, length);
                seconds = (System.nanoTime() - start) / 1e9;
                workload.fillBacklog(installation.database(), 1); // something after the last commit's position
                capture.awaitDurable(commits.getLast().position());
                end = sizes(installation, captured, plain);
            }
            long changes = commits.stream().mapToLong(Committed::changes).sum();
            installation.compact();
            StoredBytes compacted = installation.stored();
            return new Measured(workload.name(), begin, end, compacted, plain.backupBytes(), seconds, changes);
        }
    }

    private static List<Committed> load(Workload workload, PgBackRest one, PgBackRest other, Duration length)
            throws Exception {
        Duration pace = Duration.ofSeconds(1).dividedBy(TRANSACTIONS_PER_SECOND);
        SteadyLoad load = new SteadyLoad(workload, pace);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<List<Committed>> first = threads.submit(() -> load.run(one.database("bench"), length, 0.1));
            Future<List<Committed>> second = threads.submit(() -> load.run(other.database("bench"), length, 0.1));
            List<Committed> commits = first.get();
            int others = second.get().size();
            if (others != commits.size()) {
                throw new IllegalStateException("one server committed " + commits.size() + ", the other " + others);
            }
            return commits;
        }
    }

    private static Sizes sizes(Installation installation, PgBackRest captured, PgBackRest plain) throws Exception {
        captured.archiveWal();
        plain.archiveWal();
        Database database = plain.database("postgres");
        return new Sizes(
                installation.stored(),
                captured.walBytes(),
                plain.walBytes(),
                database.number("SELECT pg_current_wal_insert_lsn() - '0/0'"),
                database.number("SELECT wal_fpi FROM pg_stat_wal"));
    }

    private static void report(Measured measured, List<Row> rows, List<Gate> gates) {
        String mix = measured.name() + ": ";
        Sizes begin = measured.begin();
        Sizes end = measured.end();
        double archived = begin.archive().bytes()
                + measured.forDay(begin.archive().bytes(), end.archive().bytes());
        double compacted = begin.archive().bytes()
                + measured.forDay(begin.archive().bytes(), measured.compacted().bytes());
        double plain = measured.backup() + measured.forDay(begin.replicaWal(), end.replicaWal());
        double same = measured.backup() + measured.forDay(begin.logicalWal(), end.logicalWal());
        rows.add(Row.of(
                mix + "changes made",
                Series.of((double) measured.changes()),
                "",
                String.format(
                        Locale.ROOT,
                        "in %.0f s, %.0f a second",
                        measured.seconds(),
                        measured.changes() / measured.seconds())));
        rows.add(megabytes(
                mix + "Reinstate: first image", (double) begin.archive().bytes(), ""));
        rows.add(megabytes(
                mix + "Reinstate: changes of 24 h",
                archived - begin.archive().bytes(),
                begin.archive().until(end.archive())));
        rows.add(megabytes(
                mix + "Reinstate: changes of 24 h, compacted",
                compacted - begin.archive().bytes(),
                begin.archive().until(measured.compacted())));
        rows.add(megabytes(mix + "pgBackRest: full backup", (double) measured.backup(), ""));
        rows.add(megabytes(
                mix + "pgBackRest: WAL of 24 h, server without Reinstate",
                plain - measured.backup(),
                walNote(measured)));
        rows.add(megabytes(mix + "pgBackRest: WAL of 24 h, same server", same - measured.backup(), ""));
        gates.add(gate(mix + "archive / pgBackRest", archived / plain));
        gates.add(gate(mix + "compacted archive / pgBackRest", compacted / plain));
        gates.add(gate(mix + "archive / pgBackRest of the same server", archived / same));
    }

    private static String walNote(Measured measured) {
        double raw = measured.end().replicaWalRaw() - measured.begin().replicaWalRaw();
        long pages = measured.end().fullPages() - measured.begin().fullPages();
        return String.format(Locale.ROOT, "%.0f MB of WAL were written in the run, %,d pages whole", raw / 1e6, pages);
    }

    private static Gate gate(String what, double ratio) {
        return Gate.atMost(what, MOST_OF_PEER, Series.of(ratio));
    }

    private static Row megabytes(String what, double bytes, String note) {
        return Row.of(what, Series.of(bytes / 1e6), "MB", note);
    }
}
