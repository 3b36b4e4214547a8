package dev.reinstate.bench;

import dev.reinstate.bench.load.PgbenchWorkload;
import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.load.Workload;
import dev.reinstate.bench.peer.DebeziumPeer;
import dev.reinstate.bench.peer.Drained;
import dev.reinstate.bench.peer.LogicalReceiver;
import dev.reinstate.bench.product.CaptureProcess;
import dev.reinstate.bench.product.Installation;
import dev.reinstate.bench.result.Gate;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.Row;
import dev.reinstate.bench.result.Series;
import dev.reinstate.bench.server.Database;
import dev.reinstate.model.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A backlog of about a million row changes, drained by capture and by its peers, every time from a copy of the same
 * slot. Capture's part ends when the archive's manifest says that all of it is durable. Afterwards capture alone drains
 * that backlog and two millions more, of which only the latter are measured: what it takes once it runs.
 */
final class CaptureDrain implements Bench {
    private static final String PUBLICATION = "bench_peer";
    private static final String PEER_SLOT = "bench_peer";
    private static final String KEPT_SLOT = "bench_kept";
    private static final double LEAST_OF_RECEIVER = 0.7;
    private static final double LEAST_OF_DEBEZIUM = 2.5;
    private static final double LEAST_PER_CORE_SECOND = 150_000;
    private static final long RUNNING_TIMES = 2;

    /** Somebody who drains the backlog. */
    private interface Consumer {
        Drained drain(Backlog backlog) throws Exception;
    }

    /** What is to be drained. */
    private record Backlog(Installation installation, Lsn end, long changes) {
        Database database() {
            return installation.database();
        }
    }

    /** A backlog with more behind it, up to that end: what is measured of a capture that runs. */
    private record LongBacklog(Backlog first, Lsn end, long changes) {}

    /** A consumer, or why there is none, and what it reached. */
    private record Contender(String name, Optional<Consumer> consumer, String absence, List<Drained> runs) {
        Contender(String name, Optional<Consumer> consumer, String absence) {
            this(name, consumer, absence, new ArrayList<>());
        }

        Optional<Series> rate(long changes) {
            return runs.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Series(
                            runs.stream().map(run -> run.perSecond(changes)).toList()));
        }

        Row row(String mix, long changes) {
            return rate(changes)
                    .map(rate -> Row.of(mix + ": " + name, rate, "changes/s", footprint()))
                    .orElseGet(() -> Row.skipped(mix + ": " + name, absence));
        }

