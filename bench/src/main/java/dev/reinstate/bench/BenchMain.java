package dev.reinstate.bench;

import dev.reinstate.bench.result.Machine;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.ResultFile;
import dev.reinstate.bench.result.ResultTable;
import dev.reinstate.bench.server.BenchServer;
import dev.reinstate.bench.server.FolderTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
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
        main.run(main.chosen(names));
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

    private void run(List<Bench> chosen) throws Exception {
        Path benchFolder = Path.of(System.getProperty("bench.folder", "bench")).toAbsolutePath();
        Path folder = Files.createTempDirectory("reinstate-bench");
        Optional<String> url = Optional.ofNullable(System.getProperty("bench.url"));
        int percent = Integer.getInteger("bench.percent", 100);
        try (BenchServer server = BenchServer.start(url)) {
            Site site = new Site(server, folder, benchFolder, Integer.getInteger("bench.rounds", 3), percent);
            for (Bench bench : chosen) {
                Machine machine = Machine.here(server.version());
                Outcome outcome = bench.run(site);
                System.out.print(ResultTable.text(outcome, machine));
                if (percent == 100) {
                    new ResultFile(benchFolder.resolve("results")).write(outcome, machine, clock.instant());
                }
            }
        } finally {
            FolderTree.delete(folder);
        }
    }
}
