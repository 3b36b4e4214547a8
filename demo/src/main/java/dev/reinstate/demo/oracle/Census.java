package dev.reinstate.demo.oracle;

import dev.reinstate.demo.saas.Ownership;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** Counts rows per site with plain SQL, all tables as of one instant. */
public final class Census {
    private final DataSource database;

    /** Rows by site and table; what has none is absent. */
    public record Rows(Map<String, Map<String, Long>> bySite) {
        public long at(String site, String table) {
            return bySite.getOrDefault(site, Map.of()).getOrDefault(table, 0L);
        }

        public long of(String site) {
            return bySite.getOrDefault(site, Map.of()).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    public Census(DataSource database) {
        this.database = database;
    }

    /** Rows per site in every table. */
    public Rows rows() throws SQLException {
        return count("true");
    }

    /**
     * Rows whose present version was written by one of these transactions.
     *
     * @param transactions their ids
     */
    public Rows writtenBy(Collection<Long> transactions) throws SQLException {
        return count(writtenByCondition(transactions));
    }

    /** Rows of reference data whose present version was written by one of these transactions. */
    public long sharedRowsWrittenBy(Collection<Long> transactions) throws SQLException {
        long rows = 0;
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : Ownership.SHARED) {
                String sql = "SELECT count(*) FROM %s t WHERE %s".formatted(table, writtenByCondition(transactions));
                try (ResultSet row = statement.executeQuery(sql)) {
                    row.next();
                    rows += row.getLong(1);
                }
            }
        }
        return rows;
    }

    /** A row carries the 32 low bits of the id. */
    private static String writtenByCondition(Collection<Long> transactions) {
        String ids = transactions.stream()
                .map(id -> Long.toString(id & 0xFFFF_FFFFL))
                .collect(Collectors.joining(",", "{", "}"));
        return "t.xmin = ANY ('" + ids + "'::xid[])";
    }

    private Rows count(String condition) throws SQLException {
        Map<String, Map<String, Long>> rows = new TreeMap<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            for (Ownership.Table table : Ownership.TABLES) {
                String sql = "SELECT %s, count(*) FROM %s WHERE %s GROUP BY 1"
                        .formatted(table.site(), table.from(), condition);
                try (ResultSet row = statement.executeQuery(sql)) {
                    while (row.next()) {
                        rows.computeIfAbsent(row.getString(1), site -> new TreeMap<>())
                                .put(table.name(), row.getLong(2));
                    }
                }
            }
        }
        return new Rows(rows);
    }
}
