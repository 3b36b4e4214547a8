package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.apply.Step;
import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.ReferencePolicy;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of shared tables that come back because a tenant's rows of then refer to them. */
class SharedRowsTest {
    private static final String SCHEMA = """
            CREATE TABLE public.region (code text PRIMARY KEY, title text);
            INSERT INTO public.region VALUES ('eu', 'Europe'), ('us', 'America'), ('xx', 'nowhere');
            CREATE TABLE public.plan (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE, price numeric,
                region text NOT NULL REFERENCES public.region, before int REFERENCES public.plan);
            INSERT INTO public.plan (code, price, region, before) VALUES ('basic', 1.50, 'eu', NULL),
                ('old', 2.00, 'us', NULL), ('full', 3, 'us', 2), ('unused', 4, 'xx', NULL);
            CREATE TABLE public.note (id int PRIMARY KEY, site_id text NOT NULL, title text,
                plan_id int CONSTRAINT note_plan REFERENCES public.plan);
            INSERT INTO public.note VALUES
                (1, 'a', 'one', 1), (2, 'a', 'two', 3), (3, 'a', 'three', 3), (4, 'a', 'four', NULL), (5, 'b', 'five', 1);
            """;
    private static final List<String> LOSS = List.of(
            "DELETE FROM public.note WHERE site_id = 'a'",
            "DELETE FROM public.plan WHERE id > 1",
            "DELETE FROM public.region WHERE code <> 'eu'",
            "UPDATE public.plan SET price = 9 WHERE id = 1");

    @TempDir
    Path directory;

    private Drift drift() {
        Drift drift = Drift.withShared(directory, List.of("region", "plan"), List.of("note"), SCHEMA)
                .references(ReferencePolicy.RESTORE_SHARED_ROW);
        drift.server().execute(LOSS.toArray(String[]::new));
        return drift;
    }

    private static List<String> plans(TestServer server) {
        return server.rows("SELECT id, code, price, region, before FROM public.plan ORDER BY id");
    }

    private static List<String> regions(TestServer server) {
        return server.rows("SELECT code, title FROM public.region ORDER BY code");
    }

    private static Receipt.Tenant receiptOf(TenantResult result) {
        StoreIdentity store = new StoreIdentity(1, 1, "db");
        return ReceiptDraft.of("id", Instant.EPOCH, store, "target", true, List.of(result), Map.of())
                .tenants()
                .getFirst();
    }

    @ParameterizedTest
    @CsvSource({"false, INTO_EMPTY", "true, INTO_EMPTY", "false, REPLACE", "true, REPLACE", "false, MISSING_ONLY"})
    void exactlyThoseThatAreReferredToComeBack(boolean triggersFire, RestorePolicy policy) {
        Drift drift = drift().triggersFire(triggersFire).policy(policy);
        TestServer server = drift.server();

        RestorePlan plan = drift.plan();
        final List<String> before = plans(server);
        TenantResult result = drift.restore();

        assertThat(plan.refusal()).isEmpty();
        assertThat(plan.shared().tables())
                .extracting(TablePlan::table, TablePlan::missing)
                .containsExactly(
                        tuple(TableName.parse("public.region"), 1L), tuple(TableName.parse("public.plan"), 2L));
        assertThat(plan.notes()).anyMatch(note -> note.contains("1 of public.region, 2 of public.plan"));
        assertThat(before).containsExactly("1|basic|9|eu|null");
        assertThat(result.failure()).isEmpty();
        assertThat(plans(server)).containsExactly("1|basic|9|eu|null", "2|old|2.00|us|null", "3|full|3|us|2");
        assertThat(regions(server)).containsExactly("eu|Europe", "us|America");
        assertThat(server.rows("SELECT id, title, plan_id FROM public.note ORDER BY id"))
                .containsExactly("1|one|1", "2|two|3", "3|three|3", "4|four|null", "5|five|1");
        assertThat(receiptOf(result).shared())
                .extracting(Applied.Shared::table, Applied.Shared::inserted, Applied.Shared::alreadyThere)
                .containsExactly(
                        tuple(TableName.parse("public.region"), 1L, 0L), tuple(TableName.parse("public.plan"), 2L, 0L));
        RestorePlan again = drift.plan();
        assertThat(again.isRight()).isTrue();
        assertThat(again.refusal()).isEmpty();
        assertThat(again.shared().isEmpty()).isTrue();
        assertThat(server.value("INSERT INTO public.plan (code, region) VALUES ('next', 'eu') RETURNING id"))
                .isEqualTo("5");
    }