        private String footprint() {
            Drained last = runs.getLast();
            return String.format(
                    Locale.ROOT, "CPU %.1f s, RSS %d MiB", last.cpu().toMillis() / 1e3, last.peakResidentBytes() >> 20);
        }
    }

    @Override
    public String name() {
        return "capture-drain";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        List<Row> rows = new ArrayList<>();
        List<Gate> gates = new ArrayList<>();
        Workload pgbench = new PgbenchWorkload(50, site.scaled(20_000));
        Workload saas = new SaasWorkload(200, site.scaled(1_000));
        long changes = measure(site, pgbench, site.scaled(250_000), rows, gates);
        long saasChanges = measure(site, saas, site.scaled(215_000), rows, gates);
        String setting = String.format(
                Locale.ROOT,
                "%,d pgbench-like and %,d demo-like changes, %d rounds",
                changes,
                saasChanges,
                site.rounds());
        return new Outcome(name(), setting, rows, gates);
    }

    private static long measure(Site site, Workload workload, long transactions, List<Row> rows, List<Gate> gates)
            throws Exception {
        Path folder = Files.createDirectory(site.folder().resolve("drain-" + workload.name()));
        Database database = site.server().createDatabase("drain");
        try {
            workload.create(database);
            Backlog backlog = prepare(folder, database, workload, transactions);
            List<Contender> contenders = contenders(site);
            for (int round = 0; round < site.rounds(); round++) {
                for (Contender contender : contenders) {
                    if (contender.consumer().isPresent()) {
                        database.checkpoint();
                        contender.runs().add(contender.consumer().get().drain(backlog));
                    }
                }
            }
            report(workload.name(), backlog.changes(), contenders, rows, gates);
            measureRunning(site, lengthen(backlog, workload, transactions), workload.name(), rows, gates);
            return backlog.changes();
        } finally {
            site.server().drop(database);
        }
    }

    /** Takes the first image, stops capture, keeps archive and slot, and only then makes the backlog. */
    private static Backlog prepare(Path folder, Database database, Workload workload, long transactions)
            throws Exception {
        database.execute("CREATE PUBLICATION " + PUBLICATION + " FOR TABLE " + String.join(", ", workload.tables()));
        Installation installation = Installation.init(folder, database, workload.tenantTable());
        try (CaptureProcess capture = installation.protect()) {
            capture.awaitCaughtUp();
        }
        installation.keep();
        copySlot(database, installation.slot(), KEPT_SLOT);
        long changes = workload.fillBacklog(database, transactions);
        Lsn end = end(database);
        workload.fillBacklog(database, 1); // so that there is something after the end, for those who wait for it
        return new Backlog(installation, end, changes);
    }

    /** Adds what is measured of a capture that runs, and some more, which is under way when that is durable. */
    private static LongBacklog lengthen(Backlog backlog, Workload workload, long transactions) throws SQLException {
        long changes = workload.fillBacklog(backlog.database(), RUNNING_TIMES * transactions, 0.5);
        Lsn end = end(backlog.database());
        workload.fillBacklog(backlog.database(), (transactions + 1) / 2, 0.75);
        return new LongBacklog(backlog, end, changes);
    }

    private static Lsn end(Database database) throws SQLException {
        return Lsn.parse(database.text("SELECT pg_current_wal_insert_lsn()"));
    }

    private static List<Contender> contenders(Site site) throws Exception {
        Optional<LogicalReceiver> receiver = LogicalReceiver.find();
        Optional<DebeziumPeer> debezium = DebeziumPeer.find(site.benchFolder());
        return List.of(
                new Contender(
                        "pg_recvlogical (pgoutput, TCP, discarded)",
                        receiver.map(program -> backlog -> withPeerSlot(
                                backlog,
                                () -> program.drain(
                                        backlog.database(),
                                        PEER_SLOT,
                                        PUBLICATION,
                                        backlog.end().toString(),
                                        backlog.installation().folder()))),
                        "no pg_recvlogical on this machine"),
                new Contender("Reinstate (attributed, sorted, zstd, fsync)", Optional.of(CaptureDrain::capture), ""),
                new Contender(
                        "Debezium embedded (no-op handler)",
                        debezium.map(engine -> backlog -> withPeerSlot(
                                backlog,
                                () -> engine.drain(
                                        backlog.database(),
                                        PEER_SLOT,
                                        PUBLICATION,
                                        backlog.changes(),
                                        backlog.installation().folder()))),
                        "not built, see bench/README.md"));
    }

    private interface Draining {
        Drained run() throws Exception;
    }

    private static Drained withPeerSlot(Backlog backlog, Draining draining) throws Exception {
        copySlot(backlog.database(), KEPT_SLOT, PEER_SLOT);
        try {
            return draining.run();
        } finally {
            backlog.database().dropSlot(PEER_SLOT);
        }
    }

    private static Drained capture(Backlog backlog) throws Exception {
        try (CaptureProcess capture = fromTheSlot(backlog.installation())) {
            return capture.drain(backlog.end());
        }
    }

    private static CaptureProcess fromTheSlot(Installation installation) throws Exception {
        installation.reset();
        installation.letSourceForget();
        copySlot(installation.database(), KEPT_SLOT, installation.slot());
        return installation.protect();
    }

    private static void measureRunning(Site site, LongBacklog backlog, String mix, List<Row> rows, List<Gate> gates)
            throws Exception {
        Installation installation = backlog.first().installation();
        List<Double> rates = new ArrayList<>();
        List<Double> perCoreSecond = new ArrayList<>();
        for (int round = 0; round < site.rounds(); round++) {
            installation.database().checkpoint();
            try (CaptureProcess capture = fromTheSlot(installation)) {
                CaptureProcess.Stretch stretch = capture.drain(backlog.first().end(), backlog.end());
                long changes = Math.round(backlog.changes() * stretch.share());
                rates.add(stretch.drained().perSecond(changes));
                perCoreSecond.add(stretch.drained().perCoreSecond(changes));
            }
        }
        rows.add(Row.of(mix + ": Reinstate, two millions after the first", new Series(rates), "changes/s"));
        gates.add(Gate.atLeast(
                mix + ": changes per core-second of capture, after the first million",
                LEAST_PER_CORE_SECOND,
                new Series(perCoreSecond)));
    }

    private static void report(String mix, long changes, List<Contender> contenders, List<Row> rows, List<Gate> gates) {
        contenders.forEach(contender -> rows.add(contender.row(mix, changes)));
        Series ours = contenders.get(1).rate(changes).orElseThrow();
        gates.add(gate(mix + ": Reinstate / pg_recvlogical", LEAST_OF_RECEIVER, ours, contenders.get(0), changes));
        gates.add(gate(mix + ": Reinstate / Debezium", LEAST_OF_DEBEZIUM, ours, contenders.get(2), changes));
        Series perCoreSecond = new Series(contenders.get(1).runs().stream()
                .map(run -> run.perCoreSecond(changes))
                .toList());
        gates.add(Gate.atLeast(mix + ": changes per core-second of capture", LEAST_PER_CORE_SECOND, perCoreSecond));
    }

    private static Gate gate(String what, double target, Series ours, Contender peer, long changes) {
        return peer.rate(changes)
                .map(theirs -> Gate.atLeast(what, target, ours.dividedBy(theirs)))
                .orElseGet(() -> Gate.skipped(what, Gate.Bound.AT_LEAST, target));
    }

    private static void copySlot(Database database, String from, String to) throws SQLException {
        database.execute("SELECT pg_copy_logical_replication_slot('" + from + "', '" + to + "')");
    }
}
