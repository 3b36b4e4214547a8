package dev.reinstate.bench;

import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.peer.Drained;
import dev.reinstate.bench.peer.RawCopy;
import dev.reinstate.bench.product.CaptureProcess;
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
import java.util.Optional;

/**
 * The first image — attributed, sorted, compressed, encrypted, fsynced — against {@code COPY TO} of the same tables,
 * thrown away: over one connection, which is what an image reads with, and over as many as there are cores.
 */
final class ImageRate implements Bench {
    private static final int SITES = 200;
    private static final int FULL_ISSUES = 4_000;
    private static final double LEAST_OF_COPY = 0.5;

    /** One round; the peers' parts are empty where psql is missing. */
    private record Round(Drained image, Optional<Duration> single, Optional<Duration> parallel) {}

    @Override
    public String name() {
        return "image-rate";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        SaasWorkload workload = new SaasWorkload(SITES, site.scaled(FULL_ISSUES));
        Path folder = Files.createDirectory(site.folder().resolve(name()));
        Database database = site.server().createDatabase("image_rate");
        int cores = Runtime.getRuntime().availableProcessors();
        try {
            workload.create(database);
            Optional<RawCopy> copy = RawCopy.find();
            List<Round> rounds = new ArrayList<>();
            for (int round = 0; round < site.rounds(); round++) {
                Optional<Duration> single = Optional.empty();
                Optional<Duration> parallel = Optional.empty();
                if (copy.isPresent()) {
                    single = Optional.of(copy.get().run(database, workload.tables(), 1, folder));
                    parallel = Optional.of(copy.get().run(database, workload.tables(), cores, folder));
                }
                rounds.add(new Round(image(folder.resolve("round-" + round), database, workload), single, parallel));
            }
            return outcome(rounds, database.number("SELECT " + bytes(workload)), cores);
        } finally {
            site.server().drop(database);
        }
    }

    private static Drained image(Path folder, Database database, SaasWorkload workload) throws Exception {
        Files.createDirectory(folder);
        Installation installation = Installation.init(folder, database, workload.tenantTable());
        try (CaptureProcess capture = installation.protect()) {
            return capture.image();
        } finally {
            installation.letSourceForget();
        }
    }

    /** Bytes of the rows' text, near enough: the same for all. */
    private static String bytes(SaasWorkload workload) {
        return String.join(
                " + ",
                workload.tables().stream()
                        .map(table -> "(SELECT coalesce(sum(length(t::text)), 0) FROM " + table + " t)")
                        .toList());
    }

    private Outcome outcome(List<Round> rounds, long bytes, int cores) {
        Series image =
                rate(bytes, rounds.stream().map(round -> round.image().wall()).toList());
        List<Row> rows = new ArrayList<>();
        List<Gate> gates = new ArrayList<>();
        rows.add(Row.of(
                "Reinstate: from the slot's creation until the image is durable",
                image,
                "MB/s",
                String.format(
                        Locale.ROOT,
                        "CPU %.1f s",
                        rounds.getLast().image().cpu().toMillis() / 1e3)));
        compare(
                "COPY TO, 1 connection",
                image,
                bytes,
                rounds.stream().map(Round::single).toList(),
                rows,
                gates);
        compare(
                "COPY TO, " + cores + " connections",
                image,
                bytes,
                rounds.stream().map(Round::parallel).toList(),
                rows,
                gates);
        String setting = String.format(
                Locale.ROOT, "%.0f MB of rows of %d tenants in 8 tables, %d rounds", bytes / 1e6, SITES, rounds.size());
        return new Outcome(name(), setting, rows, gates);
    }

    private static void compare(
            String peer, Series image, long bytes, List<Optional<Duration>> times, List<Row> rows, List<Gate> gates) {
        String what = "Reinstate / " + peer + ", rate";
        if (times.stream().anyMatch(Optional::isEmpty)) {
            rows.add(Row.skipped(peer, "no psql on this machine"));
            gates.add(Gate.skipped(what, Gate.Bound.AT_LEAST, LEAST_OF_COPY));
            return;
        }
        Series theirs = rate(bytes, times.stream().flatMap(Optional::stream).toList());
        rows.add(Row.of(peer + ", thrown away", theirs, "MB/s"));
        gates.add(Gate.atLeast(what, LEAST_OF_COPY, image.dividedBy(theirs)));
    }

    private static Series rate(long bytes, List<Duration> times) {
        return new Series(
                times.stream().map(time -> bytes / 1e6 / (time.toNanos() / 1e9)).toList());
    }
}
