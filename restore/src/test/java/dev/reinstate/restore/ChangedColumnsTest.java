package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.WriteMode;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns that were renamed, dropped or added between then and now. */
class ChangedColumnsTest {
    private static final String NOTES = """
            CREATE TABLE public.note (id bigint PRIMARY KEY, site_id text NOT NULL, title text, body text);
            INSERT INTO public.note SELECT n, CASE WHEN n <= 3 THEN 'a' ELSE 'b' END, 'title ' || n,
                CASE WHEN n = 2 THEN NULL ELSE 'body ' || n END FROM generate_series(1, 5) n;
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRenamedColumnIsAConflictUntilItIsMapped(boolean triggersFire) {
        Drift drift = notes().triggersFire(triggersFire);
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.note RENAME title TO subject", "DELETE FROM public.note WHERE site_id = 'a'");

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.note.title: the column is gone, and 3 rows of then have a value in it")
                .contains("it seems to be called subject now: confirm it with --map public.note.title=subject");
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);

        drift.map("public.note.title=subject");
        RestorePlan plan = drift.plan();
        assertThat(plan.mode()).isEqualTo(triggersFire ? WriteMode.TRIGGERS_FIRE : WriteMode.REPLICA_ROLE);
        assertThat(drift.effects())
                .containsExactly("public.note.subject: was called title; values of then go there, as --map says");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, subject FROM public.note WHERE site_id = 'a' ORDER BY id"))
                .containsExactly("1|title 1", "2|title 2", "3|title 3");
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void theColumnThatNamesTheTenantMayBeRenamedToo() {
        Drift drift = notes();
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.note RENAME site_id TO account_id",
                "DELETE FROM public.note WHERE account_id = 'a' AND id < 3");

        assertThat(drift.map("public.note.site_id=account_id").restore().failure())
                .isEmpty();
        assertThat(server.rows("SELECT id, account_id FROM public.note ORDER BY id"))
                .containsExactly("1|a", "2|a", "3|a", "4|b", "5|b");
    }

    @Test
    void aRenamedTableIsMapped() {
        Drift drift = notes();
        TestServer server = drift.server();
        server.execute(
                "CREATE SCHEMA app",
                "ALTER TABLE public.note RENAME TO memo",
                "ALTER TABLE public.memo SET SCHEMA app",
                "DELETE FROM app.memo WHERE site_id = 'a'");
        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.note: the table of then seems to be called app.memo now, the tenant had 3 rows in it")
                .contains("confirm it with --map public.note=app.memo");

        drift.map("public.note=app.memo");

        assertThat(drift.effects())
                .containsExactly("app.memo: was called public.note; rows of then go there, as --map says");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id FROM app.memo ORDER BY id")).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void aColumnWhoseNameAnotherHasNowIsAskedAbout() {
        Drift drift = notes();
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.note RENAME title TO old_title",
                "ALTER TABLE public.note ADD COLUMN title text",
                "DELETE FROM public.note WHERE site_id = 'a'");
        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains(
                        "public.note.title: the column of then seems to be called old_title now, and another has its name")
                .contains("--map public.note.title=old_title or --map public.note.title=title");

        drift.map("public.note.title=old_title");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT DISTINCT old_title LIKE 'title%', title FROM public.note"))
                .containsExactly("t|null");

        server.execute("DELETE FROM public.note WHERE site_id = 'a'");
        drift.map("public.note.title=title");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.value("SELECT title FROM public.note WHERE id = 1")).isEqualTo("title 1");
    }

    @Test
    void aColumnThatWasDroppedAndAddedAgainIsFilledByNameAndThatIsSaid() {
        Drift drift = notes();
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.note DROP COLUMN title, ADD COLUMN title varchar(30)",
                "DELETE FROM public.note WHERE site_id = 'a'");

        assertThat(drift.effects())
                .anyMatch(effect -> effect.contains("public.note.title: was dropped and added again since"));
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.value("SELECT title FROM public.note WHERE id = 1")).isEqualTo("title 1");
    }

    @Test
    void tablesThatHaveSwappedNamesAreAskedAbout() {
        Drift drift = Drift.of(
                directory,
                List.of("x", "y"),
                "CREATE TABLE public.x (id int PRIMARY KEY, site_id text)",
                "CREATE TABLE public.y (id int PRIMARY KEY, site_id text)",
                "INSERT INTO public.x VALUES (1, 'a'), (2, 'a')",
                "INSERT INTO public.y VALUES (3, 'a')");
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.x RENAME TO z",
                "ALTER TABLE public.y RENAME TO x",
                "ALTER TABLE public.z RENAME TO y",
                "DELETE FROM public.x",
                "DELETE FROM public.y");
        assertThat(drift.problems())
                .hasSize(2)
                .anyMatch(line ->
                        line.contains("public.x: the table of then seems to be called public.y now, the tenant had 2"))
                .anyMatch(line ->
                        line.contains("public.y: the table of then seems to be called public.x now, the tenant had 1"));

        assertThat(drift.map("public.x=public.y", "public.y=public.x").restore().failure())
                .isEmpty();
        assertThat(server.rows("SELECT id FROM public.y ORDER BY id")).containsExactly("1", "2");
        assertThat(server.rows("SELECT id FROM public.x")).containsExactly("3");
    }

    @Test
    void aTableThatWasMadeAnewIsFilledByNameAndThatIsSaid() {
        Drift drift = notes();
        TestServer server = drift.server();
        server.execute(
                "DROP TABLE public.note",
                "CREATE TABLE public.note (body text, title text, site_id text NOT NULL, id bigint PRIMARY KEY)");

        assertThat(drift.effects())
                .containsExactly(
                        "public.note: was dropped and created again since; rows of then go into the table of that"
                                + " name now");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, title FROM public.note ORDER BY id"))
                .containsExactly("1|title 1", "2|title 2", "3|title 3");
    }

    @Test
    void whatCannotBeMappedIsRefusedBeforeAnythingElse() {
        Drift drift = notes();

        assertInvalid(drift.map("public.note.title=subjekt"), "it has id, site_id, title, body");
        assertInvalid(drift.map("public.nota.title=title"), "public.nota.title could be");
        assertInvalid(drift.map("public.note=public.memo"), "There is no table public.memo");
        assertInvalid(drift.map("public.note.title"), "says nothing");
        assertInvalid(drift.map("public.note.title=body", "public.note.title=title"), "given twice");
        drift.map();
        assertInvalid(drift.defaults("public.note.id=seven"), "a value that the column does not take");
        assertInvalid(drift.defaults("public.note.id"), "stands for NULL");
        assertInvalid(drift.defaults("public.note.color=red"), "it has id, site_id, title, body");
        drift.defaults();
        assertInvalid(drift.labels("public.mood.calm=quiet"), "leads to no label");
    }

    private static void assertInvalid(Drift drift, String text) {
        assertThatThrownBy(drift::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.INVALID);
            assertThat(e.what() + " " + e.why() + " " + e.next()).contains(text);
        });
    }

    @Test
    void twoColumnsOfThenDoNotBecomeOne() {
        Drift drift = notes().map("public.note.title=body");
        drift.server().execute("DELETE FROM public.note WHERE site_id = 'a'");

        assertThatThrownBy(drift::plan)
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valuesThatAreLeftOutAreSavedWithTheirKeys(boolean triggersFire) throws IOException {
        Drift drift = notes().triggersFire(triggersFire);
        TestServer server = drift.server();
        server.execute("ALTER TABLE public.note DROP COLUMN body", "DELETE FROM public.note WHERE site_id = 'a'");

        drift.leaveOut("public.note.body");
        assertThat(drift.effects())
                .containsExactly("public.note.body: left out on request; its 2 values are saved to a file");
        TenantResult result = drift.restore();

        assertThat(result.failure()).isEmpty();
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("left-out.sql")))
                .isEqualTo("COPY \"public\".\"note\" (\"id\", \"body\") FROM stdin;\n1\tbody 1\n3\tbody 3\n\\.\n\n");
        assertThat(saved.resolve("replaced.sql")).doesNotExist();
    }

    @Test
    void aReplacedRowIsSavedWholeWithColumnsThatAreNew() throws IOException {
        Drift drift = notes().policy(RestorePolicy.REPLACE);
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.note ADD COLUMN color text",
                "UPDATE public.note SET color = 'red', title = 'changed' WHERE id = 1");

        TenantResult result = drift.restore();

        assertThat(result.failure()).isEmpty();
        assertThat(Files.readString(
                        result.applied().orElseThrow().saved().orElseThrow().resolve("replaced.sql")))
                .contains("changed\tbody 1\tred");
        assertThat(server.value("SELECT title || color FROM public.note WHERE id = 1"))
                .isEqualTo("title 1red");
    }

    @Test
    void aColumnThatIsLeftOutKeepsTheValueItHas() {
        Drift drift = notes().policy(RestorePolicy.REPLACE).leaveOut("public.note.body");
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.note ADD UNIQUE (title)", // rows of it are written anew where they can be
                "UPDATE public.note SET body = 'kept', title = 'changed' WHERE id = 1");

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.value("SELECT title || body FROM public.note WHERE id = 1"))
                .isEqualTo("title 1kept");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNewColumnWithoutDefaultGetsTheValueGiven(boolean triggersFire) {
        Drift drift = notes().triggersFire(triggersFire);
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.note WHERE site_id = 'a' AND id < 3",
                "ALTER TABLE public.note ADD COLUMN level numeric(4,1) NOT NULL DEFAULT 7",
                "ALTER TABLE public.note ALTER COLUMN level DROP DEFAULT");
        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains(
                        "public.note.level: the column is new or not archived, must not be NULL and has no default; 2 rows to insert")
                .contains("--default public.note.level=VALUE");

        drift.defaults("public.note.level=5");
        assertThat(drift.effects()).containsExactly("public.note.level: 2 rows to insert get the value of --default");
        TenantResult result = drift.restore();

        assertThat(result.failure()).isEmpty();
        assertThat(server.rows("SELECT id, level FROM public.note ORDER BY id"))
                .containsExactly("1|5.0", "2|5.0", "3|7.0", "4|7.0", "5|7.0");
        assertThat(result.applied().orElseThrow().tables())
                .allMatch(table -> table.then().equals(table.after()));
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void theValueGivenIsVerified() {
        Drift drift = notes().defaults("public.note.level=5");
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.note WHERE site_id = 'a' AND id < 3",
                "ALTER TABLE public.note ADD COLUMN level int",
                """
                CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.level := 6; RETURN NEW; END $$;
                CREATE TRIGGER meddle BEFORE INSERT ON public.note FOR EACH ROW EXECUTE FUNCTION public.meddle();
                ALTER TABLE public.note ENABLE ALWAYS TRIGGER meddle;
                """);

        TenantResult result = drift.restore();

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(result.failure().orElseThrow().details())
                .containsExactly("public.note: 3 rows must be there, 3 were read back, some of them with other values");
    }

    @Test
    void withoutAValueTheDefaultIsNull() {
        Drift drift = notes().defaults("public.note.level");
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.note WHERE site_id = 'a'",
                "ALTER TABLE public.note ADD COLUMN level int DEFAULT 3");

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT DISTINCT level FROM public.note WHERE site_id = 'a'"))
                .containsExactly("null");
    }

    @Test
    void rowsThatAreUpdatedKeepWhatTheyHaveInNewColumns() {
        Drift drift = notes().policy(RestorePolicy.REPLACE).defaults("public.note.level=5");
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.note ADD COLUMN level int NOT NULL DEFAULT 1",
                "UPDATE public.note SET title = 'changed', level = 9 WHERE id = 1",
                "DELETE FROM public.note WHERE id = 2",
                "INSERT INTO public.note VALUES (77, 'a', 'new', 'new', 7)");

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, title, level FROM public.note WHERE site_id = 'a' ORDER BY id"))
                .containsExactly("1|title 1|9", "2|title 2|5", "3|title 3|1");
    }

    @Test
    void aGivenReferenceIsCheckedToo() {
        Drift drift = notes().defaults("public.note.color=red");
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.note WHERE site_id = 'a'",
                "CREATE TABLE public.color (name text PRIMARY KEY)",
                "ALTER TABLE public.note ADD COLUMN color text REFERENCES public.color");

        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        server.execute("INSERT INTO public.color VALUES ('red')");
        assertThat(drift.restore().failure()).isEmpty();
    }

    private Drift notes() {
        return Drift.of(directory, List.of("note"), NOTES);
    }
}
