package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The source is gone, and so is the machine that captured it: an archive, its key file and the command bring a tenant back. */
class NothingElseSurvivesTest {
    private static final String TENANT = "victim-1";

    @Test
    void anArchiveAloneBringsATenantBackIntoAnEmptyDatabase(@TempDir Path old, @TempDir Path fresh) throws IOException {
        Oracle.Snapshot then = protectAndLose(old);
        copy(old.resolve("reinstate-archive"), fresh.resolve("found"));
        Files.copy(old.resolve("reinstate.key"), fresh.resolve("reinstate.key"));
        try (StoreUnderTest target = StoreUnderTest.empty("fresh");
                Workbench machine = new Workbench(target, fresh)) {
            JsonNode schema = machine.json("schema", "--archive", "found");
            assertThat(schema.path("statements").size()).isGreaterThan(20);
            assertThat(machine.run(
                                    "restore",
                                    TENANT,
                                    "--archive",
                                    "found",
                                    "--create-schema",
                                    "--at-position",
                                    then.position().toString(),
                                    "--yes")
                            .exitCode())
                    .isEqualTo(FailureKind.INVALID.exitCode());
            ReinstateProcess.Outcome restored =
                    machine.run(restore(target, then)).succeeded();
            System.out.println(restored);
            assertThat(Oracle.snapshot(target).of(TENANT)).isEqualTo(then.of(TENANT));
            assertThat(target.query(
                            "SELECT nextval('desk.ticket_id') > coalesce((SELECT max(id) FROM desk.ticket), 0)"))
                    .containsExactly("t");
            assertThat(machine.run(restore(target, then)).exitCode()).isEqualTo(FailureKind.CONFLICT.exitCode());
            verified(machine);
        }
    }

    /** The receipt is held against the archive that is left, and then without it. */
    private static void verified(Workbench machine) {
        String id = machine.json("receipt", "--archive", "found")
                .path("receipts")
                .path(0)
                .asString();
        JsonNode verified = machine.json("receipt", "verify", id, "--archive", "found", "--against-archive");
        assertThat(verified.path("signature").asString()).isEqualTo("VALID");
        assertThat(verified.path("chain").asString()).isEqualTo("IN_CHAIN");
        JsonNode tenant = verified.path("tenants").path(0);
        assertThat(tenant.path("archive").asString()).isEqualTo("SAME");
        assertThat(tenant.path("verifiedAgainst").asString()).contains("/");
        machine.run("receipt", "export", id, "--archive", "found", "--to", "it.receipt")
                .succeeded();
        machine.run("keys", "public", "--archive", "found", "--to", "key.pem").succeeded();
        assertThat(machine.run("receipt", "verify", "it.receipt", "--public-key", "key.pem")
                        .succeeded()
                        .output())
                .contains("is what was signed", TENANT);
    }

    private static String[] restore(StoreUnderTest target, Oracle.Snapshot then) {
        return new String[] {
            "restore",
            TENANT,
            "--archive",
            "found",
            "--to",
            target.url(),
            "--create-schema",
            "--references",
            "restore-shared-row",
            "--at-position",
            then.position().toString(),
            "--yes"
        };
    }

    private static Oracle.Snapshot protectAndLose(Path directory) {
        try (StoreUnderTest store = StoreUnderTest.create("lost");
                Workbench workbench = new Workbench(store, directory);
                Load load = new Load(store, 1)) {
            long seed = Load.seed();
            load.populate(seed);
            workbench.init();
            ReinstateProcess capture = workbench.protect();
            workbench.awaitDurable(Oracle.position(store), capture);
            load.start(seed, 2);
            ArchiveComparison.await("some writes", Duration.ofMinutes(1), () -> load.committed() > 100);
            Oracle.Snapshot then = load.atGate(() -> Oracle.snapshot(store));
            workbench.awaitDurable(then.position(), capture);
            capture.terminate().succeeded();
            return then;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
