package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An archive is kept small beside a capture that is killed, and old history is let go from the command line. */
class RetentionTest {
    private static final String OTHER = "victim-1";
    private static final String[] ZERO_WINDOW = {
        "retention", "--window", "0s", "--min-images", "1", "--grace", "0s", "--run", "--yes"
    };

    @Test
    void oldHistoryGoesAndWhatIsKeptIsRight(@TempDir Path directory) throws InterruptedException {
        long seed = Load.seed();
        try (StoreUnderTest store = StoreUnderTest.create("retention");
                Workbench workbench = new Workbench(store, directory);
                Load load = new Load(store, 20)) {
            load.populate(seed);
            workbench.initUnencrypted();
            ReinstateProcess capture = workbench.protect();
            load.spare(List.of(OTHER));
            load.start(seed, 1);
            capture = mergedBesideCapture(workbench, load, store, capture);
            Oracle.Snapshot old = load.atGate(() -> Oracle.snapshot(store));
            workbench.awaitDurable(old.position(), capture);
            assertThat(workbench.comparison().differences(old)).isEmpty();
            Oracle.Snapshot later = load.atGate(() -> Oracle.snapshot(store));
            workbench.awaitDurable(later.position(), capture);
            letGo(workbench, old);
            kept(workbench, old);
            capture.terminate().succeeded();
            capture = workbench.protect(); // goes on, although no image that it took is left
            store.execute("UPDATE site SET settings = '{\"kept\": 1}' WHERE id = '" + OTHER + "'");
            Oracle.Snapshot newest = load.atGate(() -> Oracle.snapshot(store));
            workbench.awaitDurable(newest.position(), capture);
            assertThat(workbench.comparison().differences(newest)).isEmpty();
            assertThat(workbench.comparison().reader().state().images()).isEmpty();
            assertThat(workbench.comparison().reader().state().gaps()).isEmpty();
            workbench.run("check").succeeded();
            capture.terminate().succeeded();
        }
    }

    /** Kills it in the middle of that, once. */
    private static ReinstateProcess mergedBesideCapture(
            Workbench workbench, Load load, StoreUnderTest store, ReinstateProcess first) throws InterruptedException {
        workbench.awaitDurable(load.atGate(() -> Oracle.snapshot(store)).position(), first);
        Thread.sleep(3000); // time for segments to merge: whatever it does then is cut off
        first.kill();
        ReinstateProcess capture = workbench.protect();
        ArchiveComparison.await("a merge", Duration.ofMinutes(2), () -> {
            workbench.awaitDurable(load.atGate(() -> Oracle.snapshot(store)).position(), capture);
            return workbench.comparison().reader().retention().waitingObjects() > 0;
        });
        return capture;
    }

    private static void letGo(Workbench workbench, Oracle.Snapshot old) {
        JsonNode image = workbench.json("compact", "--image", "--grace", "0s").get("image");
        assertThat(image.get("rows").longValue()).isPositive();
        JsonNode dry = workbench.json("retention", "--window", "0s", "--min-images", "1", "--dry-run");
        assertThat(dry.get("going").get("objects").longValue()).isPositive();
        assertThat(dry.get("state").get("cut").isNull()).isTrue();
        assertThat(workbench.json("retention").get("going").isNull()).isTrue(); // of 35 days
        workbench
                .run("restore", OTHER, "--at-position", old.position().toString(), "--dry-run")
                .succeeded();
        JsonNode done = workbench.json(ZERO_WINDOW);
        assertThat(done.get("going").get("objects").longValue()).isPositive(); // how many: segments merge meanwhile
        assertThat(done.get("removed").get("objects").longValue())
                .isGreaterThanOrEqualTo(done.get("going").get("objects").longValue());
        // what waits now was found beside: left over of what was killed, or just being written
        assertThat(done.get("state").get("waitingObjects").longValue())
                .isLessThan(done.get("going").get("objects").longValue());
    }

    private static void kept(Workbench workbench, Oracle.Snapshot old) {
        String position = old.position().toString();
        for (String[] verb : new String[][] {
            {"restore", OTHER, "--at-position", position, "--dry-run"},
            {"export", OTHER, "--at-position", position, "--format", "csv", "--to", "other.out"},
        }) {
            assertThat(workbench
                            .run(verb)
                            .exited(FailureKind.NOT_RESTORABLE.exitCode())
                            .errors())
                    .contains("no longer kept", "retention");
        }
        assertThat(workbench.run("history", OTHER).succeeded().output()).contains("no longer kept");
        assertThat(workbench.run("tenants").succeeded().output()).contains(OTHER);
        assertThat(workbench.run("status").succeeded().output()).contains("let go");
    }
}
