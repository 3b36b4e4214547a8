package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.UncertainInterval;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of capture while it heals a table that the change stream was silent about. */
class KillHealingTest {
    private static final int KILLS = Integer.getInteger("reinstate.e2e.healing.kills", 4);
    private static final int LONGEST_MILLIS = 250;

    /** Writes every row of the table anew, with other values, and none of that is in the stream. */
    private static final String SILENT =
            "ALTER TABLE member ALTER COLUMN balance TYPE numeric USING coalesce(balance, 0) + 1";

    /** Only the snapshot that a table is read in has a temporary slot. */
    private static final String HEALING =
            "SELECT count(*) FROM pg_replication_slots WHERE temporary AND database = current_database()";

    @TempDir
    private Path directory;

    @Test
    void noMomentIsWrongWithoutBeingCalledUncertain() throws InterruptedException {
        long seed = Load.seed();
        Random random = new Random(seed);
        try (StoreUnderTest store = StoreUnderTest.create("kill_healing");
                Workbench workbench = new Workbench(store, directory);
                Load load = new Load(store, 20)) {
            load.populate(seed);
            workbench.init();
            ReinstateProcess capture = workbench.protect();
            workbench.awaitDurable(Oracle.position(store), capture);
            load.start(seed, 2);
            List<Oracle.Snapshot> moments = new ArrayList<>();
            for (int kill = 0; kill < KILLS; kill++) {
                moments.add(load.atGate(() -> Oracle.snapshot(store)));
                moments.add(load.atGate(() -> {
                    store.execute(SILENT);
                    return Oracle.snapshot(store);
                }));
                ArchiveComparison.await(
                        "the table is being read",
                        Duration.ofMinutes(1),
                        () -> !store.queryOne(HEALING).equals("0"));
                Thread.sleep(random.nextInt(LONGEST_MILLIS));
                assertThat(capture.isAlive()).as(capture.soFar().toString()).isTrue();
                capture.kill();
                if (random.nextInt(3) == 0) {
                    workbench.forgetState();
                }
                capture = workbench.protect();
            }
            awaitHealed(workbench, capture, load.atGate(() -> Oracle.snapshot(store)));
            Oracle.Snapshot healed = load.atGate(() -> Oracle.snapshot(store));
            moments.add(healed);
            workbench.awaitDurable(healed.position(), capture);
            capture.terminate().succeeded();
            assertRight(workbench.comparison(), moments);
            assertThat(workbench.comparison().reader().state().gaps()).isEmpty();
            workbench.run("check").succeeded();
        }
    }

    /** Nothing that was noticed is still to be read, and the rows of now are those of the archive. */
    private static void awaitHealed(Workbench workbench, ReinstateProcess capture, Oracle.Snapshot now) {
        workbench.awaitDurable(now.position(), capture);
        ArchiveComparison.await(
                "healed",
                Duration.ofMinutes(1),
                () -> workbench.json("status").get("unread").isEmpty());
    }

    private static void assertRight(ArchiveComparison archive, List<Oracle.Snapshot> moments) {
        List<UncertainInterval> uncertain = archive.reader().state().uncertain();
        assertThat(uncertain).isNotEmpty();
        for (Oracle.Snapshot moment : moments) {
            boolean isCovered = uncertain.stream().anyMatch(interval -> interval.covers(moment.position()));
            if (!isCovered) {
                assertThat(archive.differences(moment))
                        .as("at %s, uncertain are %s", moment.position(), uncertain)
                        .isEmpty();
            }
        }
        assertThat(uncertain)
                .as("the last moment is sure")
                .noneMatch(interval -> interval.covers(moments.getLast().position()));
    }
}