    @Test
    void otherPoliciesSayThatTheyCouldAndWriteNoSharedRow() {
        Drift drift = drift();
        assertThat(drift.references(ReferencePolicy.FAIL).problems())
                .singleElement()
                .asString()
                .contains("--references restore-shared-row", "--references null");
        assertThat(drift.references(ReferencePolicy.NULL).restore().failure()).isEmpty();
        assertThat(plans(drift.server())).containsExactly("1|basic|9|eu|null");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aUniqueValueThatIsTakenIsInThePlan(boolean key) {
        Drift drift = drift();
        TestServer server = drift.server();
        server.execute("INSERT INTO public.region VALUES ('us', 'America')");
        server.execute(
                key
                        ? "INSERT INTO public.plan OVERRIDING SYSTEM VALUE VALUES (2, 'other', 1, 'eu', NULL)"
                        : "INSERT INTO public.plan OVERRIDING SYSTEM VALUE VALUES (9, 'full', 1, 'eu', NULL)");
        final List<String> before = plans(server);

        if (key) {
            assertThat(drift.problems()).as("it is there, if with other values").isEmpty();
        } else {
            assertThat(drift.problems())
                    .singleElement()
                    .asString()
                    .startsWith("public.plan: 1 rows to write clash with rows that stay, in [code] of plan_code_key");
            assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
            assertThat(plans(server)).isEqualTo(before);
        }
    }

    @Test
    void aKeyThatIsTakenIsInThePlanWhereReferencesGoByAnotherValue() {
        Drift drift = Drift.withShared(
                        directory,
                        List.of("plan"),
                        List.of("note"),
                        "CREATE TABLE public.plan (id int PRIMARY KEY, code text UNIQUE);"
                                + "INSERT INTO public.plan VALUES (1, 'basic');"
                                + "CREATE TABLE public.note (id int PRIMARY KEY, site_id text,"
                                + " plan text REFERENCES public.plan (code)); INSERT INTO public.note VALUES (1, 'a', 'basic')")
                .references(ReferencePolicy.RESTORE_SHARED_ROW);
        drift.server()
                .execute(
                        "DELETE FROM public.note",
                        "UPDATE public.plan SET code = 'other'",
                        "ALTER TABLE public.plan ALTER COLUMN code SET NOT NULL");

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("1 keys of shared rows to bring back are held by other rows now");
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(drift.server().rows("SELECT * FROM public.plan")).containsExactly("1|other");
    }

    private Drift never() {
        Drift drift = Drift.withShared(
                directory,
                List.of("region", "plan"),
                List.of("note"),
                SCHEMA.replace("CONSTRAINT note_plan REFERENCES public.plan", "")
                        + "INSERT INTO public.note VALUES (6, 'a', 'six', 77)");
        drift.server().execute(LOSS.toArray(String[]::new));
        drift.server()
                .execute("ALTER TABLE public.note ADD CONSTRAINT note_plan FOREIGN KEY (plan_id)"
                        + " REFERENCES public.plan");
        return drift;
    }

    @Test
    void whatWasNotThereThenEitherIsRefused() {
        Drift drift = never().references(ReferencePolicy.RESTORE_SHARED_ROW);

        assertThat(drift.problems())
                .singleElement()
                .asString()
                .contains("public.note: 1 rows of public.plan that foreign key note_plan leads to no longer exist")
                .contains("the archive has none of them at " + drift.store().position())
                .contains("--references restore-shared-row-or-null");
        assertThat(drift.restore().outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(plans(drift.server())).containsExactly("1|basic|9|eu|null");
    }

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void nullIsTheSecondChoiceWhereItIsAskedFor(RestorePolicy policy) throws IOException {
        Drift drift = never().policy(policy).references(ReferencePolicy.RESTORE_SHARED_ROW_OR_NULL);

        TenantResult result = drift.restore();

        assertThat(result.failure()).isEmpty();
        assertThat(drift.server().rows("SELECT id, plan_id FROM public.note ORDER BY id"))
                .containsExactly("1|1", "2|3", "3|3", "4|null", "5|1", "6|null");
        assertThat(plans(drift.server())).hasSize(3);
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("left-out.sql"))).contains("6\t77\n\\.");
        assertThat(drift.plan().isRight()).isTrue();
        assertThat(drift.plan().refusal()).isEmpty();
    }

