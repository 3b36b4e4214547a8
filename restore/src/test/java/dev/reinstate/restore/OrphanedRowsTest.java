package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.plan;
import static dev.reinstate.restore.RestoreRunTest.restore;
import static dev.reinstate.restore.RestoreRunTest.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.restore.fixture.Gallery;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.WriteMode;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that outlived what they belonged to, and are nobody's when their tenant is to come back. */
class OrphanedRowsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void theyAreLinkedAgainUnderEveryPolicy(RestorePolicy policy) throws IOException {
        TenantStore store = Gallery.filled(directory, 3);
        TestServer server = store.server();
        final List<String> then = Gallery.contents(server, 2);
        server.execute("DELETE FROM public.site WHERE id IN ('s2', 's3')");
        assertThat(server.value("SELECT count(*) FROM public.picture WHERE page_id IS NULL"))
                .isEqualTo("12");
        final List<String> others = Gallery.versions(server, 1);
        final List<String> othersOrphans = Gallery.versions(server, 3);

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s2", policy);
        TenantResult result = restore(store, "s2", policy);

        assertThat(result.failure()).isEmpty();
        assertThat(Gallery.contents(server, 2)).isEqualTo(then);
        assertThat(Gallery.versions(server, 1)).isEqualTo(others);
        assertThat(Gallery.versions(server, 3)).isEqualTo(othersOrphans);
        assertThat(List.of(plan.rowsToInsert(), plan.rowsToRelink(), plan.rowsToUpdate(), plan.rowsToDelete()))
                .containsExactly(4L, 9L, 9L, 0L);
        assertThat(plan.rowsAlreadyRight()).isEqualTo(24);
        assertThat(plan.notes()).anyMatch(note -> note.startsWith("public.picture: rows that outlived"));
        assertThat(result.applied().orElseThrow().tables()).isEqualTo(plan.tables());
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("replaced.sql")))
                .contains("COPY \"public\".\"picture\"", "2006\t\\N\t", "COPY \"public\".\"label\"", "2003\t\\N\t");
        assertThat(receiptOf(result).tables())
                .filteredOn(table -> table.table().equals(TableName.parse("picture")))
                .singleElement()
                .satisfies(table -> assertThat(List.of(table.inserted(), table.updated(), table.now()))
                        .containsExactly(0L, 6L, table.then()));
        assertThat(restore(store, "s2", policy).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    private static Receipt.Tenant receiptOf(TenantResult result) {
        StoreIdentity store = new StoreIdentity(1, 1, "db");
        return ReceiptDraft.of("id", Instant.EPOCH, store, "target", true, List.of(result), Map.of())
                .tenants()
                .getFirst();
    }

    @Test
    void whatWasChangedInThemSinceIsSavedAndPutBack() throws IOException {
        TenantStore store = Gallery.filled(directory, 2);
        TestServer server = store.server();
        final List<String> then = Gallery.contents(server, 1);
        server.execute(
                "DELETE FROM public.site WHERE id = 's1'",
                "UPDATE public.picture SET name = 'renamed' WHERE id = 1001",
                "UPDATE public.tile SET body = 'scratched' WHERE id = 1005",
                "DELETE FROM public.picture WHERE id = 1002");

        TenantResult result = restore(store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(result.failure()).isEmpty();
        assertThat(Gallery.contents(server, 1)).isEqualTo(then);
        assertThat(table(result.plan(), "picture").missing()).isEqualTo(1);
        assertThat(table(result.plan(), "picture").relinked()).isEqualTo(5);
        assertThat(table(result.plan(), "tile").relinked()).isEqualTo(1);
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("replaced.sql"))).contains("renamed", "scratched");
    }

    @Test
    void nobodysRowsThatWereNotTheTenantsThenAreNotTouched() {
        TenantStore store = Gallery.filled(directory, 1);
        TestServer server = store.server();
        server.execute(
                "DELETE FROM public.site WHERE id = 's1'",
                "INSERT INTO public.picture VALUES (9001, NULL, 'nobody''s')",
                "INSERT INTO public.tile VALUES (9001, 9001, 'nor this')",
                "INSERT INTO public.label VALUES (9001, NULL, 'nor that')");
        List<String> nobodys = Gallery.versions(server, 9);

        assertThat(restore(store, "s1", RestorePolicy.REPLACE).failure()).isEmpty();

        assertThat(Gallery.versions(server, 9)).isEqualTo(nobodys).hasSize(3);
    }

    @Test
    void rowsThatAreAnothersByNowAreAConflict() {
        TenantStore store = Gallery.filled(directory, 2);
        TestServer server = store.server();
        server.execute(
                "DELETE FROM public.site WHERE id = 's1'",
                "UPDATE public.picture SET page_id = 2001 WHERE id IN (1001, 1002)");
        List<String> before = Gallery.versions(server, 1);

        for (RestorePolicy policy : RestorePolicy.values()) {
            TenantResult result = restore(store, "s1", policy);
            assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
            assertThat(result.failure().orElseThrow().details())
                    .anyMatch(line -> line.contains("public.picture: 2 keys of missing rows are held by rows that"));
        }
        assertThat(Gallery.versions(server, 1)).isEqualTo(before);
    }

    /** They hang below a picture that was nobody's when they were added, and become the tenant's when it does. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsAddedBelowThemSinceFollowThePolicy(RestorePolicy policy) {
        TenantStore store = Gallery.filled(directory, 1);
        TestServer server = store.server();
        final List<String> then = Gallery.contents(server, 1);
        server.execute(
                "DELETE FROM public.site WHERE id = 's1'",
                "INSERT INTO public.tile VALUES (1901, 1001, 'new')",
                "INSERT INTO public.spot VALUES (1901, 1, 'new'), (1001, 2, 'new')");
        final List<String> before = Gallery.versions(server, 1);

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s1", policy);
        TenantResult result = restore(store, "s1", policy);

        assertThat(table(plan, "tile").surplus()).isEqualTo(1);
        assertThat(table(plan, "spot").surplus()).isEqualTo(2);
        switch (policy) {
            case INTO_EMPTY -> {
                assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
                assertThat(Gallery.versions(server, 1)).isEqualTo(before);
            }
            case REPLACE -> {
                assertThat(result.failure()).isEmpty();
                assertThat(Gallery.contents(server, 1)).isEqualTo(then);
            }
            case MISSING_ONLY -> {
                assertThat(result.failure()).isEmpty();
                assertThat(Gallery.contents(server, 1)).containsAll(then).hasSize(then.size() + 3);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void rowsOrphanedBeforeThatMomentComeBackAsOrphansAndAreReadBack(RestorePolicy policy) {
        TenantStore store = Gallery.filled(directory, 2);
        TestServer server = store.server();
        server.execute(
                "INSERT INTO public.picture VALUES (1101, NULL, 'kept'), (1102, NULL, 'changed'), (1103, NULL, 'gone')",
                "INSERT INTO public.tile SELECT id, id, 'below' FROM public.picture WHERE id > 1100 AND id < 2000",
                "INSERT INTO public.spot SELECT id, 1, 'below' FROM public.tile WHERE id > 1100 AND id < 2000");
        for (String row : List.of("1101,,kept", "1102,,changed", "1103,,gone")) {
            store.insert("s1", schema(server, "picture"), tuple((row + ",default").split(",", -1)));
            String id = row.substring(0, 4);
            store.insert("s1", schema(server, "tile"), tuple(id, id, "below"));
            store.insert("s1", schema(server, "spot"), tuple(id, "1", "below"));
        }
        final List<String> then = Gallery.contents(server, 1);
        server.execute(
                "DELETE FROM public.site WHERE id = 's1'",
                "UPDATE public.picture SET name = 'other' WHERE id = 1102",
                "DELETE FROM public.picture WHERE id = 1103");

        TenantResult result = restore(store, "s1", policy);

        assertThat(result.failure()).isEmpty();
        assertThat(Gallery.contents(server, 1)).isEqualTo(then);
        assertThat(table(result.plan(), "picture").relinked()).isEqualTo(7);
        assertThat(restore(store, "s1", policy).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);

        server.execute("DELETE FROM public.picture WHERE id = 1103", """
                CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.body := 'meddled'; RETURN NEW; END $$;
                CREATE TRIGGER meddle BEFORE INSERT ON public.spot FOR EACH ROW EXECUTE FUNCTION public.meddle();
                ALTER TABLE public.spot ENABLE ALWAYS TRIGGER meddle;
                """);
        TenantResult meddled = restore(store, "s1", policy);
        assertThat(meddled.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(meddled.failure().orElseThrow().details())
                .containsExactly(
                        "public.spot: 15 rows must be there, 15 were read back, some of them with other values");
        assertThat(server.value("SELECT count(*) FROM public.picture WHERE id = 1103"))
                .isEqualTo("0");
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
    void aRoleThatMayNotSwitchTriggersOffLinksThemAgainToo() {
        TenantStore store = Gallery.filled(directory, 2);
        TestServer server = store.server();
        server.execute(
                "CREATE ROLE gallery_role LOGIN",
                "GRANT USAGE ON SCHEMA public TO gallery_role",
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO gallery_role");
        final List<String> then = Gallery.contents(server, 1);
        final List<String> others = Gallery.versions(server, 2);
        server.execute("DELETE FROM public.site WHERE id = 's1'", "INSERT INTO public.tile VALUES (1901, 1001, 'new')");
        RestoreRun run = store.run(server.databaseAs("gallery_role"), RestoreListener.SILENT, 1);

        RestorePlan plan = plan(run, store, "s1", RestorePolicy.REPLACE);
        TenantResult result = run.apply(List.of(plan), "fallback").getFirst();

        assertThat(plan.mode()).isEqualTo(WriteMode.TRIGGERS_FIRE);
        assertThat(result.failure()).isEmpty();
        assertThat(Gallery.contents(server, 1)).isEqualTo(then);
        assertThat(Gallery.versions(server, 2)).isEqualTo(others);
    }

    @Test
    void theCostFollowsTheTenantAndNotTheNumberOfOrphans() {
        TenantStore store = Gallery.filled(directory, 1);
        TestServer server = store.server();
        final List<String> then = Gallery.contents(server, 1);
        server.execute("""
                INSERT INTO public.picture SELECT n, NULL, 'nobody''s' FROM generate_series(100000, 140000) n;
                INSERT INTO public.tile SELECT id, id, 'nobody''s' FROM public.picture WHERE id >= 100000;
                INSERT INTO public.spot SELECT id, 1, 'nobody''s' FROM public.tile WHERE id >= 100000;
                INSERT INTO public.label SELECT n, NULL, 'nobody ' || n FROM generate_series(100000, 140000) n;
                """);
        server.execute("ANALYZE");
        server.execute("DELETE FROM public.site WHERE id = 's1'");
        String read = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables";
        server.settleStatistics();
        long before = Long.parseLong(server.value(read));

        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY).failure()).isEmpty();

        server.settleStatistics();
        assertThat(Long.parseLong(server.value(read)) - before).isLessThan(1000);
        assertThat(Gallery.contents(server, 1)).isEqualTo(then);
    }

    @Test
    void theyAreFoundBehindMoreMissingRowsThanAreLookedForElsewhere() {
        TestServer server = Gallery.filled(directory.resolve("first"), 1).server();
        server.execute(
                "INSERT INTO public.picture SELECT n, 1001, '' FROM generate_series(10001, 30500) n",
                "INSERT INTO public.picture SELECT n, 1001, '' FROM generate_series(100001, 100010) n");
        TenantStore store = new TenantStore(server, Gallery.map(), directory).image(List.of("s1"));
        server.execute("DELETE FROM public.picture WHERE id < 100000", "DELETE FROM public.site WHERE id = 's1'");

        TenantResult result = restore(store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(result.failure()).isEmpty();
        assertThat(table(result.plan(), "picture").relinked()).isEqualTo(10);
        assertThat(server.value("SELECT count(*) FROM public.picture WHERE page_id = 1001"))
                .isEqualTo("20512");
    }

    @Test
    void whateverWasCutOffTheTenantIsWhatItWas() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TenantStore store = Gallery.filled(directory, 2);
        TestServer server = store.server();
        List<String> then = Gallery.contents(server, 1);
        List<String> others = Gallery.versions(server, 2);
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < 1 + random.nextInt(5); i++) {
                damage(server, random);
            }
            RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s1", RestorePolicy.REPLACE);
            TenantResult result = restore(store, "s1", RestorePolicy.REPLACE);
            assertThat(result.failure()).as("seed %d round %d", seed, round).isEmpty();
            assertThat(result.applied().map(done -> done.tables()).orElse(plan.tables()))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(plan.tables());
            assertThat(Gallery.contents(server, 1))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(then);
            assertThat(Gallery.versions(server, 2))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(others);
        }
    }

    private static void damage(TestServer server, Random random) {
        String some = "id < 2000 AND (id + " + random.nextInt(7) + ") % " + (1 + random.nextInt(4)) + " = 0";
        int unique = 1900 + random.nextInt(100);
        server.execute(
                switch (random.nextInt(9)) {
                    case 0 -> "DELETE FROM public.site WHERE id = 's1'";
                    case 1 -> "DELETE FROM public.page WHERE " + some;
                    case 2 -> "DELETE FROM public.picture WHERE " + some;
                    case 3 -> "DELETE FROM public.tile WHERE " + some;
                    case 4 -> "UPDATE public.picture SET page_id = NULL WHERE " + some;
                    case 5 -> "UPDATE public.picture SET name = name || '!' WHERE " + some;
                    case 6 -> "UPDATE public.tile SET body = body || '!' WHERE " + some;
                    case 7 ->
                        "INSERT INTO public.tile SELECT " + unique + ", min(id), 'new' FROM public.picture WHERE "
                                + some + " HAVING min(id) IS NOT NULL ON CONFLICT DO NOTHING";
                    default -> "UPDATE public.label SET site_id = NULL, name = name || '!' WHERE " + some;
                });
    }
}
