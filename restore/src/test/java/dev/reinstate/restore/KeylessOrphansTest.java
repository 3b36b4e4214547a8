package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.plan;
import static dev.reinstate.restore.RestoreRunTest.restore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows without a key that outlived what they belonged to: they come back once, and nobody's rows stay nobody's. */
class KeylessOrphansTest {
    private static final List<String> KEYLESS = List.of("remark", "stamp", "mark");

    @TempDir
    Path directory;

    private static TenancyMap map() {
        return TenantStore.map(
                "public.site",
                new TreeMap<>(Map.of(
                        "site", new TableRule.TenantTable("id"),
                        "page", new TableRule.ByColumn("site_id"),
                        "author", new TableRule.ByColumn("site_id"),
                        "remark", new TableRule.ByPath(List.of("page_id"), TableName.parse("page")),
                        "stamp", new TableRule.ByColumn("site_id"),
                        "mark", new TableRule.ByPath(List.of("page_id"), TableName.parse("page")))));
    }

    /** Sites s1 and s2, with rows that are the same in both but for what they refer to, and some there twice. */
    private TenantStore filled() {
        TestServer server = TestServer.newDatabase("""
            CREATE TABLE public.site (id text PRIMARY KEY);
            CREATE TABLE public.page (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES public.site ON DELETE CASCADE);
            CREATE TABLE public.author (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES public.site ON DELETE CASCADE);
            CREATE TABLE public.remark (page_id bigint REFERENCES public.page ON DELETE SET NULL, body json,
                author_id bigint REFERENCES public.author ON DELETE SET NULL, note char(4));
            CREATE TABLE public.stamp (site_id text REFERENCES public.site ON DELETE SET NULL, note text);
            CREATE TABLE public.mark (page_id bigint, note text);
            INSERT INTO public.site VALUES ('s1'), ('s2');
            INSERT INTO public.page SELECT s * 100 + n, 's' || s FROM generate_series(1, 2) s, generate_series(1, 3) n;
            INSERT INTO public.author SELECT s * 100 + n, 's' || s FROM generate_series(1, 2) s, generate_series(1, 2) n;
            INSERT INTO public.remark SELECT s * 100 + 1 + n % 3, json_build_object('n', n % 4),
                CASE WHEN n % 5 > 0 THEN s * 100 + 1 + n % 2 END, 'a'
            FROM generate_series(1, 2) s, generate_series(1, 20) n;
            INSERT INTO public.stamp SELECT 's' || s, 'stamp ' || n % 3 FROM generate_series(1, 2) s, generate_series(1, 7) n;
            INSERT INTO public.mark SELECT s * 100 + 1 + n % 3, 'mark' FROM generate_series(1, 2) s, generate_series(1, 5) n;
            """);
        return new TenantStore(server, map(), directory).image(List.of("s1", "s2"));
    }

    private static List<String> rows(TestServer server, String table, String condition) {
        return server.rows("SELECT t::text FROM public." + table + " t WHERE " + condition + " ORDER BY 1");
    }

    private static List<String> owned(TestServer server, int site) {
        List<String> all = new ArrayList<>();
        all.addAll(rows(server, "remark", "page_id / 100 = " + site));
        all.addAll(rows(server, "stamp", "site_id = 's" + site + "'"));
        all.addAll(rows(server, "mark", "page_id / 100 = " + site));
        return all;
    }

    /** Without what was added since and then cut off: that was nobody's row of then, and stays. */
    private static List<String> nobodys(TestServer server) {
        List<String> all = new ArrayList<>();
        all.addAll(rows(server, "remark", "page_id IS NULL"));
        all.addAll(rows(server, "stamp", "site_id IS NULL AND note <> 'added'"));
        all.addAll(rows(server, "mark", "page_id IS NULL"));
        return all;
    }

    /** Inserts rows that name no owner, of which the archive knows, too. */
    private static void insertNobodys(TenantStore store, boolean before) {
        store.server()
                .execute(
                        "INSERT INTO public.remark VALUES (NULL, '{\"n\" : 1}', 201, 'a'), (NULL, '{\"n\" : 1}', NULL, 'a')",
                        "INSERT INTO public.stamp VALUES (NULL, 'stamp 1'), (NULL, 'stamp 1'), (NULL, 'another')");
        Lsn lsn = new Lsn(store.reader().state().durableTo().value() + 8);
        Commit commit = new Commit(lsn, new Lsn(lsn.value() + 8), Instant.now(), 1000, "");
        List<Change> changes = new ArrayList<>();
        add(changes, commit, schema(store, "remark"), "", "{\"n\" : 1}", "201", "a   ");
        add(changes, commit, schema(store, "remark"), "", "{\"n\" : 1}", "", "a   ");
        add(changes, commit, schema(store, "stamp"), "", "stamp 1");
        add(changes, commit, schema(store, "stamp"), "", "stamp 1");
        add(changes, commit, schema(store, "stamp"), "", "another");
        store.commit(commit, changes);
        if (before) {
            store.toTheEnd();
        }
    }

    private static TableSchema schema(TenantStore store, String table) {
        return store.tableNow(TableName.parse(table)).toSchema();
    }

