package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The optional event triggers by the command line: printed, installed, found broken, relied on, removed. */
class DdlTriggerTest {
    private static final String COUNT = "SELECT count(*) FROM pg_event_trigger";

    @TempDir
    private Path directory;

    @Test
    void triggersComeAndGoAndStatusSaysWhichThereAre() {
        try (StoreUnderTest store = StoreUnderTest.create("ddl");
                Workbench workbench = new Workbench(store, directory)) {
            new Load(store, 1).populate(Load.seed());
            workbench.init();
            assertStands(workbench, "ABSENT", "noticed by looking");

            ReinstateProcess.Outcome printed =
                    workbench.run("ddl-trigger", "--print").succeeded();
            assertThat(store.queryOne(COUNT)).as("printing installs nothing").isEqualTo("0");
            store.execute(printed.output());
            assertStands(workbench, "INSTALLED", "told by event triggers");

            store.execute("DO $$ BEGIN EXECUTE (SELECT format('ALTER EVENT TRIGGER %I DISABLE', evtname)"
                    + " FROM pg_event_trigger LIMIT 1); END $$");
            assertStands(workbench, "BROKEN", "reinstate ddl-trigger --install");

            assertThat(workbench.run("ddl-trigger", "--install").succeeded().output())
                    .contains("installed")
                    .contains("from its next start on");
            assertRenameIsExact(store, workbench);

            assertThat(workbench.run("ddl-trigger", "--remove").succeeded().output())
                    .contains("absent");
            assertThat(store.queryOne(COUNT)).isEqualTo("0");
        }
    }

    private static void assertStands(Workbench workbench, String state, String said) {
        assertThat(workbench.json("ddl-trigger").get("state").asString()).isEqualTo(state);
        assertThat(workbench.run("status").succeeded().output()).contains(said);
    }

    private static void assertRenameIsExact(StoreUnderTest store, Workbench workbench) {
        ReinstateProcess capture = workbench.protect();
        workbench.awaitDurable(Oracle.position(store), capture);
        Oracle.Snapshot before = Oracle.snapshot(store);
        store.execute("ALTER TABLE page RENAME title TO headline");
        store.execute("DELETE FROM page WHERE site_id = 'victim-1'");
        workbench.awaitDurable(Oracle.position(store), capture);
        ArchiveComparison.await(
                "the rename is in the catalogue history",
                Duration.ofSeconds(30),
                () -> workbench.comparison().reader().catalogueHistory().stream()
                        .anyMatch(
                                version -> version.exact() && version.command().equals("ALTER TABLE")));
        assertThat(workbench
                        .run(
                                "restore",
                                "victim-1",
                                "--at-position",
                                before.position().toString(),
                                "--replace",
                                "--dry-run")
                        .succeeded()
                        .output())
                .contains(
                        "public.page.headline: was called title; values of then go there, as the catalogue's history tells");
        capture.terminate().succeeded();
    }
}