    @Test
    void whereARowStaysAsItIsNothingComesBackForIt() {
        Drift drift = drift().policy(RestorePolicy.MISSING_ONLY).references(ReferencePolicy.RESTORE_SHARED_ROW_OR_NULL);
        drift.server().execute("INSERT INTO public.note VALUES (2, 'a', 'two', NULL), (3, 'a', 'three', NULL)");

        RestorePlan plan = drift.plan();

        assertThat(plan.shared().isEmpty()).isTrue();
        assertThat(plan.gone()).isNotNull();
        assertThat(plan.rowsToInsert()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatOthersHavePutBackMeanwhileMustBeTheSame(boolean same) {
        Drift drift = drift();
        RestoreRun run = drift.run();
        RestorePlan plan = drift.plan();
        drift.server()
                .execute(
                        "INSERT INTO public.region VALUES ('us', 'America')",
                        "INSERT INTO public.plan OVERRIDING SYSTEM VALUE VALUES (2, 'old', " + (same ? "2.00" : "2.0")
                                + ", 'us', NULL)");

        TenantResult result = run.apply(List.of(plan), "receipt").getFirst();

        if (same) {
            assertThat(receiptOf(result).shared())
                    .extracting(Applied.Shared::inserted, Applied.Shared::alreadyThere)
                    .containsExactly(tuple(0L, 1L), tuple(1L, 1L));
        } else {
            assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
            assertThat(result.failure().orElseThrow().details())
                    .containsExactly(
                            "public.plan: 2 rows must be there, 2 were read back, some of them with other values");
            assertThat(drift.server().rows("SELECT id FROM public.note")).containsExactly("5");
        }
    }

    /** The first to commit waits until the other waits for it. */
    @ParameterizedTest
    @EnumSource(
            value = RestorePolicy.class,
            names = {"INTO_EMPTY", "MISSING_ONLY"})
    void twoTenantsAtATimeMayNeedTheSameRow(RestorePolicy policy) {
        Drift drift = drift();
        TestServer server = drift.server();
        server.execute("DELETE FROM public.note", "DELETE FROM public.plan", "DELETE FROM public.region");
        AtomicBoolean first = new AtomicBoolean(true);
        RestoreListener listener = new RestoreListener() {
            @Override
            public void step(TenantId tenant, Step step) {
                if (step == Step.COMMITTING && first.getAndSet(false)) {
                    server.await("SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
                }
            }
        };
        RestoreRun run = drift.store().run(server.database(), listener, 2);
        List<RestorePlan> plans = run
                .plan(List.of("a", "b").stream()
                        .map(tenant -> new RestoreRequest(
                                new TenantId(tenant),
                                drift.store().position(),
                                policy,
                                ReferencePolicy.RESTORE_SHARED_ROW,
                                Set.of()))
                        .toList())
                .stream()
                .map(planned -> planned.plan().orElseThrow())
                .toList();

        List<TenantResult> results = run.apply(plans, "receipt");

        assertThat(results).allSatisfy(result -> assertThat(result.failure()).isEmpty());
        assertThat(plans(server)).hasSize(3);
        assertThat(server.rows("SELECT id FROM public.note")).hasSize(5);
        assertThat(results.stream()
                        .flatMap(result -> receiptOf(result).shared().stream())
                        .mapToLong(Applied.Shared::inserted)
                        .sum())
                .isEqualTo(5);
        assertThat(server.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatChangedInTheSharedTableIsDecidedAsForTenantsRows(boolean triggersFire) throws IOException {
        Drift drift = drift().triggersFire(triggersFire);
        TestServer server = drift.server();
        server.execute(
                "ALTER TABLE public.plan DROP COLUMN price",
                "ALTER TABLE public.plan ADD COLUMN seats int",
                "UPDATE public.plan SET seats = 1",
                "ALTER TABLE public.plan ALTER COLUMN seats SET NOT NULL",
                "ALTER TABLE public.region ALTER COLUMN title TYPE char(9)");

        assertThat(drift.problems())
                .hasSize(2)
                .anyMatch(line -> line.contains("public.plan.price: the column is gone, and 2 rows of then"))
                .anyMatch(line ->
                        line.contains("public.plan.seats: the column is new or not archived, must not be NULL"));

        TenantResult result = drift.leaveOut("public.plan.price")
                .defaults("public.plan.seats=7")
                .restore();

        assertThat(result.failure()).isEmpty();
        assertThat(server.rows("SELECT id, seats FROM public.plan ORDER BY id")).containsExactly("1|1", "2|7", "3|7");
        assertThat(server.rows("SELECT format('%s.', title) FROM public.region ORDER BY code"))
                .containsExactly("Europe   .", "America  .");
        assertThat(drift.effects())
                .as("nothing is left to do")
                .noneMatch(effect -> effect.contains("rows to insert get"));
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("left-out.sql"))).contains("2\t2.00\n3\t3\n");
    }

    /** What the server takes for equal may be written differently. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valuesThatAreEqualAndWrittenDifferentlyAreFound(boolean triggersFire) {
        Drift drift = Drift.withShared(
                        directory,
                        List.of("plan"),
                        List.of("note"),
                        "CREATE TABLE public.plan (no numeric PRIMARY KEY, parent numeric REFERENCES public.plan);"
                                + "INSERT INTO public.plan VALUES (1.0, NULL), (2, 1.000), (3, NULL);"
                                + "CREATE TABLE public.note (id int PRIMARY KEY, site_id text,"
                                + " plan numeric REFERENCES public.plan); INSERT INTO public.note VALUES (1, 'a', 2.00)")
                .triggersFire(triggersFire)
                .references(ReferencePolicy.RESTORE_SHARED_ROW);
        drift.server().execute("DELETE FROM public.note", "DELETE FROM public.plan");

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(drift.server().rows("SELECT no, parent FROM public.plan ORDER BY no"))
                .containsExactly("1.0|null", "2|1.000");
    }

    /** Rows of partitions are found by what leads to the whole table. */
    @Test
    void rowsOfPartitionsComeBack() {
        Drift drift = Drift.withShared(
                        directory,
                        List.of("rate"),
                        List.of("note"),
                        "CREATE TABLE public.rate (id int PRIMARY KEY, next int REFERENCES public.rate)"
                                + " PARTITION BY RANGE (id);"
                                + "CREATE TABLE public.rate_1 PARTITION OF public.rate FOR VALUES FROM (0) TO (10);"
                                + "CREATE TABLE public.rate_2 PARTITION OF public.rate FOR VALUES FROM (10) TO (20);"
                                + "INSERT INTO public.rate VALUES (1, 11), (11, NULL), (2, NULL);"
                                + "CREATE TABLE public.note (id int PRIMARY KEY, site_id text,"
                                + " rate int REFERENCES public.rate); INSERT INTO public.note VALUES (1, 'a', 1)")
                .references(ReferencePolicy.RESTORE_SHARED_ROW);
        drift.server().execute("DELETE FROM public.note", "DELETE FROM public.rate");

        TenantResult result = drift.restore();

        assertThat(result.failure()).isEmpty();
        assertThat(drift.server().rows("SELECT id, next FROM public.rate ORDER BY id"))
                .containsExactly("1|11", "11|null");
        assertThat(receiptOf(result).shared())
                .extracting(shared -> shared.table().name())
                .containsExactlyInAnyOrder("rate_1", "rate_2");
    }
}
