package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Seed after seed; of one that fails, a script as small as can be made. */
final class ProofRun {
    private static final int RESTORES = 8;
    private static final Shrinker.Budget BUDGET = new Shrinker.Budget(300, Duration.ofMinutes(2));

    private final ProofServer server;
    private final Path directory;
    private final Path scripts;
    private final FoldComparison comparison = new FoldComparison();
    private final EnumMap<SchemaChanges.Kind, Integer> changed = new EnumMap<>(SchemaChanges.Kind.class);
    private int restored;
    private int refused;
    private int skipped;
    private int deadlocks;

    /** @param scripts where scripts of failures are left */
    ProofRun(ProofServer server, Path directory, Path scripts) {
        this.server = server;
        this.directory = directory;
        this.scripts = scripts;
    }

    /** How many (tenant, position) pairs were compared so far. */
    int checks() {
        return comparison.checks();
    }

    /** How many restores came to their end. */
    int restored() {
        return restored;
    }

    /** How often a session gave up because of another. */
    int deadlocks() {
        return deadlocks;
    }

    /** How often a schema was changed so. */
    Map<SchemaChanges.Kind, Integer> changed() {
        return changed;
    }

    /** Plays a seed; fails with what differs and where the script is. */
    void play(long seed) throws SQLException, IOException {
        long begin = System.nanoTime();
        int before = checks();
        try (History history = new History(server, seed, History.Length.USUAL, directory)) {
            List<Difference> differences = differences(history);
            history.changed().forEach((kind, times) -> changed.merge(kind, times, Integer::sum));
            restored += history.stage.restores.restored();
            refused += history.stage.restores.refused();
            skipped += history.stage.restores.skipped();
            deadlocks += history.deadlocks();
            System.out.printf(
                    "seed %d: %d checks of %d steps; so far %d restores, %d refused and %d not tried, %d deadlocks, %d"
                            + " uncertain tables, changes of schemas %s; in %d ms%n",
                    seed,
                    checks() - before,
                    history.steps.size(),
                    restored,
                    refused,
                    skipped,
                    deadlocks,
                    comparison.unsure(),
                    changed,
                    (System.nanoTime() - begin) / 1_000_000);
            if (!differences.isEmpty()) {
                throw new AssertionError("seed " + seed + ": " + differences.size() + " differences, the first:\n"
                        + String.join(
                                "\n",
                                differences.stream()
                                        .limit(5)
                                        .map(difference -> difference.kind() + ": " + difference.text())
                                        .toList())
                        + "\n" + script("seed-" + seed, history, differences));
            }
        }
    }

    private List<Difference> differences(History history) {
        try {
            history.play();
            history.restore(RESTORES);
            return history.stage.differences(comparison, archive -> archive);
        } catch (RuntimeException | SQLException e) {
            List<Difference> failed = new ArrayList<>();
            failed.add(Difference.failure("the history", "", e));
            return failed;
        }
    }

    private String script(String name, History history, List<Difference> differences) throws IOException {
        Path file = Files.createDirectories(scripts).resolve(name + ".sql");
        List<Step> steps = List.copyOf(history.steps);
        Optional<Shrinker.Small> small =
                shrink(history.stage.schema, steps, history.limits, differences.getFirst(), archive -> archive);
        return small.isPresent()
                ? "script: " + Script.write(file, small.get(), differences)
                : "played again, one statement after another, it does not fail so; the whole of it: "
                        + Script.write(file, new Shrinker.Small(history.stage.schema, steps), differences);
    }

    /** A small history that still fails in that way; empty when all of it does not fail again. */
    Optional<Shrinker.Small> shrink(
            ProofSchema schema,
            List<Step> steps,
            CaptureSettings.Limits limits,
            Difference difference,
            UnaryOperator<ArchiveReader> seen) {
        Replay replay = new Replay(server, directory, limits, seen);
        return new Shrinker(
                        (some, part) -> replay.differences(some, part).stream()
                                .anyMatch(found -> found.kind().equals(difference.kind())),
                        BUDGET)
                .shrink(schema, steps);
    }
}
