package dev.reinstate.postgres.copy;

import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;

/** Writes rows into a table by COPY, buffering 64 KB. Not thread-safe. Identity columns take the values given. */
public final class CopyIn implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final String failure;
    private final org.postgresql.copy.CopyIn copy;
    private final CopyTextWriter writer = new CopyTextWriter(BUFFER_BYTES, this::send);

    private CopyIn(String failure, org.postgresql.copy.CopyIn copy) {
        this.failure = failure;
        this.copy = copy;
    }

    /** Starts {@code COPY table (columns) FROM STDIN}; the connection serves nothing else until finished or closed. */
    public static CopyIn start(Connection connection, TableName table, List<String> columns) {
        return start(connection, Sql.table(table), columns);
    }

    /** The same into a table named in SQL as it stands, for example a temporary one. */
    public static CopyIn start(Connection connection, String quotedTable, List<String> columns) {
        String failure = "Cannot write rows into " + quotedTable;
        String sql = "COPY " + quotedTable + " (" + Sql.identifiers(columns) + ") FROM STDIN";
        try {
            return new CopyIn(
                    failure, connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql));
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    /** Adds a row whose columns are those of {@link #start}, in that order. */
    public void add(Tuple row) {
        writer.writeRow(row);
    }

    /** Adds those columns of a row, in that order. */
    public void add(Tuple row, int[] columns) {
        writer.writeRow(row, columns);
    }

    /** Completes the COPY; the number of rows the server took. */
    public long finish() {
        writer.flush();
        try {
            return copy.endCopy();
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    private void send(byte[] bytes, int length) {
        try {
            copy.writeToCopy(bytes, 0, length);
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    /** Cancels a COPY that was not finished, which also fails the transaction it is in. */
    @Override
    public void close() {
        if (!copy.isActive()) {
            return;
        }
        try {
            copy.cancelCopy();
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }
}
