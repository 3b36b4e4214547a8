package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Does a recorded history again, one step after another, over all of its tables or some of them. */
final class Replay {
    private static final int LAST_LOOK = Integer.MAX_VALUE;

    private final ProofServer server;
    private final Path directory;
    private final CaptureSettings.Limits limits;
    private final UnaryOperator<ArchiveReader> seen;
    private int number;

    /** @param seen how the archive is seen; a test of the shrinker sees it wrong */
    Replay(ProofServer server, Path directory, CaptureSettings.Limits limits, UnaryOperator<ArchiveReader> seen) {
        this.server = server;
        this.directory = directory;
        this.limits = limits;
        this.seen = seen;
    }

    /** What differs then; statements that the database refuses are nothing special. */
    List<Difference> differences(ProofSchema schema, List<Step> steps) {
        if (!steps.contains(Step.START)) {
            return List.of();
        }
        schema.reset();
        String name = "replay_" + ++number;
        try (Stage stage = new Stage(server, name, schema, directory, limits)) {
            play(stage, steps);
            return stage.differences(new FoldComparison(), seen);
        } catch (RuntimeException e) {
            return List.of(Difference.failure("the history", "", e));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void play(Stage stage, List<Step> steps) throws SQLException {
        TreeSet<Integer> actors = new TreeSet<>();
        for (Step step : steps) {
            if (step.actor() == Step.CAPTURE) {
                stage.perform(step);
            } else {
                actors.add(step.actor());
                step.against().ifPresent(other -> actors.add(other.actor()));
                tryTo(stage, step);
            }
        }
        for (int actor : actors) {
            tryTo(stage, new Step(actor, "ROLLBACK"));
        }
        if (steps.stream().noneMatch(Step::isRestore)) {
            stage.perform(Step.look(LAST_LOOK));
        }
    }

    private static void tryTo(Stage stage, Step step) throws SQLException {
        try {
            stage.run(step);
        } catch (SQLException e) {
            if (e.getSQLState() == null || e.getSQLState().startsWith("08")) {
                throw e;
            }
        }
    }
}
