package dev.reinstate.restore;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.restore.apply.TenantRestore;
import dev.reinstate.restore.plan.Planner;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.plan.TargetTables;
import dev.reinstate.restore.schema.SchemaKnowledge;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Plans and restores several tenants at once into one database. What fails for one does not stop the others. Reads the
 * database's catalogue once, when it is opened.
 */
public final class RestoreRun {
    private final ArchiveReader archive;
    private final Database database;
    private final RestoreSettings settings;
    private final RestoreListener listener;
    private final TargetTables target;
    private final StoreIdentity identity;

    private RestoreRun(
            ArchiveReader archive,
            Database database,
            RestoreSettings settings,
            RestoreListener listener,
            TargetTables target,
            StoreIdentity identity) {
        this.archive = archive;
        this.database = database;
        this.settings = settings;
        this.listener = listener;
        this.target = target;
        this.identity = identity;
    }

    /** Looks at the database. {@code UNAVAILABLE} or {@code INVALID} when it cannot be reached or is a standby. */
    public static RestoreRun open(
            ArchiveReader archive, Database database, RestoreSettings settings, RestoreListener listener) {
        try (Connection connection = database.connect()) {
            if (Database.isStandby(connection)) {
                throw ReinstateException.invalid(
                        database.displayName() + " cannot be restored into",
                        "it is a standby, which can be read and not written",
                        "give the primary's URL");
            }
            StoreIdentity identity = Database.identity(connection);
            ArchiveReader.SalvagedHistory history = archive.salvagedCatalogueHistory();
            SchemaKnowledge knowledge = new SchemaKnowledge(
                    settings.schema(),
                    history.versions(),
                    history.lost(),
                    isSame(archive.state().store(), identity));
            TargetTables target = TargetTables.read(connection, archive.state().tenancyMap(), knowledge);
            return new RestoreRun(archive, database, settings, listener, target, identity);
        } catch (SQLException e) {
            throw PostgresFailure.of("Looking at " + database.displayName(), e);
        }
    }

    /** Which store the database is. */
    public StoreIdentity target() {
        return identity;
    }

    /** Whether it is the very store the archive is of, so that what is written comes back in the change stream. */
    public boolean isSameStore() {
        return isSame(archive.state().store(), identity);
    }

    private static boolean isSame(StoreIdentity archived, StoreIdentity found) {
        return archived.systemIdentifier() == found.systemIdentifier()
                && archived.database().equals(found.database());
    }

    /** The plans, in the order of the requests. */
    public List<PlannedTenant> plan(List<RestoreRequest> requests) {
        Planner planner = new Planner(archive, settings.sorters(), target);
        return inParallel(requests, (request, connections) -> {
            PlannedTenant planned = plan(planner, request, connections);
            listener.planned(planned);
            return planned;
        });
    }

    private static PlannedTenant plan(Planner planner, RestoreRequest request, WorkerConnection connections) {
        try {
            return PlannedTenant.of(planner.plan(connections.get(), request));
        } catch (ReinstateException e) {
            return PlannedTenant.failed(request, e);
        }
    }

    /**
     * Carries out approved plans, once more where the server had to choose between a restore and somebody else's
     * transaction; the results are in the order of the plans.
     *
     * @param receiptId written into every transaction
     */
    public List<TenantResult> apply(List<RestorePlan> plans, String receiptId) {
        TenantRestore restore = new TenantRestore(
                archive,
                settings.sorters(),
                target,
                settings.workDirectory(),
                listener,
                new TenantRestore.Into(database, identity));
        Attempts attempts = new Attempts(restore, new Planner(archive, settings.sorters(), target));
        return inParallel(plans, (plan, connections) -> {
            TenantResult result = apply(attempts, plan, receiptId, connections);
            listener.finished(result);
            return result;
        });
    }

    private TenantResult apply(Attempts attempts, RestorePlan plan, String receiptId, WorkerConnection connections) {
        try {
            if (plan.refusal().isEmpty() && plan.isRight()) {
                return TenantResult.alreadyRight(plan);
            }
            return TenantResult.restored(plan, attempts.apply(connections, plan, receiptId, saveTo(plan, receiptId)));
        } catch (ReinstateException e) {
            return TenantResult.failed(plan, e);
        }
    }

    private Path saveTo(RestorePlan plan, String receiptId) {
        String tenant = plan.request().tenant().value().replaceAll("[^A-Za-z0-9_-]", "_");
        return settings.savedRowsDirectory().resolve(receiptId).resolve(tenant);
    }

    private interface Work<T, R> {
        R apply(T item, WorkerConnection connection);
    }

    private <T, R> List<R> inParallel(List<T> items, Work<T, R> work) {
        int workers = Math.min(settings.workers(), Math.max(1, items.size()));
        Queue<WorkerConnection> idle = new ConcurrentLinkedQueue<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(workers)) {
            List<Future<R>> futures = new ArrayList<>();
            items.forEach(item -> futures.add(executor.submit(() -> withConnection(idle, item, work))));
            List<R> results = new ArrayList<>();
            for (Future<R> future : futures) {
                results.add(result(future));
            }
            return results;
        } finally {
            idle.forEach(WorkerConnection::close);
        }
    }

    private <T, R> R withConnection(Queue<WorkerConnection> idle, T item, Work<T, R> work) {
        WorkerConnection polled = idle.poll();
        WorkerConnection connection = polled == null ? new WorkerConnection(database) : polled;
        try {
            return work.apply(item, connection);
        } finally {
            idle.add(connection);
        }
    }

    private static <R> R result(Future<R> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ReinstateException.unavailable(
                    "The restore was interrupted", "this process was asked to stop", "run it again to finish", e);
        }
    }
}
