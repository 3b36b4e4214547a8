package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What becomes of references to rows that are gone and are not the tenant's, from the command line to the proof. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SharedReferencesTest {
    private static final String SCHEMA = """
            CREATE TABLE site (id text PRIMARY KEY);
            CREATE TABLE region (code text PRIMARY KEY, title text NOT NULL);
            CREATE TABLE plan (id int PRIMARY KEY, code text UNIQUE, price numeric, region text NOT NULL REFERENCES region,
                before int REFERENCES plan);
            CREATE TABLE note (id int PRIMARY KEY, site_id text NOT NULL REFERENCES site, plan_id int REFERENCES plan,
                title text);
            CREATE INDEX ON note (site_id);
            """;
    private static final String LINK = """
            CREATE TABLE link (id int PRIMARY KEY, site_id text NOT NULL REFERENCES site,
                note_id int CONSTRAINT link_note REFERENCES note);
            """;
    private static final String FILL = """
            INSERT INTO site SELECT 'site-' || i FROM generate_series(1, 6) i;
            INSERT INTO region VALUES ('eu', 'Europe'), ('us', 'America'), ('xx', 'nowhere');
            INSERT INTO plan VALUES (1, 'basic', 1.50, 'eu', NULL), (2, 'old', 2.00, 'us', NULL), (3, 'full', 3, 'us', 2),
                (4, 'unused', 4, 'xx', NULL);
            INSERT INTO note SELECT i, 'site-' || 1 + i % 6, 1, 'note ' || i
                FROM generate_series(1, 60) i;
            UPDATE note SET plan_id = 3 WHERE site_id = 'site-1' AND id % 4 = 0;
            INSERT INTO link VALUES (1, 'site-1', 6), (2, 'site-1', 7), (3, 'site-1', 8), (4, 'site-2', 7);
            """;

    private StoreUnderTest store;
    private Workbench workbench;
    private ReinstateProcess capture;
    private Lsn then = Lsn.ZERO;
    private List<String> contentThen = List.of();

    @BeforeAll
    void protect(@TempDir Path directory) {
        store = StoreUnderTest.empty("shared_references");
        store.execute(SCHEMA + LINK);
        store.execute(FILL);
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

    /** The tenant goes, and so do plans 2 to 4 and their regions; what is left of the shared tables changes. */
    @BeforeEach
    void lose() {
        lose("");
    }

    private void lose(String moreRows) {
        store.execute("TRUNCATE site, region, plan, note, link");
        store.execute(FILL + moreRows);
        then = Oracle.position(store);
        contentThen = content("note", "site_id = 'site-1'");
        workbench.awaitDurable(then, capture);
        store.execute("""
                DELETE FROM link WHERE site_id = 'site-1';
                DELETE FROM note WHERE site_id = 'site-1';
                DELETE FROM site WHERE id = 'site-1';
                DELETE FROM plan WHERE id > 1;
                DELETE FROM region WHERE code <> 'eu';
                UPDATE plan SET price = 9;
                INSERT INTO plan VALUES (10, 'new', 10, 'eu', 1)""");
        workbench.awaitDurable(Oracle.position(store), capture);
    }

    private List<String> content(String table, String condition) {
        return store.query("SELECT t::text FROM " + table + " t WHERE " + condition + " ORDER BY 1");
    }

    private List<String> shared() {
        List<String> rows = new ArrayList<>(content("plan", "true"));
        rows.addAll(content("region", "true"));
        return rows;
    }

    private String[] restore(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("restore", "site-1", "--at-position", then.toString(), "--yes", "--proof-within", "60s"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--parallel=2", "--dry-run"})
    void theyAreInTheWayUnlessAskedOtherwise(String option) {
        List<String> before = shared();

        Failures.assertSaid(
                workbench.run(restore(option)),
                FailureKind.CONFLICT,
                "public.note: 1 rows of public.plan that foreign key note_plan_id_fkey leads to no longer exist",
                "--references restore-shared-row",
                "--references null");
        assertThat(shared()).isEqualTo(before);
        assertThat(content("note", "site_id = 'site-1'")).isEmpty();
    }

    @Test
    void sharedRowsComeBackAndThatIsProved() {
        final List<String> others = content("note", "site_id <> 'site-1'");
        List<String> before = shared();

        JsonNode dry = workbench.json(restore("--references", "restore-shared-row", "--dry-run"));
        assertThat(dry.path("tenants").path(0).path("plan").path("sharedRows").toString())
                .isEqualTo("[{\"table\":\"public.region\",\"rows\":1},{\"table\":\"public.plan\",\"rows\":2}]");
        assertThat(workbench
                        .run(restore("--references", "restore-shared-row", "--dry-run"))
                        .succeeded()
                        .output())
                .contains("brought back as they were: 1 of public.region, 2 of public.plan");
        assertThat(shared()).isEqualTo(before);
        assertThat(content("note", "site_id = 'site-1'")).isEmpty();

        JsonNode done = workbench.json(restore("--references", "restore-shared-row"));

        assertThat(done.path("otherTenants").path("state").asString())
                .as(done.toString())
                .isEqualTo("PROVED");
        assertThat(shared())
                .containsExactly(
                        "(1,basic,9,eu,)",
                        "(10,new,10,eu,1)",
                        "(2,old,2.00,us,)",
                        "(3,full,3,us,2)",
                        "(eu,Europe)",
                        "(us,America)");
        assertThat(content("note", "site_id = 'site-1'")).isEqualTo(contentThen);
        assertThat(content("note", "site_id <> 'site-1'")).isEqualTo(others);
        JsonNode receipt =
                workbench.json("receipt", done.path("receipt").asString()).path("receipt");
        JsonNode lines = receipt.path("tenants").path(0).path("shared");
        assertThat(lines).hasSize(2);
        assertThat(lines.path(1).path("table").asString()).isEqualTo("public.plan");
        assertThat(lines.path(1).path("inserted").asInt()).isEqualTo(2);
        assertThat(workbench
                        .run("receipt", done.path("receipt").asString())
                        .succeeded()
                        .output())
                .contains("inserted the shared rows that it says: 2 of public.plan, 1 of public.region")
                .contains("shared rows of public.plan that they refer to: 2 brought back, 0 there by then");
    }

    @Test
    void nullIsWrittenAndNoSharedRowIs() {
        List<String> before = shared();

        assertThat(workbench
                        .run(restore("--references", "null", "--dry-run"))
                        .succeeded()
                        .output())
                .contains("refer to rows of public.plan that no longer exist", "NULL is written instead");
        assertThat(content("note", "site_id = 'site-1'")).isEmpty();
        JsonNode done = workbench.json(restore("--references", "null"));

        assertThat(done.path("otherTenants").path("state").asString())
                .as(done.toString())
                .isEqualTo("PROVED");
        assertThat(shared()).isEqualTo(before);
        assertThat(content("note", "site_id = 'site-1'"))
                .hasSameSizeAs(contentThen)
                .isEqualTo(contentThen.stream()
                        .map(row -> row.replaceFirst("site-1,3,", "site-1,,"))
                        .sorted()
                        .toList());
    }

    /** Killed at any moment, while others write, the tenant and the shared rows that it needs are all there or none is. */
    @Test
    void killedAnywhereAllOrNothingIsThere() throws InterruptedException {
        Random random = new Random(Load.seed());
        lose(
                "INSERT INTO note SELECT i, 'site-1', CASE WHEN i % 9 = 0 THEN 3 END, 'fat' FROM generate_series(101, 30000) i");
        Lock writing = new ReentrantLock();
        AtomicBoolean stopping = new AtomicBoolean();
        Thread others = Thread.ofVirtual().start(() -> write(writing, stopping));
        try {
            for (int kill = 0; kill < 3; kill++) {
                ReinstateProcess restore = workbench.start(restore("--references", "restore-shared-row"));
                Thread.sleep(900 + random.nextInt(2000));
                restore.kill();
                writing.lock();
                try {
                    InterruptedRestoreTest.awaitNoOtherSession(store);
                    assertThat(List.of(
                                    content("note", "site_id = 'site-1'").equals(contentThen),
                                    content("region", "code = 'us'").size() == 1,
                                    content("plan", "id IN (2, 3)").size() == 2))
                            .as("kill %d", kill)
                            .isIn(List.of(true, true, true), List.of(false, false, false));
                } finally {
                    writing.unlock();
                }
            }
            workbench.run(restore("--references", "restore-shared-row")).succeeded();
        } finally {
            stopping.set(true);
            others.join();
        }
        assertThat(content("note", "site_id = 'site-1'")).isEqualTo(contentThen);
        assertThat(shared()).contains("(2,old,2.00,us,)", "(3,full,3,us,2)", "(us,America)");
    }

    private void write(Lock writing, AtomicBoolean stopping) {
        while (!stopping.get()) {
            writing.lock();
            try {
                store.execute("UPDATE plan SET price = price + 1 WHERE id = 1;"
                        + " INSERT INTO note SELECT greatest(max(id), 100000) + 1, 'site-2', 1, 'more' FROM note");
            } finally {
                writing.unlock();
            }
        }
    }

    /** Capture does not follow a table that was made a moment ago: that nothing shows is no sign of others' rows. */
    @Test
    void aTableThatWasMadeAMomentAgoIsNotCalledTouched() {
        workbench.run(restore("--references", "restore-shared-row")).succeeded();
        store.execute("DROP TABLE link;" + LINK);

        JsonNode done = workbench.json(restore("--references", "restore-shared-row"));

        assertThat(done.path("otherTenants").path("state").asString())
                .as(done.toString())
                .isIn("NOT_APPLICABLE", "PROVED");
        assertThat(content("link", "site_id = 'site-1'"))
                .containsExactly("(1,site-1,6)", "(2,site-1,7)", "(3,site-1,8)");
    }

    /** The plan names whose row it was; no restore of one tenant writes another's. */
    @Test
    void anotherTenantsRowThatIsGoneIsNeverWritten() {
        store.execute("DELETE FROM link WHERE id = 4; DELETE FROM note WHERE id = 7");
        final List<String> others = content("note", "site_id <> 'site-1'");

        Failures.assertSaid(
                workbench.run(restore("--references", "restore-shared-row", "--dry-run")),
                FailureKind.CONFLICT,
                "public.link: 1 rows of public.note that foreign key link_note leads to no longer exist;"
                        + " they were 1 of tenant site-2",
                "restore those tenants first");
        JsonNode done = workbench.json(restore("--references", "restore-shared-row-or-null"));

        assertThat(done.path("otherTenants").path("state").asString())
                .as(done.toString())
                .isEqualTo("PROVED");
        assertThat(content("link", "site_id = 'site-1'"))
                .containsExactly("(1,site-1,6)", "(2,site-1,)", "(3,site-1,8)");
        assertThat(content("note", "site_id <> 'site-1'")).isEqualTo(others);
        assertThat(content("note", "site_id = 'site-1'")).isEqualTo(contentThen);
        assertThat(shared()).contains("(3,full,3,us,2)").doesNotContain("(4,unused,4,xx,)");
    }
}
