package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.plan;
import static dev.reinstate.restore.RestoreRunTest.restore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.SchemaEffect;
import dev.reinstate.restore.plan.WriteMode;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreSchemaTest {
    @TempDir
    Path directory;

    @Test
    void aLostColumnIsAConflictUntilItIsLeftOut() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        server.execute("ALTER TABLE public.issue DROP COLUMN body");

        ReinstateException failure =
                restore(store, "s1", RestorePolicy.INTO_EMPTY).failure().orElseThrow();

        assertThat(failure.kind()).isEqualTo(FailureKind.CONFLICT);
        assertThat(failure.details())
                .anyMatch(line -> line.contains("public.issue.body: the column is gone, and 3 rows of then")
                        && line.contains("--leave-out public.issue.body"));
        assertThat(Shop.contents(server, "s1")).isEmpty();
        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY, "public.issue.body")
                        .failure())
                .isEmpty();
        assertThat(server.value("SELECT count(*) FROM public.issue")).isEqualTo("3");
    }

    @Test
    void aLostTableIsAConflictUntilItIsLeftOut() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        server.execute("DROP TABLE public.visit");

        ReinstateException failure =
                restore(store, "s1", RestorePolicy.INTO_EMPTY).failure().orElseThrow();

        assertThat(failure.details()).anyMatch(line -> line.contains("public.visit: the table is gone"));
        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY, "public.visit")
                        .failure())
                .isEmpty();
        assertThat(server.value("SELECT count(*) FROM public.member")).isEqualTo("3");
    }

    @Test
    void newColumnsGetTheirDefaultAndThoseWithoutOneAreAConflict() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        server.execute("ALTER TABLE public.member ADD COLUMN level int NOT NULL DEFAULT 5");
        RestoreRun run = store.run(RestoreListener.SILENT);
        assertThat(plan(run, store, "s1", RestorePolicy.INTO_EMPTY).effects())
                .anyMatch(effect -> effect.kind() == SchemaEffect.Kind.NEW_COLUMN
                        && effect.values() == 3
                        && effect.message().contains("public.member.level: the column is new, or not archived"));
        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY).failure()).isEmpty();
        assertThat(server.rows("SELECT DISTINCT level FROM public.member")).containsExactly("5");

        Shop.delete(server, "s1");
        server.execute("ALTER TABLE public.member ALTER COLUMN level DROP DEFAULT");
        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY)
                        .failure()
                        .orElseThrow()
                        .details())
                .anyMatch(line -> line.contains("must not be NULL and has no default"));
    }

    @Test
    void rowsOfSeveralShapesComeBackTogether() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        int oid = Integer.parseInt(server.value("SELECT 'public.member'::regclass::oid::int"));
        Column extra = new Column(6, "level", 23, "integer");
        List<Column> columns = List.of(
                new Column(1, "id", 20, "bigint"),
                new Column(2, "site_id", 25, "text"),
                new Column(3, "name", 25, "text"),
                new Column(4, "rank", 23, "integer"),
                new Column(5, "tags", 1009, "text[]"),
                extra);
        TableSchema wider = new TableSchema(oid, TableName.parse("member"), columns, List.of(0));
        store.insert(
                "s1",
                wider,
                Tuple.ofTexts(List.of(
                        Optional.of("2"),
                        Optional.of("s1"),
                        Optional.empty(),
                        Optional.of("200"),
                        Optional.empty(),
                        Optional.of("9"))));
        Shop.delete(server, "s1");
        server.execute("ALTER TABLE public.member ADD COLUMN level int DEFAULT 5");

        // the key 2 stood in the image too: the newer version wins, the others have the older shape
        TenantResult result = restore(store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(result.failure()).isEmpty();
        assertThat(server.rows("SELECT id, rank, level FROM public.member ORDER BY id"))
                .containsExactly("1|1|5", "2|200|9", "3|3|5");
    }

    @Test
    void aRoleThatMayNotSwitchTriggersOffRestoresToo() {
        TenantStore store = Shop.filled(directory, 2);
        TestServer server = store.server();
        grantTo(server, "plain_role");
        List<String> then = Shop.contents(server, "s1");
        List<String> others = Shop.versions(server, "s2");
        RestoreRun run = store.run(server.databaseAs("plain_role"), RestoreListener.SILENT, 1);
        Shop.delete(server, "s1");

        RestorePlan plan = plan(run, store, "s1", RestorePolicy.INTO_EMPTY);
        TenantResult result = run.apply(List.of(plan), "fallback").getFirst();

        assertThat(plan.mode()).isEqualTo(WriteMode.TRIGGERS_FIRE);
        assertThat(plan.notes()).anyMatch(note -> note.contains("triggers will fire"));
        assertThat(result.failure()).isEmpty();
        assertThat(Shop.contents(server, "s1")).isEqualTo(then);
        assertThat(Shop.versions(server, "s2")).isEqualTo(others);
    }

    @Test
    void theSecondWayReplacesTooAndSparesOthers() {
        TenantStore store = Shop.filled(directory, 2);
        TestServer server = store.server();
        grantTo(server, "plain_role_2");
        List<String> then = Shop.contents(server, "s1");
        RestoreRun run = store.run(server.databaseAs("plain_role_2"), RestoreListener.SILENT, 1);
        server.execute(
                "DELETE FROM public.issue WHERE site_id = 's1' AND id % 2 = 0",
                "UPDATE public.member SET name = 'x' WHERE site_id = 's1'",
                "INSERT INTO public.member (id, site_id, name, rank) VALUES (5000, 's1', 'new', 50)",
                "INSERT INTO public.issue (site_id, reporter) VALUES ('s1', 5000)");
        assertThat(restore(store, run, "s1", RestorePolicy.REPLACE).failure()).isEmpty();
        assertThat(Shop.contents(server, "s1")).isEqualTo(then);

        server.execute(
                "INSERT INTO public.member (id, site_id, name, rank) VALUES (6000, 's1', 'new', 50)",
                "UPDATE public.issue SET reporter = 6000 WHERE site_id = 's2'"); // would be set to NULL
        List<String> others = Shop.versions(server, "s2");
        TenantResult result = restore(store, run, "s1", RestorePolicy.REPLACE);
        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(result.failure().orElseThrow().why()).contains("rows of others");
        assertThat(Shop.versions(server, "s2")).isEqualTo(others);
    }

    @Test
    void aTriggerThatChangesRestoredRowsMakesTheRestoreFail() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        server.execute("""
                CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.name := 'meddled'; RETURN NEW; END $$;
                CREATE TRIGGER meddle BEFORE INSERT ON public.member FOR EACH ROW EXECUTE FUNCTION public.meddle();
                ALTER TABLE public.member ENABLE ALWAYS TRIGGER meddle;
                """);
        RestoreRun run = store.run(RestoreListener.SILENT);
        assertThat(plan(run, store, "s1", RestorePolicy.INTO_EMPTY).notes())
                .anyMatch(note -> note.contains("[meddle] are ENABLE ALWAYS"));

        TenantResult result = restore(store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(result.failure().orElseThrow().details())
                .containsExactly(
                        "public.member: 3 rows must be there, 3 were read back, some of them with other values");
        assertThat(Shop.contents(server, "s1")).isEmpty();
    }

    @Test
    void theCostFollowsTheTenantAndNotTheDatabase() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        server.execute("""
                INSERT INTO public.site VALUES ('big', 'big', NULL, NULL, now());
                INSERT INTO public.member (site_id, rank) SELECT 'big', n FROM generate_series(1, 20000) n;
                INSERT INTO public.issue (site_id) SELECT 'big' FROM generate_series(1, 20000);
                INSERT INTO public.comment (issue_id) SELECT id FROM public.issue WHERE site_id = 'big';
                INSERT INTO public.attachment SELECT id, 2, NULL FROM public.comment WHERE body IS NULL;
                """);
        server.execute("ANALYZE");
        Shop.delete(server, "s1");
        String read = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables WHERE relname NOT LIKE 'country'";
        server.settleStatistics();
        long before = Long.parseLong(server.value(read));

        assertThat(restore(store, "s1", RestorePolicy.INTO_EMPTY).failure()).isEmpty();

        server.settleStatistics();
        long after = Long.parseLong(server.value(read));
        assertThat(after - before).isLessThan(1000);
    }

    private static void grantTo(TestServer server, String role) {
        server.execute(
                "CREATE ROLE " + role + " LOGIN",
                "GRANT USAGE ON SCHEMA public TO " + role,
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO " + role,
                "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + role);
    }
}
