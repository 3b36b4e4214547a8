package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of then that constraints of now do not allow: found before anything is written. */
class BrokenConstraintsTest {
    @TempDir
    Path directory;

    private Drift drift;
    private TestServer server;

    @BeforeEach
    void fill() {
        drift = Drift.of(directory, List.of("t"), """
                CREATE TABLE public.t (id int PRIMARY KEY, site_id text, email text, n int, during int4range,
                    doubled int GENERATED ALWAYS AS (n * 2) STORED);
                INSERT INTO public.t SELECT n, 'a', 'Mail' || n, n, int4range(n * 10, n * 10 + 5)
                FROM generate_series(1, 3000) n;
                INSERT INTO public.t SELECT n, 'b', 'other' || n, n FROM generate_series(10001, 10010) n;
                """);
        server = drift.server();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCheckThatRowsOfThenDoNotFulfilIsCounted(boolean triggersFire) {
        drift.triggersFire(triggersFire);
        server.execute(
                "DELETE FROM public.t WHERE site_id = 'a'",
                "ALTER TABLE public.t ADD CONSTRAINT small CHECK (n <= 2990 OR n > 10000)",
                "ALTER TABLE public.t ADD CONSTRAINT mailed CHECK (email <> 'Mail7') NOT VALID");

        assertThat(drift.problems())
                .hasSize(2)
                .anyMatch(line -> line.contains("public.t: 10 rows to write do not fulfil small, CHECK ("))
                .anyMatch(line -> line.contains("public.t: 1 rows to write do not fulfil mailed"));
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(server.value("SELECT count(*) FROM public.t")).isEqualTo("10");

        server.execute("ALTER TABLE public.t DROP CONSTRAINT small, DROP CONSTRAINT mailed");
        assertThat(drift.restore().failure()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void soIsOneOnAGeneratedColumn(boolean triggersFire) {
        drift.triggersFire(triggersFire);
        server.execute(
                "DELETE FROM public.t WHERE site_id = 'a'",
                "ALTER TABLE public.t ADD CONSTRAINT small CHECK (doubled + n <= 8970 OR n > 10000)",
                "CREATE UNIQUE INDEX once ON public.t (doubled)",
                "UPDATE public.t SET n = 5 WHERE id = 10001");

        assertThat(drift.problems())
                .hasSize(2)
                .anyMatch(line -> line.contains("public.t: 10 rows to write do not fulfil small, CHECK ("))
                .anyMatch(line -> line.contains("public.t: 1 rows to write clash with rows that stay, in [doubled]"));

        server.execute("ALTER TABLE public.t DROP CONSTRAINT small", "UPDATE public.t SET n = 10001 WHERE id = 10001");
        assertThat(drift.restore().failure()).isEmpty();
    }

    @Test
    void onlyRowsToWriteCount() {
        server.execute(
                "DELETE FROM public.t WHERE id IN (1, 2)",
                "ALTER TABLE public.t ADD CONSTRAINT big CHECK (n > 1 AND n <> 3) NOT VALID");
        assertThat(drift.problems()).singleElement().asString().contains("1 rows to write do not fulfil big");
    }

    /** An index made since, what another tenant has, and how many rows of then clash. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "UNIQUE INDEX u ON public.t (email) | 'Mail5' | 1 | 'Mail6' | 2",
                "UNIQUE INDEX u ON public.t (lower(email)) | 'mAIL5' | 1 | 'x' | 1",
                "UNIQUE INDEX u ON public.t (email) WHERE n > 100 | 'Mail5' | 1 | 'x' | 0",
                "UNIQUE INDEX u ON public.t (email) WHERE n > 100 | 'Mail500' | 200 | 'x' | 1",
                "UNIQUE INDEX u ON public.t (email, (n % 7)) | 'Mail5' | 12 | 'Mail6' | 2",
                "UNIQUE INDEX u ON public.t (lower(email)) INCLUDE (n) | 'mail3000' | 0 | 'mail1' | 2",
            })
    void valuesThatOthersTookAreInThePlan(String index, String email, int n, String second, int clashes) {
        for (boolean triggersFire : new boolean[] {false, true}) {
            drift.triggersFire(triggersFire);
            server.execute(
                    "DELETE FROM public.t WHERE site_id = 'a'",
                    "DROP INDEX IF EXISTS public.u",
                    "CREATE " + index,
                    "UPDATE public.t SET email = " + email + ", n = " + n + " WHERE id = 10001",
                    "UPDATE public.t SET email = " + second + " WHERE id = 10002");

            RestorePlan plan = drift.plan();
            if (clashes == 0) {
                assertThat(plan.problems()).isEmpty();
                assertThat(drift.restore().failure()).isEmpty();
            } else {
                assertThat(plan.problems()).singleElement().satisfies(problem -> {
                    assertThat(problem.rows()).isEqualTo(clashes);
                    assertThat(problem.message())
                            .contains("clash with rows that stay")
                            .contains("of u");
                    assertThat(problem.message().toLowerCase(Locale.ROOT)).doesNotContain("mail5");
                });
                assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
            }
        }
    }

    @Test
    void rowsOfThenThatAreTheSameInWhatIsUniqueNowAreCounted() {
        Drift same = Drift.of(
                directory.resolve("same"),
                List.of("t"),
                "CREATE TABLE public.t (id int PRIMARY KEY, site_id text, email text)",
                "INSERT INTO public.t SELECT n, 'a', CASE WHEN n % 1000 = 0 THEN 'same' WHEN n > 4000 THEN NULL"
                        + " ELSE 'mail ' || n END FROM generate_series(1, 5000) n");
        same.server().execute("DELETE FROM public.t WHERE site_id = 'a'", "CREATE UNIQUE INDEX u ON public.t (email)");

        assertThat(same.problems())
                .singleElement()
                .asString()
                .contains("public.t: 4 rows to write have the same [email] as others of them, which u does not allow");
        same.server().execute("DROP INDEX public.u");
        assertThat(same.restore().failure()).isEmpty();
    }

    @Test
    void anExclusionIsCheckedToo() {
        server.execute(
                "DELETE FROM public.t WHERE site_id = 'a'",
                "ALTER TABLE public.t ADD CONSTRAINT apart EXCLUDE USING gist (during WITH &&)",
                "UPDATE public.t SET during = '[100,121)' WHERE id = 10003");

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("3 rows to write clash with rows that stay, in [during] of apart");
        server.execute("UPDATE public.t SET during = NULL");
        assertThat(drift.restore().failure()).isEmpty();
    }

    @Test
    void whatATenantHasItselfStandsInTheWayOnlyWhereItStays() {
        server.execute(
                "CREATE UNIQUE INDEX u ON public.t (email)",
                "DELETE FROM public.t WHERE id = 5",
                "INSERT INTO public.t (id, site_id, email) VALUES (77777, 'a', 'Mail5')");

        assertThat(drift.policy(RestorePolicy.MISSING_ONLY).problems())
                .singleElement()
                .asString()
                .contains("1 rows to write clash with rows that stay");
        assertThat(drift.policy(RestorePolicy.REPLACE).problems()).isEmpty();
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.value("SELECT id FROM public.t WHERE email = 'Mail5'"))
                .isEqualTo("5");
    }

    @Test
    void newColumnsAreCheckedWithTheirDefault() {
        server.execute(
                "DELETE FROM public.t WHERE site_id = 'a'",
                "ALTER TABLE public.t ADD COLUMN level int DEFAULT 3",
                "ALTER TABLE public.t ADD CONSTRAINT leveled CHECK (level + n <> 10)");
        assertThat(drift.problems()).singleElement().asString().contains("1 rows to write do not fulfil leveled");
        assertThat(drift.defaults("public.t.level=-5000").problems()).isEmpty();
    }

    @Test
    void aConditionThatFailsIsLeftToTheRestore() {
        server.execute(
                "DELETE FROM public.t WHERE site_id = 'a'",
                "ALTER TABLE public.t ADD CONSTRAINT odd CHECK (10 / (n - 3) < 100)");

        RestorePlan plan = drift.plan();
        assertThat(plan.problems()).isEmpty();
        assertThat(plan.notes()).anyMatch(note -> note.contains("could not be found out before"));
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(server.value("SELECT count(*) FROM public.t")).isEqualTo("10");
    }

    @Test
    void planningWritesNothing() {
        server.execute("DELETE FROM public.t WHERE site_id = 'a'", "ALTER TABLE public.t ADD v serial");
        String before = server.value("SELECT last_value FROM public.t_v_seq");
        drift.plan();
        assertThat(server.value("SELECT last_value FROM public.t_v_seq")).isEqualTo(before);
        assertThat(server.value("SELECT count(*) FROM pg_class WHERE relpersistence = 't'"))
                .isEqualTo("0");
    }
}
