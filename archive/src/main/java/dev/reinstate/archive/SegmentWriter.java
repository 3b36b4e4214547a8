package dev.reinstate.archive;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;

/** Gathers committed changes, in bounded memory (spilling sorted runs to local disk). */
public interface SegmentWriter extends AutoCloseable {
    /** Adds a change of a commit; the commit itself is announced by {@link #addCommit}, before or after. */
    void add(Change change);

    /** Adds a whole transaction to the timeline, in commit-LSN order, also one without captured changes. */
    void addCommit(Commit commit);

    /** Bytes gathered so far, before compression. */
    long sizeBytes();

    long changes();

    boolean isEmpty();

    /**
     * Sorts, writes and makes durable.
     *
     * @param to the end LSN up to which history is then complete; at or after the last commit's
     */
    void publish(Lsn to);

    /** Removes local files; without {@link #publish} the archive is as it was. */
    @Override
    void close();
}
