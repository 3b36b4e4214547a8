package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.plan;
import static dev.reinstate.restore.RestoreRunTest.restore;
import static dev.reinstate.restore.RestoreRunTest.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.restore.fixture.Studio;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.WriteMode;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tenants whose rows belong to them by type, by their schema, or by unique columns that are no key. */
class TenancyRulesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void everyRowComesBackWhateverTheRule(RestorePolicy policy) {
        TenantStore store = Studio.filled(directory, 3);
        TestServer server = store.server();
        final List<String> then = Studio.contents(server, 2);
        final List<String> others = Studio.versions(server, 1);
        Studio.delete(server, 2);

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s2", policy);
        TenantResult result = restore(store, "s2", policy);

        assertThat(result.failure()).isEmpty();
        assertThat(Studio.contents(server, 2)).isEqualTo(then);
        assertThat(Studio.versions(server, 1)).isEqualTo(others);
        assertThat(plan.rowsToInsert()).isEqualTo(then.size());
        assertThat(restore(store, "s2", policy).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    /** What belonged by type to rows that an application deleted is nobody's, and the tenant's when those are back. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsLeftBehindByTypeAreTheTenantsAgain(RestorePolicy policy) throws IOException {
        TenantStore store = Studio.filled(directory, 3);
        TestServer server = store.server();
        final List<String> then = Studio.contents(server, 2);
        Studio.leave(server, 2);
        Studio.leave(server, 3);
        server.execute(
                "UPDATE public.clip SET body = 'changed since' WHERE id = 2001",
                "DELETE FROM public.frame WHERE clip_id = 2002",
                "DELETE FROM public.clip WHERE id = 2003");
        final List<String> others = Studio.versions(server, 1);
        final List<String> othersLeft = Studio.versions(server, 3);

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s2", policy);
        TenantResult result = restore(store, "s2", policy);

        assertThat(result.failure()).isEmpty();
        assertThat(Studio.contents(server, 2)).isEqualTo(then);
        assertThat(Studio.versions(server, 1)).isEqualTo(others);
        assertThat(Studio.versions(server, 3)).isEqualTo(othersLeft);
        assertThat(table(plan, "public.clip").relinked()).isEqualTo(1);
        assertThat(table(plan, "public.clip").missing()).isEqualTo(1);
        assertThat(table(plan, "public.frame").missing()).isEqualTo(4);
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("replaced.sql"))).contains("changed since");
    }

    /** What no foreign key sees to is left behind, and what one clears; both are nobody's by now. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsLeftBehindByOneOfSeveralPathsAreTheTenantsAgain(RestorePolicy policy) {
        TenantStore store = Studio.filled(directory, 2);
        TestServer server = store.server();
        final List<String> then = Studio.contents(server, 2);
        final List<String> others = Studio.versions(server, 1);
        Studio.leave(server, 2);
        server.execute("DELETE FROM public.pinned WHERE id = 2001");
        assertThat(server.rows("SELECT id FROM public.pin WHERE id > 2000 ORDER BY id"))
                .as("what no post took along")
                .hasSize(6);

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s2", policy);
        TenantResult result = restore(store, "s2", policy);

        assertThat(table(plan, "public.pin").missing()).isEqualTo(3);
        assertThat(table(plan, "public.pin").relinked()).isEqualTo(3);
        assertThat(table(plan, "public.pinned").missing()).isEqualTo(4);
        assertThat(result.failure()).isEmpty();
        assertThat(Studio.contents(server, 2)).isEqualTo(then);
        assertThat(Studio.versions(server, 1)).isEqualTo(others);
    }

    /** They name a row that is gone, and become the tenant's with it. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsAddedSinceToWhatWasDeletedFollowThePolicy(RestorePolicy policy) {
        TenantStore store = Studio.filled(directory, 2);
        TestServer server = store.server();
        final List<String> then = Studio.contents(server, 1);
        server.execute(
                "INSERT INTO public.clip VALUES (1101, 'Post', '1001', 'added'), (1102, 'Org', 's1', 'added')",
                "INSERT INTO public.frame VALUES (1101, 1, 'added'), (1102, 1, 'added'), (1001, 9, 'added')");
        Studio.leave(server, 1);
        final List<String> before = Studio.versions(server, 1);

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s1", policy);
        TenantResult result = restore(store, "s1", policy);

        assertThat(table(plan, "public.clip").surplus()).isEqualTo(2);
        assertThat(table(plan, "public.frame").surplus()).isEqualTo(3);
        switch (policy) {
            case INTO_EMPTY -> {
                assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
                assertThat(Studio.versions(server, 1)).isEqualTo(before);
            }
            case REPLACE -> {
                assertThat(result.failure()).isEmpty();
                assertThat(Studio.contents(server, 1)).isEqualTo(then);
            }
            case MISSING_ONLY -> {
                assertThat(result.failure()).isEmpty();
                assertThat(Studio.contents(server, 1)).containsAll(then).hasSize(then.size() + 5);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsThatNamedNothingAtThatMomentComeBackAsTheyWere(RestorePolicy policy) {
        TenantStore store = Studio.filled(directory, 2);
        TestServer server = store.server();
        for (String row :
                List.of("1201,Post,1999,its post was gone", "1202,Movie,7,a type nobody knows", "1203,Post,,x")) {
            store.insert("s1", schema(server, "clip"), tuple(row.split(",", -1)));
            store.insert("s1", schema(server, "frame"), tuple(row.substring(0, 4), "1", "below"));
        }
        server.execute(
                "INSERT INTO public.clip VALUES (1201, 'Post', '1999', 'its post was gone'),"
                        + " (1202, 'Movie', '7', 'a type nobody knows'), (1203, 'Post', NULL, 'x')",
                "INSERT INTO public.frame SELECT id, 1, 'below' FROM public.clip WHERE id BETWEEN 1201 AND 1203");
        final List<String> then = Studio.contents(server, 1);
        Studio.leave(server, 1);
        server.execute(
                "UPDATE public.clip SET body = 'changed' WHERE id IN (1202, 1004)",
                "DELETE FROM public.clip WHERE id IN (1201, 1203, 1005)");

        TenantResult result = restore(store, "s1", policy);

        assertThat(result.failure()).isEmpty();
        assertThat(Studio.contents(server, 1)).isEqualTo(then);
        assertThat(restore(store, "s1", policy).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    private static TableSchema schema(TestServer server, String table) {
        try (Connection connection = server.connect()) {
            return Catalogue.read(connection).require(TableName.parse(table)).toSchema();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Tuple tuple(String... values) {
        return Tuple.ofTexts(Arrays.stream(values)
                .map(value -> Optional.of(value).filter(text -> !text.isEmpty()))
                .toList());
    }

    @Test
    void rowsThatNameAnothersRowByNowAreAConflict() {
        TenantStore store = Studio.filled(directory, 2);
        TestServer server = store.server();
        Studio.leave(server, 1);
        server.execute("UPDATE public.clip SET owner_id = 's2' WHERE id = 1003");
        List<String> before = Studio.versions(server, 1);

        for (RestorePolicy policy : RestorePolicy.values()) {
            TenantResult result = restore(store, "s1", policy);
            assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
            assertThat(result.failure().orElseThrow().details())
                    .anyMatch(line -> line.contains("public.clip: 1 keys of missing rows are held by rows that"));
        }
        assertThat(Studio.versions(server, 1)).isEqualTo(before);
    }

    @Test
    void aSchemaThatIsGoneIsSaidOnce() {
        TenantStore store = Studio.filled(directory, 2);
        TestServer server = store.server();
        final List<String> then = Studio.contents(server, 1);
        server.execute("DROP SCHEMA org_s1 CASCADE", "DELETE FROM public.seat WHERE id = 1001");

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(plan.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.message())
                    .isEqualTo("schema org_s1 is gone: the tenant had 14 rows in 2 of its tables: line, page");
            assertThat(problem.next()).contains("create the schema and its tables again");
        });

        server.execute(
                "CREATE SCHEMA org_s1",
                "CREATE TABLE org_s1.page (LIKE org_s2.page INCLUDING ALL)",
                "CREATE TABLE org_s1.line (LIKE org_s2.line INCLUDING ALL)");
        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY).failure()).isEmpty();
        assertThat(Studio.contents(server, 1)).isEqualTo(then);
    }

    @Test
    void aRoleThatMayNotSwitchTriggersOffRestoresThemToo() {
        TenantStore store = Studio.filled(directory, 2);
        TestServer server = store.server();
        server.execute(
                "CREATE ROLE studio_role LOGIN",
                "GRANT USAGE ON SCHEMA public, org_s1 TO studio_role",
                "GRANT ALL ON ALL TABLES IN SCHEMA public, org_s1 TO studio_role");
        final List<String> then = Studio.contents(server, 1);
        Studio.leave(server, 1);
        RestoreRun run = store.run(server.databaseAs("studio_role"), RestoreListener.SILENT, 1);

        RestorePlan plan = plan(run, store, "s1", RestorePolicy.REPLACE);
        TenantResult result = run.apply(List.of(plan), "fallback").getFirst();

        assertThat(plan.mode()).isEqualTo(WriteMode.TRIGGERS_FIRE);
        assertThat(result.failure()).isEmpty();
        assertThat(Studio.contents(server, 1)).isEqualTo(then);
    }

    @Test
    void whateverTheDamageTheTenantIsWhatItWas() {
        long seed = Long.getLong("reinstate.test.seed", System.nanoTime());
        Random random = new Random(seed);
        TenantStore store = Studio.filled(directory, 2);
        TestServer server = store.server();
        List<String> then = Studio.contents(server, 1);
        List<String> others = Studio.versions(server, 2);
        for (int round = 0; round < 15; round++) {
            for (int i = 0; i < 1 + random.nextInt(5); i++) {
                damage(server, random);
            }
            RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s1", RestorePolicy.REPLACE);
            TenantResult result = restore(store, "s1", RestorePolicy.REPLACE);
            assertThat(result.failure()).as("seed %d round %d", seed, round).isEmpty();
            assertThat(result.applied().map(done -> done.tables()).orElse(plan.tables()))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(plan.tables());
            assertThat(Studio.contents(server, 1))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(then);
            assertThat(Studio.versions(server, 2))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(others);
        }
    }

    private static void damage(TestServer server, Random random) {
        String some = "id < 2000 AND (id + " + random.nextInt(7) + ") % " + (1 + random.nextInt(4)) + " = 0";
        int unique = 1500 + random.nextInt(400);
        server.execute(
                switch (random.nextInt(14)) {
                    case 0 -> "DELETE FROM public.org WHERE id = 's1'";
                    case 1 -> "DELETE FROM public.post WHERE " + some;
                    case 2 -> "UPDATE public.post SET code = code || '!' WHERE " + some;
                    case 3 -> "UPDATE public.org SET slug = slug || '!' WHERE id = 's1'";
                    case 4 -> "DELETE FROM public.edition WHERE " + some;
                    case 5 -> "UPDATE public.edition SET no = no + 100 WHERE " + some;
                    case 6 -> "UPDATE public.sheet SET body = body || '!' WHERE " + some;
                    case 7 -> "DELETE FROM public.clip WHERE " + some;
                    case 8 -> "UPDATE public.clip SET owner_id = owner_id || '9' WHERE id < 1100 AND " + some;
                    case 9 -> "UPDATE public.clip SET owner_type = 'Movie', body = NULL WHERE id < 1100 AND " + some;
                    case 10 ->
                        "INSERT INTO public.clip SELECT " + unique
                                + ", 'Post', min(id)::text, 'new' FROM public.post WHERE " + some
                                + " HAVING min(id) IS NOT NULL ON CONFLICT DO NOTHING";
                    case 11 ->
                        "INSERT INTO public.frame SELECT min(id), " + unique + ", 'new' FROM public.clip WHERE " + some
                                + " HAVING min(id) IS NOT NULL ON CONFLICT DO NOTHING";
                    case 12 -> "DELETE FROM org_s1.page WHERE " + some;
                    default -> "UPDATE org_s1.page SET body = body || '!' WHERE " + some;
                });
    }
}
