package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Requests that cannot be fulfilled: each is told what is wrong, why, and what to do, and nothing is written. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadRequestsTest {
    private Path directory;

    private final StoreUnderTest store = StoreUnderTest.create("requests");
    private Workbench workbench;
    private ReinstateProcess capture;
    private Oracle.Snapshot beforeProtection;
    private Oracle.Snapshot whole;

    @BeforeAll
    void protectAndDelete(@TempDir Path temporary) {
        directory = temporary;
        new Load(store, 1).populate(Load.seed());
        beforeProtection = Oracle.snapshot(store);
        workbench = new Workbench(store, directory);
        workbench.init();
        capture = workbench.protect();
        workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
        store.execute("UPDATE plan SET price = 1 WHERE code = 'team'");
        whole = Oracle.snapshot(store);
        store.execute("DELETE FROM site WHERE id = 'victim-1'");
        workbench.awaitDurable(Oracle.snapshot(store).position(), capture);
    }

    @AfterAll
    void close() {
        workbench.close();
        store.close();
    }

    private void assertNothingWasWritten(Runnable request) {
        Oracle.Snapshot before = Oracle.snapshot(store);
        List<String> receipts = receipts();
        request.run();
        assertThat(Oracle.snapshot(store).rows()).isEqualTo(before.rows());
        assertThat(receipts()).isEqualTo(receipts);
    }

    private List<String> receipts() {
        try (Stream<Path> files = Files.walk(workbench.archive())) {
            return files.map(Path::toString)
                    .filter(name -> name.contains("receipt"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void unknownTenantSuggestsNearOnes() {
        assertNothingWasWritten(() -> Failures.assertSaid(
                workbench.run("restore", "victm-1", "--before-deletion", "--yes"),
                FailureKind.INVALID,
                "victm-1",
                "victim-1"));
        Failures.assertSaid(workbench.run("history", "victim-11"), FailureKind.INVALID, "victim-1");
    }

    @Test
    void decisionsAboutTheSchemaThatAreAboutNothingSuggestNearNames() {
        assertDecision("near it: public.page", "--map", "public.pagge=public.page");
        assertDecision("near it: title", "--map", "public.page.titel=title");
        assertDecision("near it: public.page", "--map", "public.paeg.title=title");
        assertDecision("it has id, title", "--default", "public.page.titel=x");
        assertDecision("near it: public.page", "--default", "public.pagge.title=x");
        assertDecision("has the labels calm, busy, on fire", "--map-label", "public.mood.calm=bussy");
        assertDecision("enumerations are public.mood", "--map-label", "public.moood.calm=busy");
    }

    private void assertDecision(String said, String... decision) {
        List<String> arguments = new ArrayList<>(List.of("restore", "victim-1", "--before-deletion", "--dry-run"));
        arguments.addAll(List.of(decision));
        Failures.assertSaid(workbench.run(arguments.toArray(String[]::new)), FailureKind.INVALID, said);
    }

    private String beforeTheFirstImage() {
        ArchiveReader archive = workbench.comparison().reader();
        return archive.ranges().getFirst().from().previous().toString();
    }

    @Test
    void momentBeforeTheFirstImageSaysWhatIsCovered() {
        assertNothingWasWritten(() -> Failures.assertSaid(
                workbench.run("restore", "victim-1", "--at", "2001-01-01T00:00:00Z", "--yes"),
                FailureKind.NOT_RESTORABLE,
                beforeTheFirstImage()));
        Failures.assertSaid(
                workbench.run(
                        "restore",
                        "victim-1",
                        "--at-position",
                        beforeProtection.position().previous().toString(),
                        "--yes"),
                FailureKind.NOT_RESTORABLE,
                beforeTheFirstImage());
    }

    @Test
    void momentAfterTheLastDurablePositionSaysWhatIsCovered() {
        Failures.assertSaid(
                workbench.run("restore", "victim-1", "--at", "2199-01-01T00:00:00Z", "--yes"),
                FailureKind.NOT_RESTORABLE,
                beforeTheFirstImage());
        Failures.assertSaid(
                workbench.run("restore", "victim-1", "--at-position", "FFFFFFFF/0", "--yes"),
                FailureKind.NOT_RESTORABLE);
    }

    @Test
    void timeWithoutZoneAndNonsenseAreRefused() {
        Failures.assertSaid(
                workbench.run("restore", "victim-1", "--at", "2026-01-01 00:00:00", "--yes"),
                FailureKind.INVALID,
                "zone");
        Failures.assertSaid(
                workbench.run("restore", "victim-1", "--at-position", "G/1", "--yes"), FailureKind.INVALID, "G/1");
        Failures.assertSaid(workbench.run("restore", "victim-1", "--yes"), FailureKind.INVALID);
        Failures.assertSaid(workbench.run("restore", "--before-deletion", "--yes"), FailureKind.INVALID);
        Failures.assertSaid(workbench.run("restroe"), FailureKind.INVALID, "restore");
    }

    @Test
    void tenantThatWasNeverDeletedHasNoMomentBeforeItsDeletion() {
        assertNothingWasWritten(() -> Failures.assertSaid(
                workbench.run("restore", "anchor-1", "--before-deletion", "--yes"), FailureKind.INVALID, "anchor-1"));
    }

    @Test
    void withoutConsentNothingIsWritten() {
        assertNothingWasWritten(() -> {
            ReinstateProcess.Outcome outcome = workbench.run("restore", "victim-1", "--before-deletion");
            assertThat(outcome.exitCode()).as(outcome.toString()).isNotZero();
            assertThat(outcome.everything()).contains("--yes");
        });
        assertNothingWasWritten(() -> workbench
                .run("restore", "victim-1", "--before-deletion", "--dry-run")
                .succeeded());
    }

    @Test
    void tableThatLostAColumnIsNamed() {
        try (StoreUnderTest scratch = StoreUnderTest.create("requests_scratch")) {
            scratch.execute("ALTER TABLE page_version DROP COLUMN body");
            Oracle.Snapshot before = scratchSnapshot(scratch);
            Failures.assertSaid(
                    workbench.run(
                            "restore",
                            "victim-1",
                            "--at-position",
                            whole.position().toString(),
                            "--to",
                            scratch.url(),
                            "--yes"),
                    FailureKind.CONFLICT,
                    "public.page_version",
                    "body");
            assertThat(scratchSnapshot(scratch).rows()).isEqualTo(before.rows());
        }
    }

    private static Oracle.Snapshot scratchSnapshot(StoreUnderTest scratch) {
        return Oracle.snapshot(scratch);
    }

    @Test
    void tableCreatedAfterInitThatFitsNoRuleIsLoudInStatusAndInCheck() {
        store.execute("CREATE TABLE newcomer (id int PRIMARY KEY, visitor int)");
        try {
            ReinstateProcess.Outcome status = workbench.run("status");
            assertThat(status.everything()).contains("public.newcomer");
            assertThat(workbench.run("status", "--json").output()).contains("newcomer");
            ReinstateProcess.Outcome check = workbench.run("init", "--check");
            assertThat(check.exitCode()).isEqualTo(1);
            assertThat(check.output()).contains("public.newcomer is new");
        } finally {
            store.execute("DROP TABLE newcomer");
        }
    }

    @Test
    void configurationThatIsMissingOrWrongIsExplainedAtOnce() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Failures.assertSaid(
                ReinstateProcess.run(ReinstateProcess.Settings.in(elsewhere), "status"),
                FailureKind.INVALID,
                "reinstate.yaml",
                "init");
        Files.writeString(
                elsewhere.resolve("reinstate.yaml"),
                Files.readString(workbench.configuration())
                        .replace("\"desk.ticket\": ", "\"desk.tickets\": ")
                        .replace("desk.ticket: ", "desk.tickets: ")
                        .replaceFirst("segmentInterval: .*", "segmentInterval: soon"));
        Failures.assertSaid(
                ReinstateProcess.run(ReinstateProcess.Settings.in(elsewhere), "status"),
                FailureKind.INVALID,
                "segmentInterval");
    }
}
