package dev.reinstate.archive.sort;

import dev.reinstate.archive.format.RawRecord;

/** Records in order. Not thread-safe. */
public interface RecordStream extends AutoCloseable {
    /** Moves to the next record; false at the end. */
    boolean next();

    /** The record moved to; valid until the next move. */
    RawRecord record();

    @Override
    void close();
}
