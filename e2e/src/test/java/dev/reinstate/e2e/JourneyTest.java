package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The main job from {@code init} to {@code unprotect}, under load, each step compared with the oracle. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JourneyTest {
    private static final Duration QUIET = Duration.ofSeconds(3);

    private static final List<String> VICTIMS = List.of("victim-0", "victim-1", "victim-2", "victim-3");

    private final StoreUnderTest store = StoreUnderTest.create("journey");
    private final Load load = new Load(store, 15);
    private Workbench workbench;
    private ReinstateProcess capture;

    @BeforeAll
    void protectedUnderLoad(@TempDir Path directory) {
        long seed = Load.seed();
        workbench = new Workbench(store, directory);
        load.populate(seed);
        workbench.init();
        capture = workbench.protect();
        load.start(seed, 3);
        workbench.awaitDurable(load.atGate(() -> Oracle.snapshot(store)).position(), capture);
    }

    @AfterAll
    void close() {
        load.close();
        workbench.close();
        store.close();
    }

    /**
     * Two in one transaction by cascade, one children first over several transactions, one by another in between. Their
     * attachments stay behind, belonging to nobody.
     */
    private static void deleteVictims(StoreUnderTest store) {
        store.execute("BEGIN; DELETE FROM site WHERE id = 'victim-0'; DELETE FROM site WHERE id = 'victim-1'; COMMIT");
        store.execute("DELETE FROM reaction WHERE comment_id IN (SELECT c.id FROM comment c"
                + " JOIN page p ON p.id = c.page_id WHERE p.site_id = 'victim-2')");
        store.execute("DELETE FROM desk.ticket WHERE site_id = 'victim-2'");
        store.execute("DELETE FROM page WHERE site_id = 'victim-2'");
        store.execute("DELETE FROM site WHERE id = 'victim-3'");
        store.execute("DELETE FROM member WHERE site_id = 'victim-2'");
        store.execute("DELETE FROM site WHERE id = 'victim-2'");
    }

    @Test
    @Order(1)
    void deletedTenantsComeBackAsTheyWereBeforeTheDeletion() {
        Oracle.Snapshot before = load.atGate(() -> {
            load.spare(VICTIMS);
            return Oracle.snapshot(store);
        });
        LockSupport.parkNanos(QUIET.toNanos()); // so that the users' own deletions are no part of the burst
        deleteVictims(store);
        Oracle.Snapshot after = load.atGate(() -> Oracle.snapshot(store));
        assertThat(after.tenants()).doesNotContainAnyElementsOf(VICTIMS);
        VICTIMS.forEach(victim -> assertThat(after.withLoose(victim).get("loose"))
                .as("attachments that %s left behind", victim)
                .isNotEmpty());
        workbench.awaitDurable(after.position(), capture);

        String history = workbench.run("history", "victim-2").succeeded().output();
        assertThat(history).contains("public.page", "public.site", "deleted");

        ReinstateProcess.Outcome restored = workbench
                .run(
                        "restore",
                        "victim-0",
                        "victim-1",
                        "victim-2",
                        "victim-3",
                        "--before-deletion",
                        "--burst-gap",
                        "2s",
                        "--parallel",
                        "2",
                        "--yes")
                .succeeded();
        System.out.println(restored);
        Oracle.Snapshot now = load.atGate(() -> Oracle.snapshot(store));
        VICTIMS.forEach(victim -> assertSame(now, before, victim));
        assertThat(workbench.run("check").exitCode()).isZero();
    }

    @Test
    @Order(2)
    void anotherRunFindsNothingToDo() {
        assertThat(workbench
                        .run("restore", "victim-0", "--before-deletion", "--burst-gap", "2s", "--yes")
                        .succeeded()
                        .output())
                .contains("already");
    }

    private static void assertSame(Oracle.Snapshot actual, Oracle.Snapshot expected, String tenant) {
        assertThat(actual.withLoose(tenant)).as(tenant).isEqualTo(expected.withLoose(tenant));
    }
}
