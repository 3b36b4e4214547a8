package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreRunTest {
    @TempDir
    Path directory;

    @Test
    void aDeletedTenantComesBackExactly() {
        TenantStore store = Shop.filled(directory, 3);
        List<String> then = Shop.contents(store.server(), "s2");
        List<String> others = Shop.versions(store.server(), "s1");
        Shop.delete(store.server(), "s2");

        TenantResult result = restore(store, "s2", RestorePolicy.INTO_EMPTY);

        assertThat(result.failure()).isEmpty();
        assertThat(result.outcome()).isEqualTo(Outcome.RESTORED);
        assertThat(Shop.contents(store.server(), "s2")).isEqualTo(then).isNotEmpty();
        assertThat(Shop.versions(store.server(), "s1")).isEqualTo(others);
        assertThat(restore(store, "s2", RestorePolicy.INTO_EMPTY).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    @Test
    void theCommitIsWithinTheWindowThatTheReceiptNames() {
        TenantStore store = Shop.filled(directory, 1);
        Shop.delete(store.server(), "s1");
        Lsn before = Lsn.parse(store.server().value("SELECT pg_current_wal_insert_lsn()"));
        var applied = restore(store, "s1", RestorePolicy.INTO_EMPTY).applied().orElseThrow();
        assertThat(applied.begin()).isGreaterThanOrEqualTo(before);
        assertThat(applied.end()).isGreaterThan(applied.begin());
        assertThat(store.server().rows("SELECT DISTINCT xmin::text FROM public.member"))
                .containsExactly(Long.toString(applied.xid()));
    }

    @Test
    void liveRowsThatDifferAreRefusedByDefault() {
        TenantStore store = Shop.filled(directory, 2);
        store.server()
                .execute(
                        "UPDATE public.member SET name = 'changed' WHERE site_id = 's1' AND rank = 1",
                        "INSERT INTO public.comment (issue_id, body) SELECT min(id), 'new' FROM public.issue "
                                + "WHERE site_id = 's1'");
        List<String> before = Shop.versions(store.server(), "s1");

        TenantResult result = restore(store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
        ReinstateException failure = result.failure().orElseThrow();
        assertThat(failure.details())
                .anyMatch(line -> line.contains("public.member: 1 live rows are different, 0 were not there then"))
                .anyMatch(line -> line.contains("public.comment: 0 live rows are different, 1 were not there then"));
        assertThat(failure.toString() + failure.details()).doesNotContain("changed");
        assertThat(Shop.versions(store.server(), "s1")).isEqualTo(before);
    }

    @Test
    void replaceMakesTheTenantExactlyWhatItWas() throws IOException {
        TenantStore store = Shop.filled(directory, 2);
        TestServer server = store.server();
        List<String> then = Shop.contents(server, "s2");
        final List<String> others = Shop.versions(server, "s1");
        server.execute(
                "UPDATE public.issue SET body = NULL, price = 7 WHERE site_id = 's2' AND id % 3 = 0",
                "DELETE FROM public.member WHERE site_id = 's2' AND rank = 2",
                // ranks are unique: everybody has moved up
                "UPDATE public.member SET rank = rank - 1 WHERE site_id = 's2' AND rank = 3",
                "UPDATE public.member SET rank = rank - 1 WHERE site_id = 's2' AND rank = 4",
                "INSERT INTO public.member (site_id, name, rank) VALUES ('s2', 'newcomer', 99)",
                "DELETE FROM public.visit WHERE ctid IN (SELECT ctid FROM public.visit WHERE site_id = 's2' LIMIT 2)",
                "INSERT INTO public.visit VALUES ('s2', '/new', now())",
                "UPDATE public.event SET day = '2027-05-05' WHERE site_id = 's2' AND n = 1");
        List<String> newcomer = server.rows("SELECT id FROM public.member WHERE name = 'newcomer'");

        TenantResult result = restore(store, "s2", RestorePolicy.REPLACE);

        assertThat(result.failure()).isEmpty();
        assertThat(Shop.contents(server, "s2")).isEqualTo(then);
        assertThat(Shop.versions(server, "s1")).isEqualTo(others);
        Path saved = result.applied().orElseThrow().saved().orElseThrow();
        assertThat(Files.readString(saved.resolve("replaced.sql")))
                .contains("COPY \"public\".\"member\"")
                .contains(newcomer.getFirst() + "\ts2\tnewcomer\t99")
                .contains("/new");
    }

    @Test
    void missingOnlyTouchesNothingThatLives() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        server.execute(
                "DELETE FROM public.issue WHERE site_id = 's1' AND id % 3 = 0",
                "UPDATE public.member SET name = 'kept' WHERE site_id = 's1' AND rank = 1",
                "INSERT INTO public.visit VALUES ('s1', '/new', now())");
        final List<String> living = Shop.versions(server, "s1");
        final String visits = server.value("SELECT count(*) FROM public.visit");

        TenantResult result = restore(store, "s1", RestorePolicy.MISSING_ONLY);

        assertThat(result.failure()).isEmpty();
        assertThat(Shop.versions(server, "s1")).containsAll(living).hasSizeGreaterThan(living.size());
        assertThat(server.value("SELECT count(*) FROM public.issue WHERE id % 3 = 0"))
                .isNotEqualTo("0");
        assertThat(server.value("SELECT count(*) FROM public.visit")).isEqualTo(visits);
    }

    @Test
    void keysThatOthersTookAreListedInThePlan() {
        TenantStore store = Shop.filled(directory, 2);
        TestServer server = store.server();
        String key = server.value("SELECT min(id) FROM public.member WHERE site_id = 's1'");
        Shop.delete(server, "s1");
        server.execute("INSERT INTO public.member (id, site_id, name, rank) VALUES (" + key + ", 's2', 'x', 77)");
        List<String> others = Shop.versions(server, "s2");

        TenantResult result = restore(store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(result.failure().orElseThrow().details())
                .anyMatch(line -> line.contains("public.member: 1 keys of missing rows are held by rows that are not"));
        assertThat(Shop.contents(server, "s1")).isEmpty();
        assertThat(Shop.versions(server, "s2")).isEqualTo(others);
    }

    @Test
    void aUniqueCollisionNamesTheConstraintAndNoValue() {
        TenantStore store = Shop.filled(directory, 2);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        server.execute("UPDATE public.site SET slug = 'slug-s1' WHERE id = 's2'");

        ReinstateException failure =
                restore(store, "s1", RestorePolicy.INTO_EMPTY).failure().orElseThrow();

        assertThat(failure.kind()).isEqualTo(FailureKind.CONFLICT);
        assertThat(failure.toString() + failure.details())
                .contains("site_slug_key")
                .doesNotContain("slug-s1");
        assertThat(Shop.contents(server, "s1")).isEmpty();
    }

    @Test
    void aSharedRowThatIsGoneIsAConflict() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        server.execute("DELETE FROM public.country WHERE code = 'de'");

        ReinstateException failure =
                restore(store, "s1", RestorePolicy.INTO_EMPTY).failure().orElseThrow();

        assertThat(failure.details()).anyMatch(line -> line.contains("1 rows of public.country that foreign key"));
        assertThat(Shop.contents(server, "s1")).isEmpty();
    }

    @Test
    void aReferenceToAnotherTenantsLostRowIsFoundByOurOwnCheck() {
        TestServer server = Shop.newServer();
        server.execute("INSERT INTO public.site VALUES ('a', 'a', NULL, NULL, now()), ('b', 'b', NULL, NULL, now())");
        server.execute("INSERT INTO public.member (id, site_id, rank) VALUES (1, 'b', 1)");
        server.execute("INSERT INTO public.issue (site_id, reporter) VALUES ('a', 1)");
        TenantStore store = new TenantStore(server, Shop.map(), directory).image(List.of("a", "b"));
        server.execute("DELETE FROM public.site");

        ReinstateException failure =
                restore(store, "a", RestorePolicy.INTO_EMPTY).failure().orElseThrow();

        assertThat(failure.kind()).isEqualTo(FailureKind.CONFLICT);
        assertThat(failure.details()).anyMatch(line -> line.contains("issue_reporter_fkey"));
        assertThat(Shop.contents(server, "a")).isEmpty();
    }

    @Test
    void aRowThatOthersReferToIsNotDeleted() {
        TenantStore store = Shop.filled(directory, 2);
        TestServer server = store.server();
        server.execute(
                "INSERT INTO public.member (id, site_id, name, rank) VALUES (5000, 's1', 'new', 50)",
                "UPDATE public.issue SET reporter = 5000 WHERE site_id = 's2'");
        List<String> before = Shop.versions(server, "s1");

        TenantResult result = restore(store, "s1", RestorePolicy.REPLACE);

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(result.failure().orElseThrow().details())
                .anyMatch(line -> line.contains("public.issue refer to rows of public.member that would go"));
        assertThat(Shop.versions(server, "s1")).isEqualTo(before);
    }

    @Test
    void sequencesNeverEndUpBehindRestoredKeys() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        server.execute(
                "SELECT setval('public.member_id_seq', 1, false)", "SELECT setval('public.comment_id_seq', 100000)");

        restore(store, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(server.value("SELECT nextval('public.member_id_seq') > max(id) FROM public.member"))
                .isEqualTo("t");
        assertThat(server.value("SELECT nextval('public.comment_id_seq')")).isEqualTo("100001");
        server.execute("INSERT INTO public.issue (site_id) VALUES ('s1')");
    }

    @Test
    void severalTenantsAtOnceAndOneThatFailsStopsNoOther() {
        TenantStore store = Shop.filled(directory, 8);
        TestServer server = store.server();
        List<List<String>> then = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            then.add(Shop.contents(server, "s" + i));
            Shop.delete(server, "s" + i);
        }
        server.execute("INSERT INTO public.site VALUES ('other', 'slug-s3', NULL, NULL, now())");
        RestoreRun run = store.run(server.database(), RestoreListener.SILENT, 3);
        List<RestoreRequest> requests = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            requests.add(
                    new RestoreRequest(new TenantId("s" + i), store.position(), RestorePolicy.INTO_EMPTY, Set.of()));
        }
        List<RestorePlan> plans = run.plan(requests).stream()
                .map(planned -> planned.plan().orElseThrow())
                .toList();

        List<TenantResult> results = run.apply(plans, "many");

        for (int i = 1; i <= 8; i++) {
            assertThat(results.get(i - 1).tenant().value()).isEqualTo("s" + i);
            assertThat(results.get(i - 1).outcome()).isEqualTo(i == 3 ? Outcome.CONFLICT : Outcome.RESTORED);
            assertThat(Shop.contents(server, "s" + i)).isEqualTo(i == 3 ? List.of() : then.get(i - 1));
        }
    }

    @Test
    void intoAnotherDatabase() {
        TenantStore store = Shop.filled(directory, 2);
        TestServer scratch = Shop.newServer();
        RestoreRun run = store.run(scratch.database(), RestoreListener.SILENT, 1);

        TenantResult result = run.apply(List.of(plan(run, store, "s2", RestorePolicy.INTO_EMPTY)), "receipt")
                .getFirst();

        assertThat(result.failure()).isEmpty();
        assertThat(run.isSameStore()).isFalse();
        assertThat(Shop.contents(scratch, "s2")).isEqualTo(Shop.contents(store.server(), "s2"));
        scratch.execute("INSERT INTO public.issue (site_id) VALUES ('s2')");
    }

    static TenantResult restore(TenantStore store, String tenant, RestorePolicy policy, String... leaveOut) {
        return restore(store, store.run(RestoreListener.SILENT), tenant, policy, leaveOut);
    }

    static TenantResult restore(
            TenantStore store, RestoreRun run, String tenant, RestorePolicy policy, String... leaveOut) {
        return run.apply(List.of(plan(run, store, tenant, policy, leaveOut)), "receipt" + System.nanoTime())
                .getFirst();
    }

    static RestorePlan plan(
            RestoreRun run, TenantStore store, String tenant, RestorePolicy policy, String... leaveOut) {
        RestoreRequest request = new RestoreRequest(new TenantId(tenant), store.position(), policy, Set.of(leaveOut));
        PlannedTenant planned = run.plan(List.of(request)).getFirst();
        return planned.plan().orElseThrow(() -> planned.failure().orElseThrow());
    }

    static TablePlan table(RestorePlan plan, String name) {
        return plan.tables().stream()
                .filter(table -> table.table().equals(TableName.parse(name)))
                .findFirst()
                .orElseThrow();
    }
}
