package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a restore does with the rows that a tenant has now. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestorePolicyTest {
    private static final String TENANT = "anchor-1";

    private Path directory;

    private StoreUnderTest store;
    private Workbench workbench;
    private ReinstateProcess capture;
    private Oracle.Snapshot then;

    @BeforeAll
    void protect(@TempDir Path temporary) {
        directory = temporary;
        store = StoreUnderTest.create("policies");
        new Load(store, 1).populate(Load.seed());
        workbench = new Workbench(store, directory);
        workbench.init();
        capture = workbench.protect();
        workbench.awaitDurable(Oracle.position(store), capture);
    }

    @AfterAll
    void close() {
        workbench.close();
        store.close();
    }

    /** Some rows differ since, some are gone, some are new. */
    @BeforeEach
    void damage() {
        then = Oracle.snapshot(store);
        store.execute("""
                UPDATE page SET title = 'vandalised', body = NULL WHERE site_id = 'anchor-1' AND id % 2 = 0;
                DELETE FROM comment USING page p WHERE p.id = comment.page_id AND p.site_id = 'anchor-1' AND p.id % 3 = 0;
                DELETE FROM member WHERE site_id = 'anchor-1' AND id % 2 = 1;
                INSERT INTO member (site_id, email) VALUES ('anchor-1', gen_random_uuid()::text);
                INSERT INTO "User Setting" VALUES ('anchor-1', gen_random_uuid()::text, '1', 'since')""");
        workbench.awaitDurable(Oracle.position(store), capture);
    }

    private ReinstateProcess.Outcome restore(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("restore", TENANT, "--at-position", then.position().toString(), "--yes"));
        arguments.addAll(List.of(more));
        return workbench.run(arguments.toArray(String[]::new));
    }

    @Test
    void intoEmptyIsTheDefaultAndRefusesWithAList() {
        Oracle.Snapshot damaged = Oracle.snapshot(store);
        Failures.assertSaid(
                restore(), FailureKind.REFUSED, "public.page", "public.member", "--replace", "--missing-only");
        assertThat(Oracle.snapshot(store).rows()).isEqualTo(damaged.rows());
    }

    @Test
    void replaceMakesTheTenantExactlyWhatItWasAndSavesWhatGoes() throws IOException {
        Oracle.Snapshot damaged = Oracle.snapshot(store);
        ReinstateProcess.Outcome outcome = restore("--replace").succeeded();
        Oracle.Snapshot now = Oracle.snapshot(store);
        assertThat(now.of(TENANT)).isEqualTo(then.of(TENANT));
        for (String other : damaged.tenants()) {
            if (!other.equals(TENANT)) {
                assertThat(now.of(other)).as(other).isEqualTo(damaged.of(other));
            }
        }
        assertThat(outcome.everything()).contains("public.member");
        try (Stream<Path> files = Files.walk(directory.resolve("reinstate-saved"))) {
            assertThat(files.filter(Files::isRegularFile)
                            .filter(file -> read(file).contains("since")))
                    .as("rows that went are saved: " + outcome)
                    .isNotEmpty();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void missingOnlyPutsBackWhatIsGoneAndTouchesNothingThatLives() {
        Oracle.Snapshot damaged = Oracle.snapshot(store);
        restore("--missing-only").succeeded();
        Oracle.Snapshot now = Oracle.snapshot(store);
        for (String table : then.of(TENANT).keySet()) {
            assertThat(now.of(TENANT).get(table)).containsAll(damaged.of(TENANT).getOrDefault(table, List.of()));
        }
        assertThat(now.of(TENANT).get("public.comment"))
                .hasSameSizeAs(then.of(TENANT).get("public.comment"));
        assertThat(now.of(TENANT).get("public.page"))
                .isEqualTo(damaged.of(TENANT).get("public.page"));
        restore("--replace").succeeded();
        assertThat(Oracle.snapshot(store).of(TENANT)).isEqualTo(then.of(TENANT));
    }

    @Test
    void dryRunShowsThePlanAndWritesNothing() {
        Oracle.Snapshot damaged = Oracle.snapshot(store);
        assertThat(restore("--replace", "--dry-run").succeeded().output()).contains("public.page", "public.member");
        assertThat(Oracle.snapshot(store).rows()).isEqualTo(damaged.rows());
    }

    @Test
    void scratchDatabaseGetsTheTenantAndTheSourceIsNotTouched() {
        Oracle.Snapshot damaged = Oracle.snapshot(store);
        try (StoreUnderTest scratch = StoreUnderTest.create("policies_scratch")) {
            restore("--to", scratch.url()).succeeded();
            Oracle.Snapshot copy = Oracle.snapshot(scratch);
            assertThat(copy.of(TENANT)).isEqualTo(then.of(TENANT));
            assertThat(copy.tenants()).containsExactly(TENANT);
        }
        assertThat(Oracle.snapshot(store).rows()).isEqualTo(damaged.rows());
    }

    @Test
    void keyThatBelongsToSomeoneElseByNowIsAConflictAndIsNotOverwritten() {
        store.execute("""
                UPDATE page SET parent_id = NULL WHERE parent_id IN (SELECT min(id) FROM page WHERE site_id = 'anchor-1');
                UPDATE page SET site_id = 'anchor-2', parent_id = NULL, author_id = NULL
                WHERE id = (SELECT min(id) FROM page WHERE site_id = 'anchor-1')""");
        Oracle.Snapshot moved = Oracle.snapshot(store);
        Failures.assertSaid(restore("--replace"), FailureKind.CONFLICT, "public.page");
        assertThat(Oracle.snapshot(store).rows()).isEqualTo(moved.rows());
    }
}
