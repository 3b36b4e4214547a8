package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.plan;
import static dev.reinstate.restore.RestoreRunTest.restore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.apply.Step;
import dev.reinstate.restore.fixture.BreakingProxy;
import dev.reinstate.restore.fixture.BreakingProxy.Break;
import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores that the server rolls back for somebody else's sake, and those whose connection breaks as they commit. */
class ContendedRestoreTest {
    @TempDir
    Path directory;

    /** Does something whenever a restore comes to a step, and remembers the steps. */
    private static final class Watching implements RestoreListener {
        private final List<Step> steps = new ArrayList<>();
        private final Step wanted;
        private final Runnable action;

        Watching(Step wanted, Runnable action) {
            this.wanted = wanted;
            this.action = action;
        }

        @Override
        public void step(TenantId tenant, Step step) {
            steps.add(step);
            if (step == wanted) {
                action.run();
            }
        }

        long attempts() {
            return steps.stream().filter(Step.BEGINNING::equals).count();
        }
    }

    private TenantStore damaged() {
        TenantStore store = Shop.filled(directory, 1);
        store.server()
                .execute(
                        "UPDATE public.member SET name = 'changed' WHERE site_id = 's1'",
                        "UPDATE public.issue SET body = 'changed' WHERE site_id = 's1'",
                        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''100ms''',"
                                + " current_database()); END $$");
        return store;
    }

    /** Somebody who holds an issue, waits until the restore does, and then wants a member that the restore holds. */
    private static Thread deadlock(TestServer server) throws SQLException {
        Connection other = server.connect();
        Statement statement = other.createStatement();
        statement.execute("SET deadlock_timeout = '1h'");
        other.setAutoCommit(false);
        statement.execute("SELECT FROM public.issue WHERE site_id = 's1' FOR UPDATE");
        return Thread.ofVirtual().start(() -> {
            try (other) {
                server.await("SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND wait_event_type = 'Lock'");
                statement.execute("SELECT FROM public.member WHERE site_id = 's1' FOR UPDATE");
                other.rollback();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void theVictimOfADeadlockTriesAgain() throws IOException {
        TenantStore store = damaged();
        TestServer server = store.server();
        AtomicInteger met = new AtomicInteger();
        Watching watching = new Watching(Step.CHANGING, () -> {
            if (met.getAndIncrement() == 0) {
                try {
                    deadlock(server);
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            }
        });

        TenantResult result = restore(store, store.run(watching), "s1", RestorePolicy.REPLACE);

        assertThat(result.failure()).isEmpty();
        assertThat(watching.attempts()).isEqualTo(2);
        assertThat(server.value("SELECT count(*) FROM public.issue WHERE body = 'changed'"))
                .isEqualTo("0");
        assertThat(Files.readString(
                        result.applied().orElseThrow().saved().orElseThrow().resolve("replaced.sql")))
                .contains("changed");
        assertThat(restore(store, "s1", RestorePolicy.REPLACE).outcome()).isEqualTo(Outcome.ALREADY_RIGHT);
    }

    @Test
    void whoeverMeetsOthersAgainAndAgainGivesUp() {
        TenantStore store = damaged();
        TestServer server = store.server();
        List<String> before = Shop.versions(server, "s1");
        Watching watching = new Watching(Step.CHANGING, () -> {
            try {
                deadlock(server);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });

        TenantResult result = restore(store, store.run(watching), "s1", RestorePolicy.REPLACE);

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(watching.attempts()).isEqualTo(3);
        assertThat(Shop.versions(server, "s1")).isEqualTo(before);
    }

    @Test
    void aTenantThatWasChangedMeanwhileIsNotRestoredByAnOldPlan() {
        TenantStore store = damaged();
        TestServer server = store.server();
        Watching watching = new Watching(Step.CHANGING, () -> {
            try {
                deadlock(server);
                server.execute("INSERT INTO public.visit VALUES ('s1', '/mine', now())");
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });

        TenantResult result = restore(store, store.run(watching), "s1", RestorePolicy.REPLACE);

        assertThat(result.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(result.failure().orElseThrow().what()).contains("no longer as it was when the plan was made");
        assertThat(watching.attempts()).isEqualTo(1);
        assertThat(server.value("SELECT count(*) FROM public.visit WHERE path = '/mine'"))
                .isEqualTo("1");
    }

    /** In one snapshot, what it refers to was written anew meanwhile. */
    @Test
    void aSnapshotThatCannotBeKeptToIsTakenAnew() {
        TenantStore store = Shop.filled(directory, 1);
        TestServer server = store.server();
        final List<String> then = Shop.contents(server, "s1");
        Shop.delete(server, "s1");
        AtomicInteger met = new AtomicInteger();
        Watching watching = new Watching(Step.CHECKING_REFERENCES, () -> {
            if (met.getAndIncrement() == 0) {
                server.execute(
                        "UPDATE public.country SET code = code || '!'",
                        "UPDATE public.country SET code = rtrim(code, '!')");
            }
        });

        TenantResult result = restore(store, store.run(watching), "s1", RestorePolicy.MISSING_ONLY);

        assertThat(result.failure()).isEmpty();
        assertThat(watching.attempts()).isEqualTo(2);
        assertThat(Shop.contents(server, "s1")).isEqualTo(then);
    }

    @Test
    void aConnectionThatBreaksDuringTheCommitIsAskedAfter() {
        for (Break when : List.of(Break.AFTER_COMMIT, Break.BEFORE_COMMIT)) {
            TenantStore store = Shop.filled(directory, 1);
            TestServer server = store.server();
            final List<String> then = Shop.contents(server, "s1");
            Shop.delete(server, "s1");
            try (BreakingProxy proxy = new BreakingProxy(TestServer.port())) {
                Watching watching = new Watching(Step.COMMITTING, () -> proxy.breakNext(when));
                RestoreRun run = store.run(server.databaseAt(proxy.port()), watching, 1);
                RestorePlan plan = plan(run, store, "s1", RestorePolicy.INTO_EMPTY);

                TenantResult result = run.apply(List.of(plan), "receipt").getFirst();

                if (when == Break.AFTER_COMMIT) {
                    assertThat(result.failure()).isEmpty();
                    assertThat(result.applied().orElseThrow().end())
                            .isGreaterThan(result.applied().orElseThrow().begin());
                    assertThat(Shop.contents(server, "s1")).isEqualTo(then);
                } else {
                    assertThat(result.failure().orElseThrow().kind()).isEqualTo(FailureKind.UNAVAILABLE);
                    assertThat(result.failure().orElseThrow().what()).isEqualTo("Tenant s1 was not restored");
                    assertThat(Shop.contents(server, "s1")).isEmpty();
                }
            }
        }
    }
}
