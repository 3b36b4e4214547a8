package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of capture at any moment, under load, loses and doubles nothing. */
class KillCaptureTest {
    private static final int KILLS = Integer.getInteger("reinstate.e2e.kills", 30);
    private static final int WRITERS = 3;
    private static final int LONGEST_LIFE_MILLIS = 2500;

    @TempDir
    private Path directory;

    @Test
    void killsUnderLoadLoseAndDoubleNothing() throws InterruptedException {
        long seed = Load.seed();
        try (StoreUnderTest store = StoreUnderTest.create("kill");
                Workbench workbench = new Workbench(store, directory);
                Load load = new Load(store, 10)) {
            load.populate(seed);
            workbench.init();
            load.start(seed, WRITERS);
            new Ordeal(store, workbench, load, new Random(seed)).undergo();
            System.out.println(KILLS + " kills, " + load.committed() + " commits, "
                    + workbench.comparison().reader().state().segmentCount() + " segments");
            assertThat(workbench.comparison().reader().state().gaps()).isEmpty();
            assertThat(workbench.comparison().reader().state().images()).hasSize(1);
            workbench.run("check").succeeded();
        }
    }

    private record Ordeal(StoreUnderTest store, Workbench workbench, Load load, Random random) {
        void undergo() throws InterruptedException {
            List<Oracle.Snapshot> unproved = new ArrayList<>();
            int proved = 0;
            ReinstateProcess capture = workbench.protect();
            for (int kill = 1; kill <= KILLS; kill++) {
                Thread.sleep(random.nextInt(LONGEST_LIFE_MILLIS));
                kill(capture);
                unproved.add(load.atGate(() -> Oracle.snapshot(store)));
                if (random.nextInt(6) == 0) {
                    workbench.forgetState();
                }
                capture = workbench.protect();
                if (kill == KILLS || random.nextInt(3) == 0) {
                    proved += prove(unproved, capture, kill);
                    unproved.clear();
                }
            }
            capture.terminate().succeeded();
            assertThat(proved).as("moments compared").isGreaterThan(KILLS / 2);
        }

        private static void kill(ReinstateProcess capture) {
            if (!capture.isAlive()) {
                throw new AssertionError("capture ended by itself: " + capture.soFar());
            }
            capture.kill();
        }

        /** How many moments there were to compare: those before the first image were not. */
        private int prove(List<Oracle.Snapshot> unproved, ReinstateProcess capture, int kill) {
            workbench.awaitDurable(unproved.getLast().position(), capture);
            int proved = 0;
            for (Oracle.Snapshot oracle : unproved) {
                if (workbench.comparison().isRestorable(oracle.position())) {
                    assertThat(workbench.comparison().differences(oracle))
                            .as("after kill %d, at %s", kill, oracle.position())
                            .isEmpty();
                    proved++;
                }
            }
            return proved;
        }
    }
}
