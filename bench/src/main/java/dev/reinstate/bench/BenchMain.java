package dev.reinstate.bench;

import dev.reinstate.bench.result.Machine;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.ResultFile;
import dev.reinstate.bench.result.ResultTable;
import dev.reinstate.bench.server.BenchServer;
import dev.reinstate.bench.server.FolderTree;
import dev.reinstate.bench.server.Remains;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Runs the benches named, or all, and prints and writes what they found. Started by {@code bench/run}. */
public final class BenchMain {
    private final List<Bench> benches;
    private final Clock clock;

    BenchMain(List<Bench> benches, Clock clock) {
        this.benches = List.copyOf(benches);
        this.clock = clock;
    }

    /**
     * Settings come as system properties: {@code bench.folder} (this module), {@code bench.rounds}, {@code
     * bench.percent}, {@code bench.url}.
     */
    public static void main(String[] names) throws Exception {
        List<Bench> benches = List.of(
                new RestoreRate(),
                new RestoreScaling(),
                new ImageRate(),
                new CaptureDrain(),
                new ArchiveSize(),
                new WholeRecovery(),
                new TenantRead(),
                new ArchiveListing(),
                new RecoveryPoint(),
                new MemoryBound(),
                new OwnerIndexCost());
        BenchMain main = new BenchMain(benches, Clock.systemUTC());
        List<String> failed = main.run(main.chosen(names));
        if (!failed.isEmpty()) {
            System.err.println("Failed, see above: " + String.join(", ", failed));
            System.exit(1);
        }
    }

    private List<Bench> chosen(String[] names) {
        List<String> known = benches.stream().map(Bench::name).toList();
        Arrays.stream(names).filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("no bench is called " + name + "; there are " + known);
        });
        return benches.stream()
                .filter(bench -> names.length == 0 || List.of(names).contains(bench.name()))
                .toList();
    }

    /** Runs them one after the other, whatever becomes of one of them, and names those that failed. */
    private List<String> run(List<Bench> chosen) throws Exception {
        Path benchFolder = Path.of(System.getProperty("bench.folder", "bench")).toAbsolutePath();
        Path folder = Files.createTempDirectory("reinstate-bench");
        Optional<String> url = Optional.ofNullable(System.getProperty("bench.url"));
        List<String> failed = new ArrayList<>();
        try (Remains.Held held = Remains.hold(() -> FolderTree.delete(folder));
                BenchServer server = BenchServer.start(url)) {
            Site site = new Site(
                    server,
                    folder,
                    benchFolder,
                    Integer.getInteger("bench.rounds", 3),
                    Integer.getInteger("bench.percent", 100));
            for (Bench bench : chosen) {
                try {
                    if (!run(bench, site)) {
                        failed.add(bench.name());
                    }
                } catch (Exception e) {
                    if (Remains.isEnding()) {
                        return List.of();
                    }
                    System.err.println(bench.name() + " failed:");
                    e.printStackTrace();
                    failed.add(bench.name());
                }
            }
        } finally {
            FolderTree.delete(folder);
        }
        return failed;
    }

    /** Whether what was reached before still is. */
    private boolean run(Bench bench, Site site) throws Exception {
        long start = System.nanoTime();
        Machine machine = Machine.here(site.server().version());
        Outcome outcome = bench.run(site);
        System.out.print(ResultTable.text(outcome, machine));
        System.out.printf(
                Locale.ROOT, "%n%s took %,.0f s, set-up included%n", bench.name(), (System.nanoTime() - start) / 1e9);
        if (site.percent() == 100) {
            ResultFile results = new ResultFile(site.benchFolder().resolve("results"));
            List<String> worse = results.worse(outcome, machine);
            if (!worse.isEmpty()) {
                System.err.printf(
                        "%s is worse than it was, and bench/results/%1$s.json stays as it is:%n  %s%n"
                                + "next: run it again with nothing else on the machine; to accept it, remove that file first%n",
                        bench.name(), String.join("\n  ", worse));
                return false;
            }
            results.write(outcome, machine, clock.instant());
        }
        return true;
    }
}
