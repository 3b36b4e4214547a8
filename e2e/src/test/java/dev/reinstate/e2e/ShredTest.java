package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The archive's keys from the command line, beside a running capture: a tenant's is destroyed, the master key changed. */
class ShredTest {
    private static final String GONE = "victim-0";
    private static final String STAYS = "victim-1";

    @Test
    void anErasedTenantStaysGoneAndTheKeyFileCanBeChanged(@TempDir Path directory) {
        try (StoreUnderTest store = StoreUnderTest.create("shred");
                Load load = new Load(store, 5);
                Workbench workbench = new Workbench(store, directory)) {
            load.populate(Load.seed());
            workbench.init();
            assertThat(directory.resolve("reinstate.key")).content().contains("WITHOUT THIS FILE NOBODY CAN READ");
            ReinstateProcess capture = workbench.protect();
            workbench.awaitDurable(Oracle.position(store), capture); // the first image is taken
            Oracle.Snapshot before = Oracle.snapshot(store);
            workbench.awaitDurable(before.position(), capture);
            refusedWhileThereAreRows(workbench);
            store.execute("DELETE FROM site WHERE id = '" + GONE + "'");
            workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
            assertThat(workbench
                            .run("shred", GONE, "--execute", "--yes")
                            .exited(FailureKind.REFUSED.exitCode())
                            .errors())
                    .contains("has rows", "public.attachment"); // cut off from their page, they are still the tenant's
            store.execute("DELETE FROM attachment WHERE page_id IS NULL");
            workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
            erased(workbench, before);
            rotated(workbench, directory, before);
            assertThat(capture.isAlive()).isTrue();
            store.execute("DELETE FROM site WHERE id = '" + STAYS + "'");
            workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
            capture.terminate();
        }
    }

    private static void refusedWhileThereAreRows(Workbench workbench) {
        assertThat(workbench.run("shred", GONE).succeeded().output())
                .contains("Would be lost: every moment from", "Nothing is scheduled");
        workbench.run("shred", GONE, "--reason", "asked").succeeded();
        assertThat(workbench
                        .run("shred", GONE, "--execute", "--yes")
                        .exited(FailureKind.REFUSED.exitCode())
                        .errors())
                .contains("not due yet");
        workbench.run("shred", GONE, "--cancel", "--reason", "asked too early").succeeded();
        workbench.run("shred", GONE, "--reason", "asked", "--wait", "0s").succeeded();
        assertThat(workbench
                        .run("shred", GONE, "--execute", "--yes")
                        .exited(FailureKind.REFUSED.exitCode())
                        .errors())
                .contains("has rows");
    }

    private static void erased(Workbench workbench, Oracle.Snapshot before) {
        JsonNode done = workbench.json("shred", GONE, "--execute", "--yes");
        assertThat(done.get("erasure").get("executed").booleanValue()).isTrue();
        for (String[] verb : new String[][] {
            {"restore", GONE, "--at-position", before.position().toString(), "--dry-run"},
            {"restore", GONE, "--before-deletion", "--dry-run"},
            {"export", GONE, "--at-position", before.position().toString(), "--format", "csv", "--to", "gone.out"},
        }) {
            assertThat(workbench
                            .run(verb)
                            .exited(FailureKind.NOT_RESTORABLE.exitCode())
                            .errors())
                    .contains("was erased", "asked");
        }
        assertThat(workbench.run("tenants").succeeded().output())
                .contains(STAYS)
                .doesNotContain(GONE);
        workbench.run("check").succeeded();
        workbench
                .run("restore", STAYS, "--at-position", before.position().toString(), "--dry-run")
                .succeeded();
    }

    private static void rotated(Workbench workbench, Path directory, Oracle.Snapshot before) {
        JsonNode keys = workbench.json("keys").get("keyring");
        assertThat(keys.get("masterKey").stringValue()).startsWith("file:");
        workbench.run("keys", "rotate", "--new-key-file", "next.key").succeeded();
        assertThat(Files.exists(directory.resolve("next.key"))).isTrue();
        assertThat(workbench
                        .run("tenants")
                        .exited(FailureKind.INVALID.exitCode())
                        .errors())
                .contains(keys.get("masterKey").stringValue());
        String[] withNext = {
            "restore",
            STAYS,
            "--key-file",
            "next.key",
            "--at-position",
            before.position().toString(),
            "--dry-run"
        };
        workbench.run(withNext).succeeded();
        assertThat(workbench.json("keys").get("keyring").get("rotations").longValue())
                .isEqualTo(1);
    }
}
