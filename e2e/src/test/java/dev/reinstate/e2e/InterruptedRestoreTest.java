package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore that is killed or interrupted leaves each tenant fully back or untouched; run again, it finishes. */
class InterruptedRestoreTest {
    private static final int INTERRUPTIONS = 5;
    private static final String TABLES = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')"
            + " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
            + " AND relnamespace::regnamespace::text NOT LIKE 'pg\\_toast%'";

    @TempDir
    private Path directory;

    @Test
    void killedAnywhereATenantIsUntouchedOrFullyBackAndTheNextRunFinishes() throws InterruptedException {
        long seed = Load.seed();
        Random random = new Random(seed);
        try (StoreUnderTest store = StoreUnderTest.create("interrupted");
                Workbench workbench = new Workbench(store, directory)) {
            new Load(store, 1).populate(seed);
            fatten(store);
            workbench.init();
            ReinstateProcess capture = workbench.protect();
            Oracle.Snapshot before = Oracle.snapshot(store);
            workbench.awaitDurable(before.position(), capture);
            store.execute("DELETE FROM site WHERE id IN ('victim-0', 'victim-1')");
            Oracle.Snapshot gone = Oracle.snapshot(store);
            workbench.awaitDurable(gone.position(), capture);

            for (int n = 0; n < INTERRUPTIONS; n++) {
                ReinstateProcess restore = workbench.start(
                        "restore", "victim-0", "victim-1", "--before-deletion", "--parallel", "2", "--yes");
                Thread.sleep(800 + random.nextInt(2500));
                if (n % 2 == 0) {
                    restore.kill();
                } else {
                    restore.interrupt();
                }
                awaitNoOtherSession(store);
                Oracle.Snapshot now = Oracle.snapshot(store);
                for (String victim : List.of("victim-0", "victim-1")) {
                    assertThat(now.withLoose(victim))
                            .as("%s after interruption %d", victim, n)
                            .isIn(before.withLoose(victim), gone.withLoose(victim));
                }
            }
            workbench
                    .run("restore", "victim-0", "victim-1", "--before-deletion", "--parallel", "2", "--yes")
                    .succeeded();
            Oracle.Snapshot now = Oracle.snapshot(store);
            assertThat(now.withLoose("victim-0")).isEqualTo(before.withLoose("victim-0"));
            assertThat(now.withLoose("victim-1")).isEqualTo(before.withLoose("victim-1"));
            assertThat(now.rowCount()).isEqualTo(before.rowCount());
            workbench.awaitDurable(now.position(), capture);
            capture.terminate().succeeded();
            intoADatabaseWithoutTables(workbench, now, random);
        }
    }

    /** The tables are made all or none, then the tenant comes, fully or not at all. */
    private static void intoADatabaseWithoutTables(Workbench workbench, Oracle.Snapshot then, Random random)
            throws InterruptedException {
        Set<String> seen = new HashSet<>();
        try (StoreUnderTest target = StoreUnderTest.empty("interrupted_fresh")) {
            for (int n = 0; n < 3; n++) {
                ReinstateProcess restore = workbench.start(restoreInto(target, then));
                Thread.sleep(700 + random.nextInt(2000));
                restore.kill();
                awaitNoOtherSession(target);
                seen.add(target.queryOne(TABLES));
                if (haveTables(target)) {
                    assertThat(Oracle.snapshot(target).of("victim-0"))
                            .as("victim-0 after kill %d", n)
                            .isIn(then.of("victim-0"), new TreeMap<>());
                }
            }
            workbench.run(restoreInto(target, then)).succeeded();
            assertThat(Oracle.snapshot(target).of("victim-0")).isEqualTo(then.of("victim-0"));
            assertThat(seen).as("numbers of tables").isSubsetOf("0", target.queryOne(TABLES));
        }
    }

    private static boolean haveTables(StoreUnderTest target) {
        return !target.queryOne(TABLES).equals("0");
    }

    private static String[] restoreInto(StoreUnderTest target, Oracle.Snapshot then) {
        List<String> arguments = new ArrayList<>(List.of("restore", "victim-0", "--to", target.url()));
        arguments.addAll(List.of("--at-position", then.position().toString(), "--yes"));
        arguments.addAll(List.of("--references", "restore-shared-row"));
        if (!haveTables(target)) {
            arguments.add("--create-schema");
        }
        return arguments.toArray(String[]::new);
    }

    /** Large enough that an interruption meets the restore at work. */
    private static void fatten(StoreUnderTest store) {
        store.execute("""
                INSERT INTO desk.ticket (id, site_id, subject, words)
                SELECT n, 'victim-' || n % 2, 'fat', to_tsvector('simple', 'fat ' || n) FROM generate_series(100001, 180000) n""");
    }

    static void awaitNoOtherSession(StoreUnderTest store) {
        ArchiveComparison.await(
                "the restore's sessions end",
                Duration.ofSeconds(30),
                () -> store.queryOne("""
                                SELECT count(*) FROM pg_stat_activity
                                WHERE datname = current_database() AND backend_type = 'client backend'
                                AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL""").equals("0"));
    }
}
