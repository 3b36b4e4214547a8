package dev.reinstate.postgres.copy;

import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.PostgresFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Streams the rows of a query out of a server, in memory bounded by one row. Not thread-safe. */
public final class CopyOut implements AutoCloseable {
    private static final String FAILURE = "Cannot read rows";

    private final PGConnection connection;
    private final org.postgresql.copy.CopyOut copy;
    private final CopyText.Parser parser;

    private CopyOut(PGConnection connection, org.postgresql.copy.CopyOut copy, CopyText.Parser parser) {
        this.connection = connection;
        this.copy = copy;
        this.parser = parser;
    }

    /**
     * Starts {@code COPY (query) TO STDOUT}; the connection serves nothing else until closed.
     *
     * @param query a SELECT without parameters
     */
    public static CopyOut start(Connection connection, String query, int columnCount) {
        try {
            PGConnection driver = connection.unwrap(PGConnection.class);
            org.postgresql.copy.CopyOut copy = driver.getCopyAPI().copyOut("COPY (" + query + ") TO STDOUT");
            return new CopyOut(driver, copy, new CopyText.Parser(columnCount));
        } catch (SQLException e) {
            throw PostgresFailure.of(FAILURE, e);
        }
    }

    /** Streams all rows to {@code rows} and tells how many there were. */
    public static long forEach(Connection connection, String query, int columnCount, Consumer<Tuple> rows) {
        try (CopyOut copy = start(connection, query, columnCount)) {
            long count = 0;
            for (Tuple row = copy.next(); row != null; row = copy.next()) {
                rows.accept(row);
                count++;
            }
            return count;
        }
    }

    /** The next row; null at the end. */
    public @Nullable Tuple next() {
        try {
            byte[] line = copy.isActive() ? copy.readFromCopy() : null;
            return line == null ? null : parser.parse(line, 0, line.length);
        } catch (SQLException e) {
            throw PostgresFailure.of(FAILURE, e);
        }
    }

    /**
     * Cancels what was not read. Under auto-commit the connection can be used at once, else its transaction is failed
     * and must be rolled back.
     */
    @Override
    public void close() {
        if (!copy.isActive()) {
            return;
        }
        try {
            connection.cancelQuery();
            while (copy.isActive() && copy.readFromCopy() != null) {
                // what was on its way when the server heard of it
            }
        } catch (SQLException e) {
            if (!PostgresFailure.state(e).equals("57014")) {
                throw PostgresFailure.of(FAILURE, e);
            }
        }
    }
}
