package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Seed after seed; of one that fails, a script as small as can be made. */
final class ProofRun {
    private static final int RESTORES = 8;

    private final ProofServer server;
    private final Path directory;
    private final Path scripts;
    private int checks;
    private int restored;
    private int refused;

    /** @param scripts where scripts of failures are left */
    ProofRun(ProofServer server, Path directory, Path scripts) {
        this.server = server;
        this.directory = directory;
        this.scripts = scripts;
    }

    /** How many (tenant, position) pairs were compared so far. */
    int checks() {
        return checks;
    }

    /** How many restores came to their end. */
    int restored() {
        return restored;
    }

    /** Plays a seed; fails with what differs and where the script is. */
    void play(long seed) throws SQLException, IOException {
        long begin = System.nanoTime();
        int before = checks;
        ProofSchema schema;
        List<Step> steps;
        List<String> differences = new ArrayList<>();
        List<String> unshrinkable = new ArrayList<>();
        try (History history = new History(server, seed, History.Length.USUAL, directory)) {
            ArchiveReader archive = history.play();
            FoldComparison comparison = new FoldComparison(archive);
            history.stage.truths.forEach(truth -> differences.addAll(comparison.compare(truth)));
            differences.addAll(new ChangeComparison(archive).compare(history.stage.truths));
            checks += comparison.checks();
            if (differences.isEmpty() && history.keptItsSchema()) {
                RestoreComparison restores = new RestoreComparison(history.stage);
                unshrinkable.addAll(history.restore(RESTORES, restores));
                restored += restores.restored();
                refused += restores.refused();
            }
            schema = history.stage.schema;
            steps = history.steps;
        }
        System.out.printf(
                "seed %d: %d checks of %d steps, so far %d restores and %d refused, in %d ms%n",
                seed, checks - before, steps.size(), restored, refused, (System.nanoTime() - begin) / 1_000_000);
        if (!unshrinkable.isEmpty()) {
            throw new AssertionError("seed " + seed + ": " + String.join("\n", unshrinkable));
        }
        if (!differences.isEmpty()) {
            throw new AssertionError("seed " + seed + ": " + differences.size() + " differences, the first:\n"
                    + String.join("\n", differences.subList(0, Math.min(5, differences.size())))
                    + "\nscript: " + shrink("seed-" + seed, schema, steps, archive -> archive));
        }
    }

    /** The path of a small script that still fails; of the whole history when it does not fail again. */
    Path shrink(String name, ProofSchema schema, List<Step> steps, Function<ArchiveReader, ArchiveReader> seen)
            throws IOException {
        Replay replay = new Replay(server, directory, CaptureSettings.Limits.DEFAULT, seen);
        Shrinker shrinker =
                new Shrinker((s, some) -> !replay.differences(s, some).isEmpty());
        Shrinker.Small small = shrinker.shrink(schema, steps);
        return Script.write(
                Files.createDirectories(scripts).resolve(name + ".sql"),
                small,
                replay.differences(small.schema(), small.steps()));
    }
}
