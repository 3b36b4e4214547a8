package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.time.Instant;

/** Gathers all rows of a store, in any order, in bounded memory (spilling sorted runs to local disk). */
public interface ImageWriter extends AutoCloseable {
    void add(Partition partition, TableSchema table, RowKey key, Tuple row);

    long rows();

    /**
     * Sorts, writes and makes durable. After a gap, the image ends it.
     *
     * @param position the consistent point the rows were read at: every commit before it is in them, none after
     * @param time when that was
     */
    void publish(Lsn position, Instant time);

    /** Removes local files; without {@link #publish} the archive is as it was. */
    @Override
    void close();
}
