package dev.reinstate.bench.load;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Calls the procedure that both workloads define. */
final class Procedures {
    private Procedures() {}

    static long change(Connection connection, long transactions, double seed) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement("CALL bench_change(?, ?, 0)")) {
            call.setLong(1, transactions);
            call.setDouble(2, seed);
            try (ResultSet result = call.executeQuery()) {
                result.next();
                return result.getLong(1);
            }
        }
    }
}
