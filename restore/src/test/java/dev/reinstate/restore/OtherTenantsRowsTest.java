package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TenantId;
import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.ReferencePolicy;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of then that refer to rows of other tenants which no longer exist. */
class OtherTenantsRowsTest {
    private static final String SCHEMA = """
            CREATE TABLE public.note (id int PRIMARY KEY, site_id text NOT NULL, title text,
                about int REFERENCES public.note);
            CREATE TABLE public.link (id int PRIMARY KEY, site_id text NOT NULL,
                note_id int CONSTRAINT link_note REFERENCES public.note, before int REFERENCES public.link);
            ALTER TABLE public.note ADD COLUMN main int REFERENCES public.link;
            INSERT INTO public.note VALUES (1, 'a', 'one', NULL), (2, 'a', 'two', 1), (3, 'b', 'three', NULL),
                (4, 'b', 'four', 3), (5, 'a', 'five', 4);
            INSERT INTO public.link VALUES (1, 'a', 1, NULL), (2, 'a', 3, 1), (3, 'a', 4, 2), (4, 'b', 3, NULL),
                (5, 'a', NULL, 3);
            UPDATE public.note SET main = 3 WHERE id = 1;
            """;

    @TempDir
    Path directory;

    private Drift drift() {
        return Drift.of(directory, List.of("note", "link"), SCHEMA);
    }

    /** All of tenant a, and note 4 of tenant b. */
    private static void lose(TestServer server) {
        server.execute(
                "UPDATE public.note SET main = NULL",
                "DELETE FROM public.link WHERE site_id = 'a'",
                "DELETE FROM public.note WHERE site_id = 'a'",
                "DELETE FROM public.note WHERE id = 4");
    }

    private static List<String> of(TestServer server, String tenant) {
        return server.rows("SELECT n::text || ' ' || xmin || ' ' || ctid FROM public.note n WHERE site_id = '" + tenant
                + "' UNION ALL SELECT l::text || ' ' || xmin || ' ' || ctid FROM public.link l WHERE site_id = '"
                + tenant
                + "' ORDER BY 1");
    }

