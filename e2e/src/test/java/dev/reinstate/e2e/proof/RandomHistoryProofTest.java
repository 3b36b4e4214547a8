package dev.reinstate.e2e.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever was done to whatever schema: every tenant at every position looked at folds to what plain SQL said then. */
class RandomHistoryProofTest {
    private static ProofServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void startServer() throws IOException {
        server = ProofServer.start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @Test
    void foldEqualsTheTruth() throws Exception {
        int checks = 0;
        for (long seed = Long.getLong("reinstate.proof.seed", 1), i = 0;
                i < Integer.getInteger("reinstate.proof.seeds", 6);
                i++, seed++) {
            long begin = System.nanoTime();
            try (History history = new History(server, seed, directory)) {
                FoldComparison comparison = new FoldComparison(history.play());
                List<String> differences = new ArrayList<>();
                history.stage.truths.forEach(truth -> differences.addAll(comparison.compare(truth)));
                System.out.println("seed " + seed + ": " + comparison.checks() + " checks, " + differences.size()
                        + " differences, " + history.steps.size() + " steps " + (System.nanoTime() - begin) / 1_000_000
                        + " ms");
                if (!differences.isEmpty()) {
                    differences.stream().limit(5).forEach(System.out::println);
                    Replay replay = new Replay(server, directory, dev.reinstate.capture.CaptureSettings.Limits.DEFAULT, r -> r);
                    int[] n = new int[1];
                    Shrinker.Small small = new Shrinker((schema, steps) -> {
                        boolean f = !replay.differences(schema, steps).isEmpty();
                        n[0]++;
                        return f;
                    }).shrink(history.stage.schema, history.steps);
                    small.schema().ddl().forEach(s -> System.out.println(s + ";"));
                    small.steps().forEach(s -> System.out.println(s.actor() + ": " + s.sql()));
                    replay.differences(small.schema(), small.steps()).forEach(System.out::println);
                }
                assertThat(differences).as("seed " + seed).isEmpty();
                checks += comparison.checks();
            }
        }
        assertThat(checks).isGreaterThan(1000);
    }
}
