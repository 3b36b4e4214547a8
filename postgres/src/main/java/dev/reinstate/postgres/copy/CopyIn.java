package dev.reinstate.postgres.copy;

import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.sql.Connection;
import java.util.List;

/** Writes rows into a table by COPY, buffering 64 KB. Not thread-safe. Identity columns take the values given. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class CopyIn implements AutoCloseable {
    private CopyIn() {}

    /** Starts {@code COPY table (columns) FROM STDIN}; the connection serves nothing else until finished or closed. */
    public static CopyIn start(Connection connection, TableName table, List<String> columns) {
        throw new UnsupportedOperationException(connection.toString() + table + columns);
    }

    /** The same into a table named in SQL as it stands, for example a temporary one. */
    public static CopyIn start(Connection connection, String quotedTable, List<String> columns) {
        throw new UnsupportedOperationException(connection + quotedTable + columns);
    }

    /** Adds a row whose columns are those of {@link #start}, in that order. */
    public void add(Tuple row) {
        throw new UnsupportedOperationException(row.toString());
    }

    /** Adds those columns of a row, in that order. */
    public void add(Tuple row, int[] columns) {
        throw new UnsupportedOperationException(row.toString() + columns.length);
    }

    /** Completes the COPY; the number of rows the server took. */
    public long finish() {
        throw new UnsupportedOperationException();
    }

    /** Cancels a COPY that was not finished, which also fails the transaction it is in. */
    @Override
    public void close() {}
}
