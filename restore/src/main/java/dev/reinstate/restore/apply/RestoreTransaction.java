package dev.reinstate.restore.apply;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.WriteMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;

/** The one transaction of a tenant's restore. Closing it without a commit rolls it back. Not thread-safe. */
final class RestoreTransaction implements AutoCloseable {
    /** Longest wait for a lock that someone else holds, before the restore gives up rather than standing in the way. */
    private static final int LOCK_TIMEOUT_MILLIS = 30_000;

    private final Connection connection;
    private final TenantId tenant;
    private final Lsn begin;
    private final CommitOutcome outcome;
    private boolean open = true;

    private RestoreTransaction(Connection connection, TenantId tenant, Lsn begin, CommitOutcome outcome) {
        this.connection = connection;
        this.tenant = tenant;
        this.begin = begin;
        this.outcome = outcome;
    }

    /** A committed transaction and the stretch of the log that its commit is in. */
    record Committed(long xid, Lsn begin, Lsn end, Instant time) {}

    /** @param outcome asked what became of the commit when the connection breaks */
    static RestoreTransaction begin(Connection connection, RestorePlan plan, CommitOutcome outcome) {
        TenantId tenant = plan.request().tenant();
        try {
            Lsn begin = logPosition(connection);
            connection.setAutoCommit(false);
            RestoreTransaction transaction = new RestoreTransaction(connection, tenant, begin, outcome);
            try {
                transaction.prepare(plan);
                return transaction;
            } catch (SQLException | RuntimeException e) {
                transaction.close();
                throw e;
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Beginning to restore tenant " + tenant, e);
        }
    }

    /**
     * Where only missing rows are written, one snapshot is enough and what the tenant's users write meanwhile stays out
     * of the way. Where live rows are changed, every statement must see the newest, so that nobody's write is lost.
     */
    private void prepare(RestorePlan plan) throws SQLException {
        boolean oneSnapshot = plan.request().policy() == RestorePolicy.MISSING_ONLY;
        execute("SET TRANSACTION ISOLATION LEVEL " + (oneSnapshot ? "REPEATABLE READ" : "READ COMMITTED"));
        execute("SET LOCAL lock_timeout = " + LOCK_TIMEOUT_MILLIS);
        if (!lock()) {
            throw ReinstateException.conflict(
                    "Tenant " + tenant + " is being restored already",
                    "another restore holds its lock",
                    "wait for it to end, then look at the plan again");
        }
        if (plan.mode() == WriteMode.REPLICA_ROLE) {
            execute("SET LOCAL session_replication_role = replica");
        } else {
            execute("SET CONSTRAINTS ALL DEFERRED");
        }
    }

    private boolean lock() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))")) {
            statement.setString(1, "reinstate:" + tenant.value());
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getBoolean(1);
            }
        }
    }

    /** Has the server check whatever it has put off. */
    void checkConstraints() {
        try {
            execute("SET CONSTRAINTS ALL IMMEDIATE");
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    Committed commit(String receiptId) {
        String fullXid = "";
        try {
            fullXid = mark(receiptId);
            connection.commit();
            open = false;
            return committed(fullXid, logPosition(connection));
        } catch (SQLException e) {
            if (fullXid.isEmpty() || !CommitOutcome.isOpen(connection, e)) {
                throw failure(e);
            }
            CommitOutcome.Seen seen = outcome.require(tenant, fullXid, e);
            return new Committed(shortXid(fullXid), begin, seen.end(), seen.time());
        }
    }

    private String mark(String receiptId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_current_xact_id()::text, pg_logical_emit_message(true, 'reinstate', ?)")) {
            statement.setString(1, receiptId);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getString(1);
            }
        }
    }

    private Committed committed(String fullXid, Lsn end) throws SQLException {
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT clock_timestamp()")) {
            result.next();
            Timestamp time = result.getTimestamp(1);
            return new Committed(shortXid(fullXid), begin, end, time.toInstant());
        }
    }

    private static long shortXid(String fullXid) {
        return Long.parseUnsignedLong(fullXid) & 0xFFFF_FFFFL;
    }

    private static Lsn logPosition(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            result.next();
            return Lsn.parse(result.getString(1));
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private ReinstateException failure(SQLException cause) {
        return PostgresFailure.of("Restoring tenant " + tenant, cause);
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            // the connection is gone, and with it the transaction
        }
    }
}