    @ParameterizedTest
    @CsvSource({"false, FAIL", "true, FAIL", "false, RESTORE_SHARED_ROW", "true, RESTORE_SHARED_ROW"})
    void theyAreInThePlanWithWhoseTheyWere(boolean triggersFire, ReferencePolicy policy) {
        Drift drift = drift().triggersFire(triggersFire).references(policy);
        lose(drift.server());
        final List<String> others = of(drift.server(), "b");

        assertThat(drift.problems())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains("1 rows of public.note that foreign key")
                        .contains("leads to no longer exist; they were 1 of tenant b")
                        .contains("restore those tenants first"));
        assertThat(drift.problems())
                .anyMatch(line -> line.startsWith("public.link: 1 rows of public.note that foreign key link_note"))
                .anyMatch(
                        line -> line.startsWith("public.note: 1 rows of public.note that foreign key note_about_fkey"));
        assertThat(drift.problems().getFirst().contains("public.note is no shared table"))
                .isEqualTo(policy == ReferencePolicy.RESTORE_SHARED_ROW);
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(of(drift.server(), "a")).isEmpty();
        assertThat(of(drift.server(), "b")).isEqualTo(others);
    }

    @ParameterizedTest
    @CsvSource({"false, NULL", "true, NULL", "false, RESTORE_SHARED_ROW_OR_NULL", "true, RESTORE_SHARED_ROW_OR_NULL"})
    void nullIsWrittenWhereItIsAskedFor(boolean triggersFire, ReferencePolicy policy) throws IOException {
        Drift drift = drift().triggersFire(triggersFire).references(policy);
        TestServer server = drift.server();
        lose(server);
        final List<String> others = of(server, "b");

        RestorePlan plan = drift.plan();
        TenantResult result = drift.restore();

        assertThat(plan.notes())
                .contains(
                        "public.link: rows of public.note that foreign key link_note led to and that NULL is written for"
                                + " were 1 of tenant b");
        assertThat(plan.shared().isEmpty()).isTrue();
        assertThat(result.failure()).isEmpty();
        assertThat(server.rows("SELECT id, note_id, before FROM public.link WHERE site_id = 'a' ORDER BY id"))
                .containsExactly("1|1|null", "2|3|1", "3|null|2", "5|null|3");
        assertThat(server.rows("SELECT id, about, main FROM public.note WHERE site_id = 'a' ORDER BY id"))
                .containsExactly("1|null|3", "2|1|null", "5|null|null");
        assertThat(of(server, "b")).isEqualTo(others);
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("left-out.sql"))).contains("3\t4\n", "5\t4\n");
        assertThat(drift.plan().isRight()).isTrue();
        assertThat(drift.plan().refusal()).isEmpty();
    }

    @Test
    void onceTheOtherTenantIsBackAllIsWell() {
        Drift drift = drift();
        lose(drift.server());
        RestoreRun run = drift.run();
        RestoreRequest request = new RestoreRequest(
                new TenantId("b"), drift.store().position(), RestorePolicy.REPLACE, ReferencePolicy.FAIL, Set.of());
        RestorePlan plan = run.plan(List.of(request)).getFirst().plan().orElseThrow();
        assertThat(run.apply(List.of(plan), "receipt").getFirst().failure()).isEmpty();

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(drift.server().rows("SELECT id, note_id FROM public.link ORDER BY id"))
                .containsExactly("1|1", "2|3", "3|4", "4|3", "5|null");
    }

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsThatThisRestoreWritesAreNotGone(RestorePolicy policy) {
        Drift drift = drift().policy(policy);
        TestServer server = drift.server();
        List<String> then = server.rows("SELECT n::text FROM public.note n ORDER BY id");
        server.execute("UPDATE public.note SET main = NULL, about = NULL");
        server.execute("DELETE FROM public.link WHERE site_id = 'a'", "DELETE FROM public.note WHERE site_id = 'a'");
        server.execute("UPDATE public.note SET about = 3 WHERE id = 4");

        assertThat(drift.problems()).isEmpty();
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT n::text FROM public.note n ORDER BY id")).isEqualTo(then);
    }

    @Test
    void whatTheTenantLeavesOutItself() {
        Drift drift = drift().leaveOut("public.note");
        lose(drift.server());

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.link: 2 rows of public.note")
                .contains("they were not looked for, since public.note is left out");
        assertThat(drift.references(ReferencePolicy.NULL).restore().failure()).isEmpty();
        assertThat(drift.server().rows("SELECT id, note_id FROM public.link WHERE site_id = 'a' ORDER BY id"))
                .containsExactly("1|null", "2|3", "3|null", "5|null");
    }

    @Test
    void whoseTheyWereMayNotBeKnown() {
        Drift drift = Drift.of(
                directory,
                List.of("note", "link"),
                SCHEMA.replace("CONSTRAINT link_note REFERENCES public.note", "")
                        + "INSERT INTO public.link VALUES (6, 'a', 77, NULL)");
        TestServer server = drift.server();
        lose(server);
        server.execute("ALTER TABLE public.link ADD CONSTRAINT link_note FOREIGN KEY (note_id) REFERENCES public.note");

        assertThat(drift.problems())
                .anyMatch(line -> line.contains("public.link: 2 rows of public.note that foreign key link_note")
                        && line.contains("they were 1 of tenant b, 1 not found among 1 other tenants"));
    }

    /** A shared row may refer to a tenant's: to one that comes back with it, and not to one that is gone. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aSharedRowThatRefersToATenantsRow(int note) {
        Drift drift = Drift.withShared(
                        directory,
                        List.of("badge"),
                        List.of("note", "mark"),
                        "CREATE TABLE public.note (id int PRIMARY KEY, site_id text);"
                                + "INSERT INTO public.note VALUES (1, 'a'), (3, 'b');"
                                + "CREATE TABLE public.badge (id int PRIMARY KEY,"
                                + " note int CONSTRAINT badge_note REFERENCES public.note);"
                                + "INSERT INTO public.badge VALUES (7, " + note + ");"
                                + "CREATE TABLE public.mark (id int PRIMARY KEY, site_id text,"
                                + " badge int REFERENCES public.badge); INSERT INTO public.mark VALUES (1, 'a', 7)")
                .references(ReferencePolicy.RESTORE_SHARED_ROW);
        TestServer server = drift.server();
        server.execute("DELETE FROM public.mark", "DELETE FROM public.badge", "DELETE FROM public.note");

        if (note == 1) {
            assertThat(drift.problems()).isEmpty();
            assertThat(drift.restore().failure()).isEmpty();
            assertThat(server.rows("SELECT * FROM public.badge")).containsExactly("7|1");
            assertThat(server.rows("SELECT * FROM public.note")).containsExactly("1|a");
        } else {
            assertThat(drift.problems())
                    .singleElement()
                    .asString()
                    .contains(
                            "public.badge: 1 rows of public.note that foreign key badge_note leads to no longer exist,"
                                    + " and shared rows to bring back refer to them");
            assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
            assertThat(server.rows("SELECT * FROM public.badge")).isEmpty();
        }
    }
}
