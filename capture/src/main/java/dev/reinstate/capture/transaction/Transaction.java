package dev.reinstate.capture.transaction;

import dev.reinstate.model.Commit;

/** A committed transaction's row changes, in order. Not thread-safe. */
public interface Transaction extends AutoCloseable {
    Commit commit();

    long size();

    /** Whether it is too large to be held in memory: neither should anything be that is made of it. */
    boolean isSpilled();

    /** Reads all changes, in order; may be called again. */
    void forEach(Visitor visitor);

    /** Takes one change after another. */
    interface Visitor {
        /** @param ordinal the change's number in its transaction, from 0 */
        void accept(RowEvent event, long ordinal);
    }

    @Override
    void close();
}
