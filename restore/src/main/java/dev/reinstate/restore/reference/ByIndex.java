package dev.reinstate.restore.reference;

import dev.reinstate.postgres.PostgresFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Supplier;

/**
 * Has the server look rows up one by one. Right after a restore has written, its statistics know nothing of the new
 * rows, and a plan that reads a whole shared table would cost in proportion to the database instead of the tenant.
 */
public final class ByIndex {
    private ByIndex() {}

    /** Does something in the running transaction with such plans only, wherever an index allows them. */
    public static <T> T call(Connection connection, Supplier<T> statements) {
        set(connection, true);
        T result = statements.get();
        set(connection, false);
        return result;
    }

    /** Has statements planned that way, or in the usual way, until told otherwise or the transaction ends. */
    public static void set(Connection connection, boolean byIndex) {
        String value = byIndex ? "off" : "DEFAULT";
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL enable_seqscan TO " + value + "; SET LOCAL enable_hashjoin TO " + value
                    + "; SET LOCAL enable_mergejoin TO " + value);
        } catch (SQLException e) {
            throw PostgresFailure.of("Setting how the server looks rows up", e);
        }
    }
}
