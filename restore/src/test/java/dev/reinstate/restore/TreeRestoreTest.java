package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.plan;
import static dev.reinstate.restore.RestoreRunTest.restore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tenants whose remarks are on issues, or on remarks. */
class TreeRestoreTest {
    private static final TableName SITE = TableName.parse("site");
    private static final TableName ISSUE = TableName.parse("issue");
    private static final TableName REMARK = TableName.parse("remark");

    @TempDir
    Path directory;

    /** What is said of the table of remarks behind its columns, and in which tables they are. */
    String parts() {
        return ";";
    }

    List<String> remarkTables() {
        return List.of("remark");
    }

    private TenancyMap map() {
        TreeMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(SITE, new TableRule.TenantTable("id"));
        rules.put(ISSUE, new TableRule.ByColumn("site_id"));
        TableRule byType =
                new TableRule.ByType("on_type", "on_id", new TreeMap<>(Map.of("Issue", ISSUE, "Remark", REMARK)));
        rules.put(REMARK, byType);
        remarkTables().forEach(table -> rules.put(TableName.parse(table), byType));
        rules.put(TableName.parse("heart"), new TableRule.ByPath(List.of("remark_id"), REMARK));
        return new TenancyMap(SITE, rules);
    }

    /** Sites a and b, each with three issues and a tree of remarks, ten deep, whose ids are in no order. */
    private TenantStore filled() {
        TestServer server = TestServer.newDatabase("""
            CREATE TABLE public.site (id text PRIMARY KEY);
            CREATE TABLE public.issue (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES public.site ON DELETE CASCADE);
            CREATE TABLE public.remark (id bigint PRIMARY KEY, on_type text, on_id bigint, body text)%s
            CREATE INDEX ON public.remark (on_type, on_id);
            CREATE TABLE public.heart (id bigint PRIMARY KEY,
                remark_id bigint NOT NULL REFERENCES public.remark ON DELETE CASCADE);
            INSERT INTO public.site VALUES ('a'), ('b');
            INSERT INTO public.issue VALUES (1, 'a'), (2, 'a'), (3, 'a'), (11, 'b'), (12, 'b'), (13, 'b');
            INSERT INTO public.remark SELECT s * 1000 + n * 37 %% 101, CASE WHEN n <= 3 THEN 'Issue' ELSE 'Remark' END,
                CASE WHEN n <= 3 THEN s * 10 + n ELSE s * 1000 + (n - 3) * 37 %% 101 END, 'remark ' || n
            FROM generate_series(0, 1) s, generate_series(1, 30) n;
            INSERT INTO public.heart SELECT id, id FROM public.remark;
            """.formatted(parts()));
        return new TenantStore(server, map(), directory).image(List.of("a", "b"));
    }

    private static List<String> rows(TestServer server, String condition, String columns) {
        return server.rows("SELECT " + columns + " FROM public.remark t WHERE " + condition + " UNION ALL SELECT "
                + columns + " FROM public.heart t WHERE " + condition + " ORDER BY 1");
    }

    private static List<String> contents(TestServer server) {
        return rows(server, "id < 1000", "t::text");
    }

    private static List<String> others(TestServer server) {
        return rows(server, "id BETWEEN 1000 AND 1999", "t::text || t.ctid || t.xmin");
    }

    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void aWholeTreeComesBack(RestorePolicy policy) {
        TenantStore store = filled();
        TestServer server = store.server();
        final List<String> then = contents(server);
        final List<String> others = others(server);
        server.execute("DELETE FROM public.remark WHERE id < 1000", "DELETE FROM public.site WHERE id = 'a'");

        TenantResult result = restore(store, "a", policy);

        assertThat(result.failure()).isEmpty();
        assertThat(contents(server)).isEqualTo(then).hasSize(60);
        assertThat(others(server)).isEqualTo(others);
        assertThat(restore(store, "a", policy).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    /** Rows below a remark that was deleted are nobody's, over any number of steps, until it is back. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void whatWasLeftBehindInTheTreeIsTheTenantsAgain(RestorePolicy policy) {
        TenantStore store = filled();
        TestServer server = store.server();
        final List<String> then = contents(server);
        final List<String> others = others(server);
        server.execute(
                "DELETE FROM public.remark WHERE id IN (37, 46, 3)",
                "UPDATE public.remark SET on_id = -1 WHERE id = 74",
                "UPDATE public.remark SET body = 'changed' WHERE id % 5 = 0 AND id < 1000");

        TenantResult result = restore(store, "a", policy == RestorePolicy.INTO_EMPTY ? RestorePolicy.REPLACE : policy);

        assertThat(result.failure()).isEmpty();
        List<String> now = contents(server);
        if (policy == RestorePolicy.MISSING_ONLY) {
            assertThat(now).hasSameSizeAs(then);
        } else {
            assertThat(now).isEqualTo(then);
        }
        assertThat(others(server)).isEqualTo(others);
    }

    /** They name a row that is gone, or hang below one that does, and become the tenant's with it. */
    @ParameterizedTest
    @EnumSource(RestorePolicy.class)
    void whatWasAddedSinceBelowWhatIsGoneFollowsThePolicy(RestorePolicy policy) {
        TenantStore store = filled();
        TestServer server = store.server();
        final List<String> then = contents(server);
        server.execute(
                "INSERT INTO public.remark VALUES (2001, 'Remark', 37, 'added'), (2002, 'Remark', 2001, 'added'),"
                        + " (2003, 'Remark', 2002, 'added'), (2004, 'Issue', 1, 'added')",
                "INSERT INTO public.heart VALUES (2003, 2003)",
                "DELETE FROM public.remark WHERE id < 1000",
                "DELETE FROM public.site WHERE id = 'a'");

        RestorePlan plan = plan(store.run(RestoreListener.SILENT), store, "a", policy);
        TenantResult result = restore(store, "a", policy);

        assertThat(plan.tables().stream()
                        .filter(table -> remarkTables().contains(table.table().name()))
                        .mapToLong(TablePlan::surplus)
                        .sum())
                .isEqualTo(4);
        switch (policy) {
            case INTO_EMPTY -> assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
            case REPLACE -> {
                assertThat(result.failure()).isEmpty();
                assertThat(contents(server)).isEqualTo(then);
                assertThat(rows(server, "id > 2000", "t::text")).isEmpty();
            }
            case MISSING_ONLY -> {
                assertThat(result.failure()).isEmpty();
                assertThat(contents(server)).isEqualTo(then);
                assertThat(rows(server, "id > 2000", "t::text")).hasSize(5);
            }
        }
    }

    @Test
    void whatGoesInACircleNowComesBackAsItWas() {
        TenantStore store = filled();
        TestServer server = store.server();
        final List<String> then = contents(server);
        server.execute("UPDATE public.remark SET (on_type, on_id) = ('Remark', (SELECT max(r.id) FROM public.remark r"
                + " WHERE r.on_type = 'Remark' AND r.on_id = 37)) WHERE id = 37");

        assertThat(restore(store, "a", RestorePolicy.REPLACE).failure()).isEmpty();
        assertThat(contents(server)).isEqualTo(then);
    }
}
