package dev.reinstate.postgres.copy;

import dev.reinstate.model.Tuple;
import java.sql.Connection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Streams the rows of a query out of a server, in memory bounded by one row. Not thread-safe. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class CopyOut implements AutoCloseable {
    private CopyOut() {}

    /**
     * Starts {@code COPY (query) TO STDOUT}; the connection serves nothing else until closed.
     *
     * @param query a SELECT without parameters
     */
    public static CopyOut start(Connection connection, String query, int columnCount) {
        throw new UnsupportedOperationException(connection + query + columnCount);
    }

    /** Streams all rows to {@code rows} and tells how many there were. */
    public static long forEach(Connection connection, String query, int columnCount, Consumer<Tuple> rows) {
        throw new UnsupportedOperationException(connection + query + columnCount + rows);
    }

    /** The next row; null at the end. */
    public @Nullable Tuple next() {
        throw new UnsupportedOperationException();
    }

    /** Cancels what was not read; the connection can be used again. */
    @Override
    public void close() {}
}
