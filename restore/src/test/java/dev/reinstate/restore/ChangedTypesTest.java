package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns whose type is another, or takes other values, than then. */
class ChangedTypesTest {
    @TempDir
    Path directory;

    /** Two values of then, the type they get, the second as it is read afterwards, and how many were written differently. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "numeric(10,2) | 1.00 | 12.36 | numeric(10,1) | 12.4 | 2",
                "integer | 1 | 700 | text | 700 | 0",
                "integer | 1 | 700 | bigint | 700 | 0",
                "integer | 1 | 700 | numeric(6,2) | 700.00 | 2",
                "text | x | ab | character(5) | `ab   ` | 2",
                "text | f | yes | boolean | t | 1",
                "text | 10.0.0.1 | 10.0.0.2/32 | inet | 10.0.0.2 | 1",
                "text | 1 | {\"b\": 1,\"a\":2} | jsonb | {\"a\": 2, \"b\": 1} | 1",
                "text | 1 | {\"b\": 1,\"a\":2} | json | {\"b\": 1,\"a\":2} | 0",
                "text | {} | { \"x\", y } | text[] | {x,y} | 1",
                "timestamp | 2026-01-01 | 2026-07-01 12:00:00 | timestamptz | 2026-07-01 12:00:00+00 | 2",
                "timestamptz | 2026-01-01 | 2026-07-01 12:00:00.25+02 | timestamptz(0) | 2026-07-01 10:00:00+00 | 1",
                "double precision | 1 | 0.1 | real | 0.1 | 0",
                "varchar(100) | x | short | varchar(10) | short | 0",
            })
    void valuesAreWrittenAsTheNewTypeWritesThem(
            String then, String first, String second, String now, String written, long differently) {
        for (boolean triggersFire : new boolean[] {false, true}) {
            Path folder = directory.resolve(String.valueOf(triggersFire));
            Drift drift = Drift.of(
                            folder,
                            List.of("t"),
                            "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v " + then + ")",
                            "INSERT INTO public.t VALUES (1, 'a', '" + first + "'), (2, 'a', '" + second
                                    + "'), (3, 'b', NULL)")
                    .triggersFire(triggersFire);
            TestServer server = drift.server();
            server.execute(
                    "DELETE FROM public.t WHERE id = 2",
                    "ALTER TABLE public.t ALTER v TYPE " + now + " USING v::text::" + now);

            assertThat(drift.effects()).singleElement().asString().contains("public.t.v: was ");
            assertThat(drift.plan().effects().getFirst().values()).isEqualTo(differently);
            assertThat(drift.plan().rowsAlreadyRight()).isEqualTo(2);
            assertThat(drift.restore().failure()).isEmpty();
            assertThat(server.value("SELECT format('%s', v) FROM public.t WHERE id = 2"))
                    .isEqualTo(text(server, now, written));
            assertThat(drift.plan().isRight()).isTrue();
        }
    }

    /** As this session of the tests would show it. */
    private static String text(TestServer server, String type, String value) {
        return server.value("SELECT format('%s', '" + value.replace("'", "''") + "'::" + type + ")");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer | bigint",
                "integer | text",
                "numeric(6,2) | numeric(6,0)",
                "integer | numeric(6,3)",
                "varchar(20) | text",
            })
    void theKeyMayHaveAnotherType(String then, String now) {
        Drift drift = Drift.of(
                        directory,
                        List.of("t"),
                        "CREATE TABLE public.t (id " + then + " PRIMARY KEY, site_id text, v int)",
                        "INSERT INTO public.t SELECT (n * 7 % 1000)::text::" + then
                                + ", 'a', n FROM generate_series(1, 300) n")
                .policy(RestorePolicy.REPLACE);
        TestServer server = drift.server();
        server.execute("ALTER TABLE public.t ALTER id TYPE " + now);
        List<String> rows = server.rows("SELECT * FROM public.t ORDER BY v");
        server.execute("DELETE FROM public.t WHERE v % 3 = 0", "UPDATE public.t SET v = -v WHERE v % 5 = 0");

        RestorePlan plan = drift.plan();
        assertThat(plan.rowsToInsert()).isEqualTo(100);
        assertThat(plan.rowsToUpdate()).isEqualTo(40);
        assertThat(plan.rowsToDelete()).isZero();
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT * FROM public.t ORDER BY v")).isEqualTo(rows);
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void rowsWithoutAKeyAreComparedAsTheNewTypeWritesThem() {
        Drift drift = Drift.of(
                directory,
                List.of("t"),
                "CREATE TABLE public.t (site_id text, v numeric(6,2))",
                "INSERT INTO public.t SELECT 'a', n FROM generate_series(1, 20) n");
        TestServer server = drift.server();
        server.execute("ALTER TABLE public.t ALTER v TYPE numeric(6,1)", "DELETE FROM public.t WHERE v > 15");

        assertThat(drift.plan().rowsAlreadyRight()).isEqualTo(1 + 15);
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(drift.plan().isRight()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valuesThatTheTypeDoesNotTakeAreCountedBeforeAnythingIsWritten(boolean triggersFire) throws IOException {
        Drift drift = Drift.of(
                        directory,
                        List.of("t"),
                        "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v varchar(100))",
                        "INSERT INTO public.t SELECT n, 'a', repeat('x', n) FROM generate_series(1, 30) n")
                .triggersFire(triggersFire);
        TestServer server = drift.server();
        server.execute("DELETE FROM public.t WHERE id > 5", "ALTER TABLE public.t ALTER v TYPE varchar(10)");

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.t.v: 20 rows of then have a value that character varying(10) does not take")
                .contains("--leave-out public.t.v");
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(server.value("SELECT count(*) FROM public.t")).isEqualTo("5");

        TenantResult result = drift.leaveOut("public.t.v").restore();
        assertThat(result.failure()).isEmpty();
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("left-out.sql"))).contains("11\t" + "x".repeat(11));
        assertThat(server.value("SELECT count(*) FROM public.t WHERE v IS NULL"))
                .isEqualTo("25");
    }

    @Test
    void rowsThatStayAsTheyAreDoNotStandInTheWay() {
        Drift drift = Drift.of(
                        directory,
                        List.of("t"),
                        "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v text)",
                        "INSERT INTO public.t VALUES (1, 'a', 'much too long'), (2, 'a', 'short')")
                .policy(RestorePolicy.MISSING_ONLY);
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.t ALTER v TYPE varchar(5) USING left(v, 5)", "DELETE FROM public.t WHERE id = 2");

        assertThat(drift.problems()).isEmpty();
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT v FROM public.t ORDER BY id")).containsExactly("much ", "short");
    }

    @Test
    void moreRefusedValuesThanAnyoneWantsToCountEndTheAsking() {
        Drift drift = Drift.of(
                directory,
                List.of("t"),
                "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v text)",
                "INSERT INTO public.t SELECT n, 'a', 'no number ' || n FROM generate_series(1, 5000) n");
        drift.server().execute("DELETE FROM public.t", "ALTER TABLE public.t ALTER v TYPE int USING 1");

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("at least 1000 rows of then have a value that integer does not take")
                .doesNotContain("no number");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void labelsThatAreGoneAreListedUntilTheyAreMapped(boolean triggersFire) {
        Drift drift = Drift.of(
                        directory,
                        List.of("t"),
                        "CREATE TYPE public.mood AS ENUM ('calm', 'a=b.c', 'busy')",
                        "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v public.mood)",
                        "INSERT INTO public.t VALUES (1, 'a', 'calm'), (2, 'a', 'a=b.c'), (3, 'a', 'busy'), (4, 'a', 'busy')")
                .triggersFire(triggersFire);
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.t WHERE id > 1",
                "ALTER TYPE public.mood RENAME VALUE 'busy' TO 'hectic'",
                "ALTER TABLE public.t ALTER v TYPE text",
                "DROP TYPE public.mood",
                "CREATE TYPE public.mood AS ENUM ('calm', 'hectic')",
                "ALTER TABLE public.t ALTER v TYPE public.mood USING v::public.mood");

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.t.v: 3 rows of then have labels that public.mood no longer has: a=b.c, busy")
                .contains("--map-label public.mood.a=b.c=NEWLABEL --map-label public.mood.busy=NEWLABEL");

        drift.labels("public.mood.a=b.c=calm", "public.mood.busy=hectic");
        assertThat(drift.effects()).containsExactly("public.t.v: 3 labels of then become others, as --map-label says");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT v FROM public.t ORDER BY id"))
                .containsExactly("calm", "calm", "hectic", "hectic");
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void labelsWithinArraysAreMappedToo() {
        Drift drift = Drift.of(
                directory,
                List.of("t"),
                "CREATE TYPE public.mood AS ENUM ('calm', 'a \"b\\', 'null', 'busy')",
                "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v public.mood[])",
                "INSERT INTO public.t VALUES (1, 'a', '{calm}'), (2, 'a', '{{calm,NULL},{busy,\"null\"}}'),"
                        + " (3, 'a', '[0:1]={\"a \\\"b\\\\\",busy}'), (4, 'a', NULL), (5, 'a', '{}')");
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.t WHERE id > 1",
                "ALTER TYPE public.mood RENAME VALUE 'busy' TO 'so, busy'",
                "ALTER TYPE public.mood RENAME VALUE 'a \"b\\' TO 'ab'");

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.t.v: 2 rows of then have labels that public.mood no longer has: a \"b\\, busy");

        drift.labels("public.mood.busy=so, busy", "public.mood.a \"b\\=ab");
        assertThat(drift.effects())
                .containsExactly("public.t.v: 2 arrays of labels of then become others, as --map-label says");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT v FROM public.t ORDER BY id"))
                .containsExactly(
                        "{calm}", "{{calm,NULL},{\"so, busy\",\"null\"}}", "[0:1]={ab,\"so, busy\"}", "null", "{}");
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void aLabelThatNoRowHasIsLookedForInTheArchive() {
        Drift drift = Drift.of(
                        directory,
                        List.of("t"),
                        "CREATE TYPE public.mood AS ENUM ('calm', 'busy')",
                        "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v public.mood)",
                        "INSERT INTO public.t VALUES (1, 'a', 'calm')")
                .labels("public.mood.bsuy=calm");
        assertThat(drift.plan().notes())
                .anyMatch(note -> note.startsWith("--map-label public.mood.bsuy: no row of then has that label, and"));

        drift.store().noteType("public.mood", "CREATE TYPE public.mood AS ENUM ('calm', E'it''s \\\\', 'busy')");

        assertThatThrownBy(drift::plan)
                .isInstanceOfSatisfying(
                        ReinstateException.class,
                        failure -> assertThat(failure.why())
                                .isEqualTo("public.mood had the labels calm, it's \\, busy; near it: busy"));
        assertThat(drift.labels("public.mood.busy=calm").plan().notes()).isEmpty();
        assertThat(drift.labels("public.mood.it's \\=calm").plan().notes()).isEmpty();
    }

    @Test
    void aDomainThatTakesLessNowIsAskedToo() {
        Drift drift = Drift.of(
                directory,
                List.of("t"),
                "CREATE DOMAIN public.grade AS int",
                "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v public.grade, w public.grade)",
                "INSERT INTO public.t SELECT n, 'a', n, CASE WHEN n > 2 THEN n END FROM generate_series(1, 6) n");
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.t",
                "ALTER DOMAIN public.grade ADD CONSTRAINT small CHECK (VALUE < 5)",
                "ALTER DOMAIN public.grade SET NOT NULL");

        assertThat(drift.problems())
                .anyMatch(line -> line.contains("public.t.v: 2 rows of then have a value that public.grade does not"))
                .anyMatch(line -> line.contains("public.t.w: the column must not be NULL any more, and 2 rows of then"))
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nullsOfThenGetTheValueGivenWhereTheyAreNotTakenAnyMore(boolean triggersFire) {
        Drift drift = Drift.of(
                        directory,
                        List.of("t"),
                        "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, v text)",
                        "INSERT INTO public.t VALUES (1, 'a', NULL), (2, 'a', 'x'), (3, 'a', NULL)")
                .triggersFire(triggersFire);
        TestServer server = drift.server();
        server.execute("DELETE FROM public.t", "ALTER TABLE public.t ALTER v SET NOT NULL");
        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.t.v: the column must not be NULL any more, and 2 rows of then have no value in it")
                .contains("--default public.t.v=VALUE");

        drift.defaults("public.t.v=none");
        assertThat(drift.effects())
                .containsExactly("public.t.v: must not be NULL any more; 2 rows of then without a value get that of"
                        + " --default");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT v FROM public.t ORDER BY id")).containsExactly("none", "x", "none");
        assertThat(drift.plan().isRight()).isTrue();
    }

    /** As keys and as other values; what did not name anything then either is a number, and stays one. */
    @Test
    void valuesThatNameNothingAnyMoreAreNamedInThePlan() {
        Drift drift = Drift.of(
                        directory,
                        List.of("t", "u"),
                        "CREATE TABLE public.old (); CREATE TYPE public.kind AS ENUM ('a'); CREATE SCHEMA past",
                        "CREATE TABLE public.t (about regclass PRIMARY KEY, site_id text)",
                        "INSERT INTO public.t VALUES ('public.site', 'a'), ('public.old', 'a'), (999999, 'a')",
                        "CREATE TABLE public.u (id int PRIMARY KEY, site_id text, kinds regtype[], place regnamespace)",
                        "INSERT INTO public.u VALUES (1, 'a', '{integer,public.kind}', 'public'), (2, 'a', NULL, 'past'),"
                                + " (3, 'a', '{text}', NULL)")
                .policy(RestorePolicy.REPLACE);
        TestServer server = drift.server();
        server.execute(
                "DELETE FROM public.t",
                "DELETE FROM public.u WHERE id <> 2",
                "DROP TABLE public.old",
                "DROP TYPE public.kind",
                "DROP SCHEMA past");

        assertThat(drift.problems())
                .hasSize(3)
                .anySatisfy(problem -> assertThat(problem)
                        .contains("public.t.about: 1 rows of then have a value of type regclass that names nothing"))
                .anySatisfy(problem -> assertThat(problem).contains("public.u.kinds: 1 rows"))
                .anySatisfy(problem -> assertThat(problem).contains("public.u.place: 1 rows"));
        assertThat(drift.plan().rowsToInsert()).isEqualTo(5);

        server.execute("CREATE TABLE public.old ()");
        drift.leaveOut("public.u.kinds", "public.u.place");
        assertThat(drift.problems()).isEmpty();
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT about::text FROM public.t ORDER BY 1"))
                .containsExactly("999999", "public.old", "public.site");
        assertThat(drift.plan().isRight()).isTrue();
    }
}
