package dev.reinstate.bench.load;

import dev.reinstate.bench.server.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A schema with tenants, and transactions upon it. */
public interface Workload {
    String name();

    /** The table with one row a tenant, {@code schema.table}. */
    String tenantTable();

    /** Tenants' tables, parents first. */
    List<String> tables();

    /** Makes the schema, the tenants' rows and the procedure behind {@link #change}. */
    void create(Database database) throws SQLException;

    /**
     * Commits that many small transactions and returns how many rows they changed.
     *
     * @param seed picks the rows; another seed, other rows
     */
    long change(Connection connection, long transactions, double seed) throws SQLException;

    /** Fills a backlog, with changes that are the same every time. */
    default long fillBacklog(Database database, long transactions) throws SQLException {
        return fillBacklog(database, transactions, 0.25);
    }

    /** Fills a backlog: as {@link #change}, but flushed only once, at the end. */
    default long fillBacklog(Database database, long transactions, double seed) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
            long changes = change(connection, transactions, seed);
            statement.execute("SET synchronous_commit = on");
            statement.execute("SELECT pg_logical_emit_message(true, 'bench', 'a commit that flushes')");
            return changes;
        }
    }
}