    private static void add(List<Change> changes, Commit commit, TableSchema schema, String... values) {
        Tuple row = Tuple.ofTexts(List.of(values).stream()
                .map(value -> Optional.of(value).filter(text -> !text.isEmpty()))
                .toList());
        RowKey key = RowKey.keyless(commit.commitLsn(), changes.size());
        changes.add(new Change(Partition.UNATTRIBUTED, schema, Operation.INSERT, key, row, commit, changes.size()));
    }

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void theyComeBackOnceUnderEveryPolicy(RestorePolicy policy) {
        TenantStore store = filled();
        TestServer server = store.server();
        final List<String> then = owned(server, 1);
        final List<String> others = owned(server, 2);
        server.execute("DELETE FROM public.author WHERE id = 102", "DELETE FROM public.site WHERE id = 's1'");

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s1", policy);
        TenantResult result = restore(store, "s1", policy);

        assertThat(result.failure()).isEmpty();
        assertThat(List.of(plan.rowsToInsert(), plan.rowsToRelink(), plan.rowsAlreadyRight()))
                .as("site, pages and authors; remarks and stamps; marks, which name pages without a foreign key")
                .containsExactly(6L, 27L, 5L);
        assertThat(plan.notes())
                .anyMatch(note -> note.startsWith("public.remark: rows that outlived")
                        && note.contains("without a key they were found by what is in their other columns"));
        assertThat(owned(server, 1)).isEqualTo(then);
        assertThat(owned(server, 2)).isEqualTo(others);
        assertThat(nobodys(server)).isEmpty();
        assertThat(restore(store, "s1", policy).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    /** Rows of nobody that are the same as some that were cut off cannot be told from them, so they are counted. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void nobodysRowsAreNotTakenForThem(RestorePolicy policy) {
        for (boolean before : List.of(true, false)) {
            TenantStore store = filled();
            TestServer server = store.server();
            final List<String> then = owned(server, 1);
            insertNobodys(store, before);
            final List<String> nobodys = nobodys(server);
            server.execute(
                    "DELETE FROM public.stamp WHERE site_id = 's1' AND note = 'stamp 1'",
                    "DELETE FROM public.site WHERE id = 's1'");

            TenantResult result = restore(store, "s1", policy);

            assertThat(result.failure()).isEmpty();
            assertThat(owned(server, 1)).isEqualTo(then);
            assertThat(nobodys(server)).isEqualTo(nobodys);
        }
    }

    @Test
    void bothOfTwoTenantsWithEqualRowsComeBack() {
        TenantStore store = filled();
        TestServer server = store.server();
        final List<String> first = owned(server, 1);
        final List<String> second = owned(server, 2);
        server.execute("DELETE FROM public.site");
        server.execute("DELETE FROM public.stamp WHERE ctid IN (SELECT ctid FROM public.stamp LIMIT 3)");

        assertThat(restore(store, "s2", RestorePolicy.INTO_EMPTY).failure()).isEmpty();
        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY).failure()).isEmpty();

        assertThat(owned(server, 1)).isEqualTo(first);
        assertThat(owned(server, 2)).isEqualTo(second);
        assertThat(nobodys(server)).isEmpty();
    }

    @Test
    void whateverWasCutOffTheTenantIsWhatItWas() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TenantStore store = filled();
        TestServer server = store.server();
        insertNobodys(store, true);
        final List<String> then = owned(server, 1);
        final List<String> others = owned(server, 2);
        final List<String> nobodys = nobodys(server);
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                damage(server, random);
            }
            TenantResult result = restore(store, "s1", RestorePolicy.REPLACE);
            assertThat(result.failure()).as("seed %d round %d", seed, round).isEmpty();
            assertThat(owned(server, 1)).as("seed %d round %d", seed, round).isEqualTo(then);
            assertThat(owned(server, 2)).as("seed %d round %d", seed, round).isEqualTo(others);
            assertThat(nobodys(server)).as("seed %d round %d", seed, round).isEqualTo(nobodys);
        }
    }

    private static void damage(TestServer server, Random random) {
        String table = KEYLESS.get(random.nextInt(KEYLESS.size()));
        String mine = table.equals("stamp") ? "site_id = 's1'" : "page_id / 100 = 1";
        server.execute(
                switch (random.nextInt(5)) {
                    case 0 -> "DELETE FROM public.site WHERE id = 's1'";
                    case 1 -> "DELETE FROM public.page WHERE id = 101 + " + random.nextInt(3);
                    case 2 -> "DELETE FROM public.author WHERE id = 101 + " + random.nextInt(2);
                    case 3 ->
                        "DELETE FROM public." + table + " WHERE ctid IN (SELECT ctid FROM public." + table + " WHERE "
                                + mine + " LIMIT 1 + " + random.nextInt(4) + ")";
                    default -> "INSERT INTO public.stamp SELECT id, 'added' FROM public.site WHERE id = 's1'";
                });
    }

    @Test
    void whatADefaultHasTakenThemToIsSaid() {
        TestServer server = TestServer.newDatabase("""
            CREATE TABLE public.site (id text PRIMARY KEY);
            CREATE TABLE public.stamp (site_id text DEFAULT 'home' REFERENCES public.site ON DELETE SET DEFAULT, note text);
            INSERT INTO public.site VALUES ('home'), ('s1');
            INSERT INTO public.stamp VALUES ('s1', 'a');
            """);
        TreeMap<String, TableRule> rules = new TreeMap<>(
                Map.of("site", new TableRule.TenantTable("id"), "stamp", new TableRule.ByColumn("site_id")));
        TenantStore store =
                new TenantStore(server, TenantStore.map("public.site", rules), directory).image(List.of("home", "s1"));
        server.execute("DELETE FROM public.site WHERE id = 's1'");

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(plan.notes()).anyMatch(note -> note.contains("those come back a second time"));
    }
}
