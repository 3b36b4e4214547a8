package dev.reinstate.e2e.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever was done to whatever schema: every tenant at every position looked at folds to what plain SQL said then, and
 * some are restored to it. Runs fixed seeds and a new one; one alone with {@code -Dreinstate.proof.seed=…}, for as long as wanted with {@code
 * -Dreinstate.proof.minutes=…}.
 */
class RandomHistoryProofTest {
    private static final int FIXED_SEEDS = 8;
    private static final int LEAST_CHECKS = 2_000;
    private static final int LEAST_RESTORES = 15;

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
    void everyTenantAtEveryPositionIsWhatItWas() throws Exception {
        ProofRun run = new ProofRun(server, directory, Path.of("target", "proof"));
        Long alone = Long.getLong("reinstate.proof.seed");
        if (alone != null) {
            run.play(alone);
            return;
        }
        for (long seed = 1; seed <= FIXED_SEEDS; seed++) {
            run.play(seed);
        }
        Random seeds = new Random();
        long end = System.nanoTime() + Long.getLong("reinstate.proof.minutes", 0) * 60_000_000_000L;
        do {
            run.play(seeds.nextInt(Integer.MAX_VALUE));
        } while (System.nanoTime() < end);
        assertThat(run.checks()).isGreaterThanOrEqualTo(LEAST_CHECKS);
        assertThat(run.restored()).isGreaterThanOrEqualTo(LEAST_RESTORES);
    }
}
