package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.model.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive's disk is full, read-only, or gave back other bytes than it was given. */
class BadArchiveTest {
    @TempDir
    private Path directory;

    private StoreUnderTest store;
    private Workbench workbench;

    @BeforeEach
    void create() {
        store = StoreUnderTest.create("archive");
        new Load(store, 1).populate(Load.seed());
        workbench = new Workbench(store, directory);
        workbench.init();
    }

    @AfterEach
    void close() {
        workbench.close();
        store.close();
    }

    private ReinstateProcess protectedOnce() {
        ReinstateProcess capture = workbench.protect();
        workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
        return capture;
    }

    private List<Path> objects() {
        try (Stream<Path> files = Files.walk(workbench.archive())) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> size(file) > 0) // what a killed writer leaves is none
                    .sorted(Comparator.comparingLong(BadArchiveTest::size).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyFlippedOrTruncatedObjectIsFoundByCheck() throws IOException {
        ReinstateProcess capture = protectedOnce();
        store.execute("UPDATE page SET title = title || '!'");
        workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
        capture.terminate().succeeded();
        workbench.run("check").succeeded();
        List<Path> objects = objects();
        for (Path object : List.of(objects.getFirst(), objects.get(objects.size() / 2), objects.getLast())) {
            byte[] good = Files.readAllBytes(object);
            byte[] flipped = good.clone();
            flipped[good.length / 2] ^= 0x10;
            for (byte[] bad : List.of(flipped, Arrays.copyOf(good, good.length - 1))) {
                rewrite(object, bad);
                assertDamageIsNamed(object);
                rewrite(object, good);
            }
            rewrite(object, new byte[0]);
            assertDamageIsNamed(object);
            rewrite(object, good);
        }
        workbench.run("check").succeeded();
        assertCutIsNoticed();
    }

    /** The newest manifest alone is gone: what is left is a sound archive. */
    private void assertCutIsNoticed() throws IOException {
        Path newest;
        try (Stream<Path> manifests = Files.list(workbench.archive().resolve("manifest"))) {
            newest = manifests.max(Comparator.naturalOrder()).orElseThrow();
        }
        byte[] manifest = Files.readAllBytes(newest);
        Files.delete(newest);
        Failures.assertSaid(workbench.run("protect"), FailureKind.DAMAGED, "--accept-loss");
        assertThat(newest).doesNotExist();
        assertThat(workbench.run("status").succeeded().output()).contains("the archive is not what it was");
        ReinstateProcess.Outcome check = workbench.run("check");
        assertThat(check.exitCode()).isEqualTo(FailureKind.DAMAGED.exitCode());
        assertThat(check.output()).contains("the archive is not what it was").contains("INV-33");
        Files.write(newest, manifest);
        workbench.run("check").succeeded();
    }

    private void assertDamageIsNamed(Path object) {
        ReinstateProcess.Outcome check = workbench.run("check");
        assertThat(check.exitCode()).as("%s damaged: %s", object, check).isIn(1, FailureKind.DAMAGED.exitCode());
        assertThat(check.everything()).contains(object.getFileName().toString().replaceFirst("[.].*", ""));
    }

    private static void rewrite(Path object, byte[] bytes) throws IOException {
        object.toFile().setWritable(true);
        Files.write(object, bytes);
    }

    @Test
    void damagedTenantIsNotRestoredAndOthersAre() throws IOException {
        ReinstateProcess capture = protectedOnce();
        Oracle.Snapshot before = Oracle.snapshot(store);
        store.execute("DELETE FROM site WHERE id LIKE 'victim-%'");
        Oracle.Snapshot gone = Oracle.snapshot(store);
        workbench.awaitDurable(gone.position(), capture);
        Path image = objects().getFirst();
        byte[] good = Files.readAllBytes(image);
        int damaged = 0;
        int restored = 0;
        for (int n = 0; n < 4; n++) {
            byte[] flipped = good.clone();
            flipped[good.length * (2 * n + 1) / 10] ^= 1;
            rewrite(image, flipped);
            String victim = "victim-" + n;
            ReinstateProcess.Outcome outcome = workbench.run("restore", victim, "--before-deletion", "--yes");
            Oracle.Snapshot now = Oracle.snapshot(store);
            if (outcome.exitCode() == 0) {
                restored++;
                assertThat(now.of(victim)).isEqualTo(before.of(victim));
            } else {
                damaged++;
                Failures.assertSaid(outcome, FailureKind.DAMAGED, "check");
                assertThat(now.of(victim)).isEmpty();
            }
        }
        System.out.println(restored + " tenants restored beside damage, " + damaged + " refused");
        rewrite(image, good);
        workbench
                .run("restore", "victim-0", "victim-1", "victim-2", "victim-3", "--before-deletion", "--yes")
                .succeeded();
        assertThat(Oracle.snapshot(store).rows()).isEqualTo(before.rows());
        assertReceiptNamesDamage(capture);
    }

    /** The newest image is damaged, and the one before it serves. */
    private void assertReceiptNamesDamage(ReinstateProcess capture) throws IOException {
        workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
        List<Path> before = images();
        workbench.run("compact", "--image").succeeded();
        Path newest = images().stream()
                .filter(image -> !before.contains(image))
                .findFirst()
                .orElseThrow();
        Oracle.Snapshot whole = Oracle.snapshot(store);
        store.execute("DELETE FROM site WHERE id = 'victim-0'");
        workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
        rewrite(newest, new byte[0]);
        String id = workbench
                .json("restore", "victim-0", "--at-position", whole.position().toString(), "--yes")
                .get("receipt")
                .stringValue();
        assertThat(Oracle.snapshot(store).rows()).isEqualTo(whole.rows());
        String name = workbench.archive().relativize(newest).toString().replaceFirst("[.].*", "");
        assertThat(workbench.run("receipt", id).succeeded().output())
                .contains("damaged in the archive, and done without: Object " + name)
                .contains("used instead: the image at ");
    }

    private List<Path> images() {
        return objects().stream()
                .filter(file -> file.startsWith(workbench.archive().resolve("image")))
                .toList();
    }

    @Test
    void archiveThatCannotBeWrittenIsSaidAndCaptureGoesOnWhenItCan() throws IOException {
        assumeTrue(canDropPrivileges(), "skipped: no setpriv here, and root may write everywhere");
        protectedOnce().terminate().succeeded();
        List<Path> folders = folders();
        folders.forEach(folder -> folder.toFile().setWritable(false, false));
        store.execute("UPDATE plan SET price = 42");
        try {
            Failures.assertSaid(
                    ReinstateProcess.run(
                            workbench
                                    .settings()
                                    .behind("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"),
                            "protect"),
                    FailureKind.UNAVAILABLE);
        } finally {
            folders.forEach(folder -> folder.toFile().setWritable(true, true));
        }
        Oracle.Snapshot after = Oracle.snapshot(store);
        workbench.awaitDurable(after.position(), workbench.protect());
        assertThat(workbench.comparison().differences(after)).isEmpty();
    }

    private List<Path> folders() throws IOException {
        try (Stream<Path> files = Files.walk(workbench.archive())) {
            return files.filter(Files::isDirectory).toList();
        }
    }

    private static boolean canDropPrivileges() throws IOException {
        return succeeds("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--", "true");
    }

    @Test
    void fullDiskIsSaidAndCaptureGoesOnWhenThereIsRoom() throws IOException {
        Path disk = Files.createDirectories(workbench.archive());
        assumeTrue(
                succeeds("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString()),
                "skipped: a small file system cannot be mounted here");
        try {
            ReinstateProcess capture = protectedOnce();
            store.execute("""
                    UPDATE attachment SET content = (
                        SELECT string_agg(sha512((n || clock_timestamp()::text || id)::bytea), '')
                        FROM generate_series(1, 400) n)""");
            awaitSaid(capture, "the disk is full");
            assertThat(succeeds("mount", "-o", "remount,size=200m", disk.toString()))
                    .isTrue();
            Oracle.Snapshot after = Oracle.snapshot(store);
            workbench.awaitDurable(after.position(), capture);
            assertThat(workbench.comparison().differences(after)).isEmpty();
            capture.terminate().succeeded();
            workbench.run("check").succeeded();
        } finally {
            workbench.close();
            succeeds("umount", "-l", disk.toString());
        }
    }

    private static void awaitSaid(ReinstateProcess process, String words) {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!process.soFar().errors().contains(words)) {
            assertThat(System.nanoTime()).as("said in time: " + words).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private static boolean succeeds(String... command) throws IOException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such file")) {
                return false;
            }
            throw e;
        }
    }
}
