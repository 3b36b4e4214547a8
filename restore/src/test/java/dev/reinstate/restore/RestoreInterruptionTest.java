package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.plan;
import static dev.reinstate.restore.RestoreRunTest.restore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.apply.Step;
import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RestoreInterruptionTest {
    @TempDir
    Path directory;

    /** Does something when a restore comes to a step. */
    private static RestoreListener at(Step wanted, Runnable action) {
        return new RestoreListener() {
            @Override
            public void step(TenantId tenant, Step step) {
                if (step == wanted) {
                    action.run();
                }
            }
        };
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void killedAnywhereTheTenantIsUntouchedAndRunningAgainFinishes(Step step) {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        List<String> then = Shop.contents(server, "s1");
        server.execute(
                "DELETE FROM public.issue WHERE site_id = 's1' AND id % 2 = 0",
                "UPDATE public.member SET name = 'changed' WHERE site_id = 's1'",
                "INSERT INTO public.visit VALUES ('s1', '/new', now())");
        List<String> damaged = Shop.versions(server, "s1");
        RestoreRun dying = store.run(at(step, () -> killOthers(server)));

        TenantResult result = restore(store, dying, "s1", RestorePolicy.REPLACE);

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.failure().orElseThrow().kind()).isEqualTo(FailureKind.UNAVAILABLE);
        assertThat(Shop.versions(server, "s1")).isEqualTo(damaged);
        assertThat(restore(store, "s1", RestorePolicy.REPLACE).failure()).isEmpty();
        assertThat(Shop.contents(server, "s1")).isEqualTo(then);
    }

    private static void killOthers(TestServer server) {
        server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    @Test
    void aRowChangedAfterItWasComparedIsNotOverwritten() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        server.execute("UPDATE public.issue SET body = 'damaged' WHERE site_id = 's1'");
        RestoreRun run = store.run(at(
                Step.CHANGING,
                () -> server.execute("UPDATE public.issue SET body = 'users own' WHERE site_id = 's1' AND id = "
                        + "(SELECT min(id) FROM public.issue)")));

        TenantResult result = restore(store, run, "s1", RestorePolicy.REPLACE);

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(server.value("SELECT count(*) FROM public.issue WHERE body = 'users own'"))
                .isEqualTo("1");
        assertThat(server.value("SELECT count(*) FROM public.issue WHERE body <> 'damaged'"))
                .isEqualTo("1");
    }

    @Test
    void aRowWrittenWhileItRunsEndsInConflict() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        server.execute("DELETE FROM public.comment");
        RestoreRun run = store.run(
                at(Step.VERIFYING, () -> server.execute("INSERT INTO public.visit VALUES ('s1', '/mine', now())")));

        TenantResult result = restore(store, run, "s1", RestorePolicy.INTO_EMPTY);

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(result.failure().orElseThrow().details())
                .containsExactly("public.visit: 3 rows must be there, 4 were read back");
        assertThat(server.value("SELECT count(*) FROM public.comment")).isEqualTo("0");
    }

    @Test
    void missingOnlyLeavesRoomForItsUsers() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        server.execute("DELETE FROM public.comment");
        RestoreRun run = store.run(
                at(Step.VERIFYING, () -> server.execute("INSERT INTO public.visit VALUES ('s1', '/mine', now())")));

        assertThat(restore(store, run, "s1", RestorePolicy.MISSING_ONLY).failure())
                .isEmpty();
        assertThat(server.value("SELECT count(*) FROM public.visit WHERE path = '/mine'"))
                .isEqualTo("1");
    }

    @Test
    void aTenantChangedSinceThePlanIsAConflict() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        Shop.delete(server, "s1");
        RestoreRun run = store.run(RestoreListener.SILENT);
        RestorePlan plan = plan(run, store, "s1", RestorePolicy.REPLACE);
        server.execute("INSERT INTO public.site VALUES ('s1', 'new', NULL, NULL, now())");
        List<String> before = Shop.versions(server, "s1");

        TenantResult result = run.apply(List.of(plan), "late").getFirst();

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(Shop.versions(server, "s1")).isEqualTo(before);
    }

    @Test
    void twoRestoresOfOneTenantDoNotMeet() throws SQLException {
        TenantStore store = Shop.filled(directory, 1);
        Shop.delete(store.server(), "s1");
        try (Connection other = store.server().connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(hashtextextended('reinstate:s1', 0))");

            TenantResult result = restore(store, "s1", RestorePolicy.INTO_EMPTY);

            assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
            assertThat(result.failure().orElseThrow().what()).contains("being restored already");
            other.rollback();
        }
    }
}
