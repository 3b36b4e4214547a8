package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.model.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The source is away, refuses us, has lost our slot, or somebody else is at work on it. */
class BadSourceTest {
    @TempDir
    private Path directory;

    private StoreUnderTest store;
    private Workbench workbench;

    @BeforeEach
    void create(TestInfo test) {
        store = StoreUnderTest.create("source");
        new Load(store, 1).populate(Load.seed());
        workbench = new Workbench(store, directory);
    }

    @AfterEach
    void close() {
        workbench.close();
        store.close();
    }

    private ReinstateProcess protectedOnce() {
        workbench.init();
        ReinstateProcess capture = workbench.protect();
        workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
        return capture;
    }

    private void dropSlot() {
        store.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                + " WHERE database = current_database()");
    }

    @Test
    void droppedSlotNeedsANewImageAndWhatWasStaysRestorable() {
        ReinstateProcess capture = protectedOnce();
        store.execute("UPDATE plan SET price = 7");
        Oracle.Snapshot before = Oracle.snapshot(store);
        workbench.awaitDurable(before.position(), capture);
        capture.terminate().succeeded();
        dropSlot();
        store.execute("UPDATE site SET settings = '{\"lost\": 1}' WHERE id = 'anchor-1'");
        Oracle.Snapshot lost = Oracle.snapshot(store);

        ReinstateProcess again = workbench.protect();
        ArchiveComparison.await(
                "the loss is told or a new image taken",
                Duration.ofMinutes(1),
                () -> !again.isAlive() || workbench.comparison().isDurableAt(lost.position()));
        if (!again.isAlive()) {
            Failures.assertSaid(again.await(), FailureKind.REFUSED, "slot", "image");
            ReinstateProcess told = workbench.start("protect", "--new-image");
            workbench.awaitDurable(lost.position(), told);
        } else {
            assertThat(again.soFar().everything()).contains("image").contains("slot");
        }
        assertThat(workbench.comparison().reader().state().gaps()).hasSize(1);
        assertThat(workbench.comparison().isRestorable(before.position())).isTrue();
        assertThat(workbench.comparison().isRestorable(lost.position())).isFalse();
        assertThat(workbench.comparison().differences(before)).isEmpty();
        Failures.assertSaid(
                workbench.run(
                        "restore", "anchor-1", "--at-position", lost.position().toString(), "--replace", "--yes"),
                FailureKind.NOT_RESTORABLE,
                workbench
                        .comparison()
                        .reader()
                        .ranges()
                        .getFirst()
                        .to()
                        .previous()
                        .toString());
        Oracle.Snapshot after = Oracle.snapshot(store);
        ArchiveComparison.await(
                "durable again",
                Duration.ofMinutes(1),
                () -> workbench.comparison().isDurableAt(after.position()));
        assertThat(workbench.comparison().differences(after)).isEmpty();
        workbench.run("check").succeeded();
        assertThat(workbench.run("status").everything()).containsIgnoringCase("gap");
    }

    @Test
    void secondCaptureOnOneStoreIsRefused() {
        ReinstateProcess first = protectedOnce();
        ReinstateProcess.Outcome second = workbench.run("protect");
        assertThat(second.exitCode())
                .as(second.toString())
                .isIn(FailureKind.REFUSED.exitCode(), FailureKind.CONFLICT.exitCode());
        Failures.assertSaid(
                second,
                second.exitCode() == FailureKind.REFUSED.exitCode() ? FailureKind.REFUSED : FailureKind.CONFLICT);
        store.execute("UPDATE plan SET price = 3");
        workbench.awaitDurable(Oracle.snapshot(store).position(), first);
        first.terminate().succeeded();
    }

    @Test
    void secondCaptureFromAnotherFolderIsRefusedToo() throws IOException {
        ReinstateProcess first = protectedOnce();
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.copy(workbench.configuration(), elsewhere.resolve("reinstate.yaml"));
        ReinstateProcess.Outcome second = ReinstateProcess.run(ReinstateProcess.Settings.in(elsewhere), "protect");
        assertThat(second.exitCode())
                .as(second.toString())
                .isIn(FailureKind.REFUSED.exitCode(), FailureKind.CONFLICT.exitCode());
        store.execute("UPDATE plan SET price = 3");
        workbench.awaitDurable(Oracle.snapshot(store).position(), first);
    }

    @Test
    void passwordIsTakenFromTheEnvironmentOrAFileAndNeverShown() throws IOException {
        assumeTrue(PostgresServer.shared().isEmbedded(), "skipped: the server asks nobody for a password");
        ReinstateProcess.Settings knowing =
                workbench.settings().with("REINSTATE_PASSWORD", PostgresServer.GUARDED_PASSWORD);
        ReinstateProcess.Outcome init = ReinstateProcess.run(
                        knowing, "init", "--url", store.guardedUrl(), "--tenant-table", "public.site", "--debug")
                .succeeded();
        try (ReinstateProcess capture = ReinstateProcess.start(knowing, "protect", "--debug")) {
            workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
            assertThat(commandLine(capture.pid())).contains("protect").doesNotContain(PostgresServer.GUARDED_PASSWORD);
            assertThat(capture.terminate().everything()).doesNotContain(PostgresServer.GUARDED_PASSWORD);
        }
        assertThat(init.everything()).doesNotContain(PostgresServer.GUARDED_PASSWORD);
        Path secret = Files.writeString(directory.resolve("secret"), PostgresServer.GUARDED_PASSWORD + "\n");
        assertThat(workbench
                        .run("status", "--password-file", secret.toString())
                        .succeeded()
                        .everything())
                .doesNotContain(PostgresServer.GUARDED_PASSWORD);
        Files.delete(secret);
        assertThat(filesWith(PostgresServer.GUARDED_PASSWORD)).isEmpty();
    }

    private List<Path> filesWith(String text) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> new String(read(file), StandardCharsets.ISO_8859_1).contains(text))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String commandLine(long pid) throws IOException {
        Process ps = new ProcessBuilder("ps", "-ww", "-o", "args=", "-p", Long.toString(pid)).start();
        return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void passwordOnTheCommandLineIsRefusedWithoutRepeatingIt() {
        ReinstateProcess.Outcome outcome = workbench.run(
                "init", "--url", store.guardedUrl() + "&password=hunter2", "--tenant-table", "public.site");
        Failures.assertSaid(outcome, FailureKind.INVALID, "REINSTATE_PASSWORD");
        assertThat(outcome.everything()).doesNotContain("hunter2");
        assertThat(workbench.configuration()).doesNotExist();
    }

    @Test
    void wrongPasswordIsSaid() {
        assumeTrue(PostgresServer.shared().isEmbedded(), "skipped: the server asks nobody for a password");
        ReinstateProcess.Outcome outcome = ReinstateProcess.run(
                workbench.settings().with("REINSTATE_PASSWORD", "hunter2"),
                "init",
                "--url",
                store.guardedUrl(),
                "--tenant-table",
                "public.site");
        Failures.assertSaid(outcome, FailureKind.INVALID, "password");
        assertThat(outcome.everything()).doesNotContain("hunter2");
        assertThat(workbench.configuration()).doesNotExist();
        Failures.assertSaid(
                workbench.run("init", "--url", store.guardedUrl(), "--tenant-table", "public.site"),
                FailureKind.INVALID,
                "password");
    }

    @Test
    void noNetworkIsSaidByEveryVerbThatNeedsIt() throws IOException {
        workbench.init();
        int silent;
        try (ServerSocket socket = new ServerSocket(0)) {
            silent = socket.getLocalPort();
        }
        String yaml = Files.readString(workbench.configuration());
        Files.writeString(
                workbench.configuration(),
                yaml.replaceFirst("jdbc:postgresql://[^/]+/", "jdbc:postgresql://127.0.0.1:" + silent + "/"));
        for (String verb : List.of("protect", "unprotect")) {
            Failures.assertSaid(
                    workbench.run(verb, verb.equals("unprotect") ? "--yes" : "--debug"),
                    FailureKind.UNAVAILABLE,
                    Integer.toString(silent));
        }
    }

    @Test
    void databaseThatDoesNotExistAndTableThatDoesNotExistAreNamed() {
        Failures.assertSaid(
                workbench.run(
                        "init",
                        "--url",
                        store.url().replace("e2e_source", "e2e_nowhere"),
                        "--tenant-table",
                        "public.site"),
                FailureKind.INVALID,
                "e2e_nowhere");
        Failures.assertSaid(
                workbench.run("init", "--url", store.url(), "--tenant-table", "public.sites"),
                FailureKind.INVALID,
                "public.sites");
        assertThat(workbench.configuration()).doesNotExist();
    }

    @Test
    void serverThatGoesAwayAndComesBackIsOutwaitedOrSaid() {
        ReinstateProcess capture = protectedOnce();
        store.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                + " WHERE database = current_database() AND active");
        store.execute("UPDATE plan SET price = 11");
        Oracle.Snapshot after = Oracle.snapshot(store);
        ArchiveComparison.await(
                "capture goes on or ends",
                Duration.ofMinutes(1),
                () -> !capture.isAlive() || workbench.comparison().isDurableAt(after.position()));
        if (!capture.isAlive()) {
            Failures.assertSaid(capture.await(), FailureKind.UNAVAILABLE);
            workbench.awaitDurable(after.position(), workbench.protect());
        }
        assertThat(workbench.comparison().differences(after)).isEmpty();
    }
}
