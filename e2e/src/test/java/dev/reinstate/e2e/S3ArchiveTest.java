package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.s3.FakeS3Server;
import dev.reinstate.objectstore.s3.FakeS3Server.Fault;
import dev.reinstate.objectstore.s3.ObjectLock;
import dev.reinstate.objectstore.s3.S3Location;
import dev.reinstate.objectstore.s3.S3ObjectStore;
import dev.reinstate.objectstore.s3.S3Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The main job with the archive in S3 and a copy of it elsewhere: by the whole command line, against a fake server. */
class S3ArchiveTest {
    private static final Map<String, String> CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", "an-access-key", "AWS_SECRET_ACCESS_KEY", "hunter2-secret");

    @TempDir
    private Path directory;

    private final FakeS3Server server = FakeS3Server.start();
    private final S3Location location = server.lockingBucket("archive-bucket", Clock.systemUTC());
    private final ObjectStore objects = S3ObjectStore.open(
            location,
            S3Settings.defaults().withLock(new ObjectLock(ObjectLock.Mode.COMPLIANCE, key -> Optional.empty())));
    private final StoreUnderTest store = StoreUnderTest.create("s3");

    @AfterEach
    void close() {
        objects.close();
        store.close();
        server.close();
    }

    @Test
    void tenantsComeBackFromTheBucketAndFromItsCopy() throws IOException {
        new Load(store, 1).populate(Load.seed());
        try (Workbench workbench = new Workbench(store, directory, objects, CREDENTIALS)) {
            workbench
                    .run(
                            "init",
                            "--url",
                            store.url(),
                            "--tenant-table",
                            "public.site",
                            "--archive",
                            location.toString())
                    .succeeded();
            workbench.hasten();
            lock(workbench);
            // of twelve requests one is refused, one cut off, one is done and its answer lost, one answered in half
            Fault[] faults = {Fault.OVERLOADED, Fault.RESET, Fault.LOST_ANSWER, Fault.TRUNCATED};
            server.fail((number, operation) -> number % 3 == 0 ? faults[number / 3 % faults.length] : Fault.NONE);
            ReinstateProcess capture = workbench.protect();
            Oracle.Snapshot before = Oracle.snapshot(store);
            workbench.awaitDurable(before.position(), capture);
            store.execute("DELETE FROM site WHERE id LIKE 'victim-%'");
            Oracle.Snapshot gone = Oracle.snapshot(store);
            workbench.awaitDurable(gone.position(), capture);
            assertThat(workbench.comparison().differences(gone)).isEmpty();

            S3Location second = server.bucket("copy-bucket");
            JsonNode copied = workbench.json("copy", "--to", second.toString());
            assertThat(copied.path("copied").path("objects").asLong()).isPositive();
            assertThat(workbench
                            .json("copy", "--to", second.toString())
                            .path("copied")
                            .path("objects")
                            .asLong())
                    .isZero();
            capture.terminate().succeeded();
            server.fail((number, operation) -> Fault.NONE);

            assertSound(workbench.run("check"));
            assertSound(workbench.run("check", "--archive", second.toString()));
            workbench
                    .run("restore", "victim-0", "victim-1", "--before-deletion", "--yes")
                    .succeeded();
            // the bucket is lost: a new folder, the copy and the database are all there is
            ReinstateProcess.Outcome fromCopy = ReinstateProcess.run(
                    workbench.settings(),
                    "restore",
                    "victim-2",
                    "victim-3",
                    "--before-deletion",
                    "--yes",
                    "--to",
                    store.url(),
                    "--archive",
                    second.toString());
            fromCopy.succeeded();
            assertThat(Oracle.snapshot(store).rows()).isEqualTo(before.rows());
            assertLocked();
            assertNoCredentials(workbench);
        }
    }

    private static void lock(Workbench workbench) throws IOException {
        String yaml = Files.readString(workbench.configuration());
        Files.writeString(
                workbench.configuration(), yaml + "\ns3:\n  objectLock:\n    mode: compliance\n    days: 35\n");
    }

    private static void assertSound(ReinstateProcess.Outcome outcome) {
        assertThat(outcome.succeeded().output()).contains("Sound");
    }

    private void assertLocked() {
        List<ObjectStore.ObjectSummary> all = objects.list("", "", 100_000);
        assertThat(all).hasSizeGreaterThan(5);
        for (ObjectStore.ObjectSummary object : all) {
            boolean wanted = !object.key().matches("keyring|key/.*|receipt/.*|checkpoint/.*|page/.*");
            assertThat(objects.lockedUntil(object.key()).isPresent())
                    .as(object.key())
                    .isEqualTo(wanted);
        }
        String manifest = objects.list("manifest/", "", 1).getFirst().key();
        assertThatThrownBy(() -> objects.delete(manifest))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        e -> assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.LOCKED));
    }

    /** Neither in the configuration nor in anything that was said. */
    private void assertNoCredentials(Workbench workbench) throws IOException {
        assertThat(Files.readString(workbench.configuration())).doesNotContain("hunter2", "an-access-key");
        try (var files = Files.list(directory.resolve("processes"))) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file)).doesNotContain("hunter2", "an-access-key");
            }
        }
    }

    @Test
    void whatIsNoPlaceOrNotReachedIsSaid() {
        try (Workbench workbench = new Workbench(store, directory, objects, CREDENTIALS)) {
            Failures.assertSaid(
                    workbench.run("check", "--archive", "s3://bucket/x?secret=hunter2"), FailureKind.INVALID, "s3://");
            Failures.assertSaid(
                    workbench.run("check", "--archive", server.bucket("empty").toString()),
                    FailureKind.INVALID,
                    "no archive");
            ReinstateProcess.Settings nobody = ReinstateProcess.Settings.in(directory)
                    .with("HOME", directory.toString())
                    .with("AWS_EC2_METADATA_DISABLED", "true");
            ReinstateProcess.Outcome outcome =
                    ReinstateProcess.run(nobody, "tenants", "--archive", location.toString());
            Failures.assertSaid(outcome, FailureKind.UNAVAILABLE, "AWS_ACCESS_KEY_ID");
        }
    }
}
