package dev.reinstate.e2e.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever was done to whatever schema: every tenant at every position looked at folds to what plain SQL said then, and
 * some are restored to it. Runs fixed seeds; one alone with {@code -Dreinstate.proof.seed=…}, new ones for as long as wanted with {@code
 * -Dreinstate.proof.minutes=…}.
 */
class RandomHistoryProofTest extends ProofTest {
    private static final int FIXED_SEEDS = 8;
    private static final int LEAST_CHECKS = 2_000;
    private static final int LEAST_RESTORES = 10;
    private static final int LEAST_KINDS = 9;

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
        play(run, new Random(), System.nanoTime() + Long.getLong("reinstate.proof.minutes", 0) * 60_000_000_000L);
        assertThat(run.checks()).isGreaterThanOrEqualTo(LEAST_CHECKS);
        assertThat(run.restored()).isGreaterThanOrEqualTo(LEAST_RESTORES);
        assertThat(run.deadlocks()).isPositive();
        assertThat(run.changed()).hasSizeGreaterThanOrEqualTo(LEAST_KINDS);
    }

    /** One new seed after another until that moment; what fails is said at the end. */
    private static void play(ProofRun run, Random seeds, long end) throws SQLException, IOException {
        List<AssertionError> failures = new ArrayList<>();
        while (System.nanoTime() < end) {
            try {
                run.play(seeds.nextInt(Integer.MAX_VALUE));
            } catch (AssertionError e) {
                System.out.println(e.getMessage());
                failures.add(e);
            }
        }
        assertThat(failures).isEmpty();
    }
}
