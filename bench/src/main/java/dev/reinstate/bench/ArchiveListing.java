package dev.reinstate.bench;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.bench.product.Launcher;
import dev.reinstate.bench.product.SyntheticArchive;
import dev.reinstate.bench.result.Gate;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.Row;
import dev.reinstate.bench.result.Series;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.restore.history.HistoryReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code tenants} and {@code history TENANT} on an archive of 100,000 tenants in files: the script as a user runs it,
 * and the archive's own part of it in a warm JVM, opening the archive included.
 */
final class ArchiveListing implements Bench {
    private static final int FULL_TENANTS = 100_000;
    private static final double MOST_SECONDS = 1;

    /** What was measured, in the order of the runs. */
    private record Times(List<Duration> tenants, List<Duration> history, List<Duration> list, List<Duration> one) {}

    @Override
    public String name() {
        return "archive-listing";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        int tenants = Math.max(2, site.scaled(FULL_TENANTS));
        Path folder = Files.createDirectory(site.folder().resolve(name()));
        SyntheticArchive archive = SyntheticArchive.write(
                folder.resolve("synthetic"), new SyntheticArchive.Shape(tenants, 1_000, 4, 64, 10, 2_000));
        Launcher launcher = new Launcher(site.benchFolder(), folder);
        Times times = new Times(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        TenantId wanted = SyntheticArchive.tenant(tenants / 2);
        warmUp(archive, wanted);
        for (int round = 0; round < site.rounds(); round++) {
            times.tenants().add(command(launcher, archive, "tenants"));
            times.history().add(command(launcher, archive, "history", wanted.value()));
            times.list().add(list(archive));
            times.one().add(history(archive, wanted));
        }
        String setting =
                String.format(Locale.ROOT, "%,d tenants, 64 segments over 30 days, %d rounds", tenants, site.rounds());
        return outcome(setting, times);
    }

    private static void warmUp(SyntheticArchive archive, TenantId wanted) {
        list(archive);
        history(archive, wanted);
    }

    private static Duration command(Launcher launcher, SyntheticArchive archive, String verb, String... arguments)
            throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--archive",
                archive.place().toString(),
                "--key-file",
                archive.keyFile().toString()));
        return launcher.time(verb, all.toArray(String[]::new));
    }

    private static Duration list(SyntheticArchive archive) {
        long start = System.nanoTime();
        try (ObjectStore objects = archive.objects()) {
            ArchiveReader reader = SyntheticArchive.open(archive.folder(), objects);
            if (reader.tenants().isEmpty()) {
                throw new IllegalStateException("the archive has no tenants");
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static Duration history(SyntheticArchive archive, TenantId tenant) {
        long start = System.nanoTime();
        try (ObjectStore objects = archive.objects()) {
            ArchiveReader reader = SyntheticArchive.open(archive.folder(), objects);
            new HistoryReader(reader).read(tenant, Optional.empty(), Optional.empty());
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private Outcome outcome(String setting, Times times) {
        Series tenants = RestoreRate.seconds(times.tenants());
        Series history = RestoreRate.seconds(times.history());
        Series list = RestoreRate.seconds(times.list());
        Series one = RestoreRate.seconds(times.one());
        List<Row> rows = List.of(
                Row.of("listing all tenants, in a warm JVM", list, "s"),
                Row.of("history of one, in a warm JVM", one, "s"),
                Row.of("reinstate tenants", tenants, "s"),
                Row.of("reinstate history TENANT", history, "s"));
        List<Gate> gates = List.of(
                Gate.atMost("listing all tenants, in a warm JVM, seconds", MOST_SECONDS, list),
                Gate.atMost("history of one, in a warm JVM, seconds", MOST_SECONDS, one),
                Gate.atMost("reinstate tenants, seconds", MOST_SECONDS, tenants),
                Gate.atMost("reinstate history TENANT, seconds", MOST_SECONDS, history));
        return new Outcome(name(), setting, rows, gates);
    }
}
