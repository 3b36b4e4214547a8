package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.StoreIdentity;
import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.ReferencePolicy;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.SchemaEffect;
import dev.reinstate.restore.plan.WriteMode;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of then that refer to rows of shared tables which no longer exist. */
class GoneReferencesTest {
    private static final String PLANS = """
            CREATE TABLE public.plan (id int PRIMARY KEY, region text, code text, UNIQUE (region, code));
            INSERT INTO public.plan VALUES (1, 'eu', 'basic'), (2, 'eu', 'full'), (3, 'us', 'full');
            """;
    private static final String NOTES = PLANS + """
            CREATE TABLE public.note (id int PRIMARY KEY, site_id text NOT NULL, title text,
                plan_id int CONSTRAINT note_plan REFERENCES public.plan);
            INSERT INTO public.note VALUES
                (1, 'a', 'one', 1), (2, 'a', 'two', 2), (3, 'a', 'three', 2), (4, 'a', 'four', NULL), (5, 'b', 'five', 3);
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"false, INTO_EMPTY", "true, INTO_EMPTY", "false, REPLACE", "true, REPLACE", "false, MISSING_ONLY"})
    void nullIsWrittenWhereItIsAskedForAndTheValuesAreKept(boolean triggersFire, RestorePolicy policy)
            throws IOException {
        Drift drift = Drift.of(directory, List.of("note"), NOTES)
                .triggersFire(triggersFire)
                .policy(policy);
        TestServer server = drift.server();
        server.execute("DELETE FROM public.note WHERE site_id = 'a'", "DELETE FROM public.plan WHERE id = 2");
        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.note: 1 rows of public.plan that foreign key note_plan leads to no longer exist")
                .contains("--references null");
        final String refusedPlan = drift.plan().fingerprint();
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);

        RestorePlan plan = drift.references(ReferencePolicy.NULL).plan();
        TenantResult result = drift.restore();

        assertThat(plan.mode()).isEqualTo(triggersFire ? WriteMode.TRIGGERS_FIRE : WriteMode.REPLICA_ROLE);
        assertThat(plan.fingerprint()).isNotEqualTo(refusedPlan);
        assertThat(plan.effects()).singleElement().satisfies(effect -> {
            assertThat(effect.kind()).isEqualTo(SchemaEffect.Kind.REFERENCE_NULLED);
            assertThat(effect.column()).isEqualTo("plan_id");
            assertThat(effect.values()).isEqualTo(2);
            assertThat(effect.message()).contains("2 rows of then refer to rows of public.plan", "(note_plan)");
        });
        assertThat(result.failure()).isEmpty();
        assertThat(server.rows("SELECT id, title, plan_id FROM public.note ORDER BY id"))
                .containsExactly("1|one|1", "2|two|null", "3|three|null", "4|four|null", "5|five|3");
        assertThat(server.rows("SELECT id FROM public.plan ORDER BY id")).containsExactly("1", "3");
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("left-out.sql")))
                .isEqualTo("COPY \"public\".\"note\" (\"id\", \"plan_id\") FROM stdin;\n2\t2\n3\t2\n\\.\n\n");
        assertThat(receiptOf(result).schema()).isEqualTo(plan.effects());
        assertThat(receiptOf(result).tables()).allMatch(table -> table.then().equals(table.now()));
        assertThat(drift.plan().isRight()).isTrue();
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    private static Receipt.Tenant receiptOf(TenantResult result) {
        StoreIdentity store = new StoreIdentity(1, 1, "db");
        return ReceiptDraft.of("id", Instant.EPOCH, store, "target", true, List.of(result), Map.of())
                .tenants()
                .getFirst();
    }

    /** Live rows in which the server set NULL when the shared row went are as they would be written. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsInWhichTheServerHasSetNullAreRightAlready(RestorePolicy policy) {
        Drift drift = Drift.of(
                        directory,
                        List.of("note"),
                        NOTES.replace("REFERENCES public.plan", "REFERENCES public.plan ON DELETE SET NULL"))
                .policy(policy)
                .references(ReferencePolicy.NULL);
        TestServer server = drift.server();
        server.execute("DELETE FROM public.plan WHERE id = 2", "DELETE FROM public.note WHERE id = 3");

        RestorePlan plan = drift.plan();

        assertThat(List.of(plan.rowsToInsert(), plan.rowsToUpdate(), plan.rowsToDelete()))
                .containsExactly(1L, 0L, 0L);
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, plan_id FROM public.note ORDER BY id"))
                .containsExactly("1|1", "2|null", "3|null", "4|null", "5|3");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRowThatLivesIsChangedAndBothItsValuesAreKept(boolean triggersFire) throws IOException {
        Drift drift = Drift.of(directory, List.of("note"), NOTES)
                .triggersFire(triggersFire)
                .policy(RestorePolicy.REPLACE)
                .references(ReferencePolicy.NULL);
        TestServer server = drift.server();
        server.execute(
                "UPDATE public.note SET plan_id = 3, title = 'other' WHERE id IN (2, 3)",
                "DELETE FROM public.plan WHERE id = 2");

        TenantResult result = drift.restore();

        assertThat(result.failure()).isEmpty();
        assertThat(server.rows("SELECT id, title, plan_id FROM public.note WHERE id IN (2, 3) ORDER BY id"))
                .containsExactly("2|two|null", "3|three|null");
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("replaced.sql"))).contains("2\ta\tother\t3", "3\ta\tother\t3");
        assertThat(Files.readString(saved.resolve("left-out.sql"))).contains("2\t2\n3\t2\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofSeveralColumnsOneThatMayBeNullIsEnough(boolean triggersFire) {
        Drift drift = tickets("region text NOT NULL, code text", "").triggersFire(triggersFire);
        TestServer server = drift.server();

        assertThat(drift.effects()).singleElement().asString().startsWith("public.ticket.code: 1 rows of then");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, region, code FROM public.ticket ORDER BY id"))
                .containsExactly("1|eu|null", "2|us|full");
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void columnsThatMustBeNullTogetherAreNullTogetherOrNotAtAll() {
        Drift drift = tickets("region text, code text", "MATCH FULL");

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(drift.server().rows("SELECT id, region, code FROM public.ticket ORDER BY id"))
                .containsExactly("1|null|null", "2|us|full");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "region text, code text NOT NULL; MATCH FULL; code must not be NULL",
                "region text NOT NULL, code text NOT NULL; ''; code must not be NULL",
                "region text NOT NULL, code text UNIQUE, other text REFERENCES public.ticket (code); ''; rows refer to code"
            })
    void whereNullCannotBeWrittenThePlanSaysWhy(String columns, String match, String why) {
        Drift drift = tickets(columns, match);

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.ticket: 1 rows of public.plan that foreign key ticket_plan leads to no longer exist")
                .contains("NULL cannot be written instead", why);
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(drift.server().rows("SELECT id FROM public.ticket")).isEmpty();
    }

    private Drift tickets(String columns, String match) {
        Drift drift = Drift.of(
                        directory,
                        List.of("ticket"),
                        PLANS + "CREATE TABLE public.ticket (id int PRIMARY KEY, site_id text, " + columns
                                + ", CONSTRAINT ticket_plan FOREIGN KEY (region, code)"
                                + " REFERENCES public.plan (region, code) " + match + ");"
                                + "INSERT INTO public.ticket (id, site_id, region, code)"
                                + " VALUES (1, 'a', 'eu', 'basic'), (2, 'a', 'us', 'full')")
                .references(ReferencePolicy.NULL);
        drift.server().execute("DELETE FROM public.ticket", "DELETE FROM public.plan WHERE id = 1");
        return drift;
    }

    @ParameterizedTest
    @CsvSource({
        "'site_id text REFERENCES public.known, id int PRIMARY KEY', site_id names what the row belongs to",
        "'site_id text, id text PRIMARY KEY REFERENCES public.known', id must not be NULL"
    })
    void theColumnThatNamesTheOwnerAndTheKeyAreNeverNull(String columns, String why) {
        String id = columns.contains("id text PRIMARY") ? "'a'" : "1";
        Drift drift = Drift.of(
                        directory,
                        List.of("visit"),
                        "CREATE TABLE public.known (id text PRIMARY KEY); INSERT INTO public.known VALUES ('a');"
                                + "CREATE TABLE public.visit (" + columns + ");"
                                + "INSERT INTO public.visit (site_id, id) VALUES ('a', " + id + ")")
                .references(ReferencePolicy.NULL);
        drift.server().execute("DELETE FROM public.visit", "DELETE FROM public.known");

        assertThat(drift.problems()).singleElement().asString().contains(why);
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRowWithoutAKeyIsKeptWhole(boolean triggersFire) throws IOException {
        Drift drift = Drift.of(
                        directory,
                        List.of("entry"),
                        PLANS
                                + "CREATE TABLE public.entry (site_id text, plan_id int REFERENCES public.plan, body text);"
                                + "INSERT INTO public.entry VALUES ('a', 2, 'x'), ('a', 2, 'x'), ('a', 1, 'y')")
                .triggersFire(triggersFire)
                .references(ReferencePolicy.NULL);
        TestServer server = drift.server();
        server.execute("DELETE FROM public.entry", "DELETE FROM public.plan WHERE id = 2");

        TenantResult result = drift.restore();

        assertThat(result.failure()).isEmpty();
        assertThat(server.rows("SELECT plan_id, body FROM public.entry ORDER BY body"))
                .containsExactly("null|x", "null|x", "1|y");
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("left-out.sql"))).contains("a\t2\tx\na\t2\tx\n\\.");
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void aValueGivenForANewColumnIsNotTakenForOneOfThen() {
        Drift drift = Drift.of(directory, List.of("note"), NOTES).references(ReferencePolicy.NULL);
        drift.server()
                .execute(
                        "DELETE FROM public.note WHERE site_id = 'a'",
                        "ALTER TABLE public.note ADD COLUMN next_id int CONSTRAINT next_plan REFERENCES public.plan");

        assertThat(drift.defaults("public.note.next_id=9").problems())
                .singleElement()
                .asString()
                .contains("next_plan leads to no longer exist; NULL is not written instead of what --default gives");
    }

    @Test
    void aConstraintThatNullWouldBreakIsInTheWay() {
        Drift drift = Drift.of(directory, List.of("note"), NOTES).references(ReferencePolicy.NULL);
        drift.server()
                .execute(
                        "DELETE FROM public.note WHERE site_id = 'a'",
                        "DELETE FROM public.plan WHERE id = 2",
                        "ALTER TABLE public.note ADD CONSTRAINT planned CHECK (plan_id IS NOT NULL OR title = 'four')");

        assertThat(drift.problems()).singleElement().asString().contains("planned", "2 rows");
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
    }
}
