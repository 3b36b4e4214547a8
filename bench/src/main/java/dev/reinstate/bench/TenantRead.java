package dev.reinstate.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.bench.product.CountingStore;
import dev.reinstate.bench.product.FirstRow;
import dev.reinstate.bench.product.Launcher;
import dev.reinstate.bench.product.SyntheticArchive;
import dev.reinstate.bench.result.Gate;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.Row;
import dev.reinstate.bench.result.Series;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * One tenant of about 100 MB folded to the end of 30 days of history, out of an archive of 10,000 tenants in files: as
 * capture left it, and after compaction. The files are in the system's cache, the reader's own caches are empty, the
 * JVM is warm but where a process is measured.
 */
final class TenantRead implements Bench {
    private static final int FULL_TENANTS = 10_000;
    private static final int FULL_ROWS = 300_000;
    private static final int FULL_SEGMENTS = 2_160;
    private static final double LEAST_MEGABYTES = 200;
    private static final double MOST_MILLIS = 300;
    /** Of an object store in the same region, about. */
    private static final Duration ROUND_TRIP = Duration.ofMillis(20);

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /**
     * One fold.
     *
     * @param openNanos until the archive was open
     * @param firstNanos from there until the first row
     * @param nanos from there until the last row
     * @param cpuNanos of this process, all of it
     * @param command a process that does no more than the first row
     */
    private record Round(
            long openNanos,
            long firstNanos,
            long nanos,
            long cpuNanos,
            long rowBytes,
            long segments,
            long parts,
            long requests,
            Duration command) {
        double perCoreSecond() {
            return rowBytes / 1e6 / (cpuNanos / 1e9);
        }
    }

    @Override
    public String name() {
        return "tenant-read";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        SyntheticArchive.Shape shape = new SyntheticArchive.Shape(
                Math.max(2, site.scaled(FULL_TENANTS)),
                site.scaled(FULL_ROWS),
                40,
                site.scaled(FULL_SEGMENTS),
                46,
                300);
        Path folder = site.folder().resolve(name());
        SyntheticArchive archive = SyntheticArchive.write(folder, shape);
        List<Row> rows = new ArrayList<>();
        List<Gate> gates = new ArrayList<>();
        report("as captured", measure(site, archive), rows, gates);
        rows.addAll(farAway("as captured", site, archive));
        archive.compact();
        report("compacted", measure(site, archive), rows, gates);
        rows.addAll(farAway("compacted", site, archive));
        String setting = String.format(
                Locale.ROOT,
                "%,d tenants, one of %,d rows, %,d segments of %d changes over 30 days, %d rounds",
                shape.tenants(),
                shape.largeRows(),
                shape.segments(),
                shape.largeChanges() + shape.touched(),
                site.rounds());
        return new Outcome(name(), setting, rows, gates);
    }

    private static List<Round> measure(Site site, SyntheticArchive archive) throws Exception {
        fold(archive); // so that the JVM is warm
        List<Round> rounds = new ArrayList<>();
        for (int round = 0; round < site.rounds(); round++) {
            rounds.add(fold(archive));
        }
        return rounds;
    }

    /** The same from a store that takes its time for every answer. */
    private static List<Row> farAway(String state, Site site, SyntheticArchive archive) {
        List<Round> rounds = new ArrayList<>();
        for (int round = 0; round < site.rounds(); round++) {
            rounds.add(fold(archive, ROUND_TRIP, Duration.ZERO));
        }
        String prefix = state + ", every answer after " + ROUND_TRIP.toMillis() + " ms: ";
        return List.of(
                Row.of(prefix + "opening the archive", series(rounds, round -> round.openNanos() / 1e9), "s"),
                Row.of(prefix + "first row, archive open", series(rounds, round -> round.firstNanos() / 1e9), "s"),
                Row.of(prefix + "whole tenant", series(rounds, round -> round.nanos() / 1e9), "s"));
    }

    private static Round fold(SyntheticArchive archive) throws Exception {
        return fold(archive, Duration.ZERO, firstRowCommand(archive));
    }

    private static Round fold(SyntheticArchive archive, Duration roundTrip, Duration command) {
        try (CountingStore objects = new CountingStore(archive.objects(), roundTrip)) {
            long cpu = SYSTEM.getProcessCpuTime();
            long start = System.nanoTime();
            ArchiveReader reader = SyntheticArchive.open(archive.folder(), objects);
            Lsn end = reader.ranges().getLast().lastPosition();
            long opened = System.nanoTime();
            try (ArchiveReader.RowStream rows = reader.fold(Partition.of(SyntheticArchive.LARGE), end, table -> true)) {
                FoldedRow row = rows.next();
                long first = System.nanoTime();
                long bytes = row.tuple().encoded().length;
                while (rows.hasNext()) {
                    bytes += rows.next().tuple().encoded().length;
                }
                return new Round(
                        opened - start,
                        first - opened,
                        System.nanoTime() - opened,
                        SYSTEM.getProcessCpuTime() - cpu,
                        bytes,
                        objects.objectsRead("segment/"),
                        objects.objectsRead("image/"),
                        objects.requests(),
                        command);
            }
        }
    }

    private static Duration firstRowCommand(SyntheticArchive archive) throws Exception {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FirstRow.class.getName(),
                archive.folder().toString(),
                SyntheticArchive.LARGE.value());
        return Launcher.time("first-row", command, archive.folder());
    }

    private static void report(String state, List<Round> rounds, List<Row> rows, List<Gate> gates) {
        String prefix = state + ": ";
        Round last = rounds.getLast();
        rows.add(Row.of(prefix + "segments read from", Series.of((double) last.segments()), "objects"));
        rows.add(Row.of(
                prefix + "image parts read from",
                Series.of((double) last.parts()),
                "objects",
                String.format(Locale.ROOT, "%,d requests in all", last.requests())));
        rows.add(Row.of(prefix + "opening the archive", series(rounds, round -> round.openNanos() / 1e6), "ms"));
        rows.add(Row.of(
                prefix + "whole tenant, wall clock",
                series(rounds, round -> round.rowBytes() / 1e6 / (round.nanos() / 1e9)),
                "MB/s",
                String.format(Locale.ROOT, "%.0f MB of row data", last.rowBytes() / 1e6)));
        gates.add(Gate.atLeast(
                prefix + "MB of row data per core-second", LEAST_MEGABYTES, series(rounds, Round::perCoreSecond)));
        gates.add(Gate.atMost(
                prefix + "first row, archive open, ms",
                MOST_MILLIS,
                series(rounds, round -> round.firstNanos() / 1e6)));
        gates.add(Gate.atMost(
                prefix + "first row, a process from its start on, ms",
                MOST_MILLIS,
                series(rounds, round -> round.command().toNanos() / 1e6)));
    }

    private static Series series(List<Round> rounds, ToDoubleFunction<Round> value) {
        return new Series(rounds.stream().map(value::applyAsDouble).toList());
    }
}
