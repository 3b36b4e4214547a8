package dev.reinstate.postgres.copy;

import dev.reinstate.model.Tuple;

/** Rows of COPY's text format (tab-delimited, {@code \N} for NULL) to tuples and back. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class CopyText {
    private CopyText() {}

    /**
     * Reads one line, with or without its line feed. {@code BUG} when it has not that many columns.
     */
    public static Tuple parse(byte[] bytes, int offset, int length, int columnCount) {
        throw new UnsupportedOperationException(bytes.length + " " + offset + " " + length + " " + columnCount);
    }

    /** The line of a tuple, line feed included. A tuple with an unchanged column is refused. */
    public static byte[] format(Tuple tuple) {
        throw new UnsupportedOperationException(tuple.toString());
    }
}
