package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/** Does a recorded history again, one step after another, over all of its tables or some of them. */
final class Replay {
    private final ProofServer server;
    private final Path directory;
    private final CaptureSettings.Limits limits;
    private final Function<ArchiveReader, ArchiveReader> seen;
    private int number;

    /** @param seen how the archive is seen; a test of the shrinker sees it wrong */
    Replay(
            ProofServer server,
            Path directory,
            CaptureSettings.Limits limits,
            Function<ArchiveReader, ArchiveReader> seen) {
        this.server = server;
        this.directory = directory;
        this.limits = limits;
        this.seen = seen;
    }

    /** What differs then; statements that the database refuses are nothing special. */
    List<String> differences(ProofSchema schema, List<Step> steps) {
        if (!steps.contains(Step.START)) {
            return List.of();
        }
        String name = "replay_" + ++number;
        try (Stage stage = new Stage(server, name, schema, directory, limits)) {
            TreeSet<Integer> actors = new TreeSet<>();
            for (Step step : steps) {
                if (step.actor() == Step.CAPTURE) {
                    stage.perform(step);
                } else {
                    actors.add(step.actor());
                    tryTo(stage, step.actor(), step.sql());
                }
            }
            for (int actor : actors) {
                tryTo(stage, actor, "ROLLBACK");
            }
            stage.perform(Step.CHECK);
            FoldComparison comparison = new FoldComparison(seen.apply(stage.archive()));
            List<String> differences = new ArrayList<>();
            stage.truths.forEach(truth -> differences.addAll(comparison.compare(truth)));
            return differences;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void tryTo(Stage stage, int actor, String sql) throws SQLException {
        try {
            Sql.run(stage.session(actor), sql);
        } catch (SQLException e) {
            if (e.getSQLState() == null || e.getSQLState().startsWith("08")) {
                throw e;
            }
        }
    }
}
