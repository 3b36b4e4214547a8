package dev.reinstate.restore.plan;

import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Tuple;

/** Looks for a table's rows of then, which the tenant does not have now, among rows that are not the tenant's. Not thread-safe. */
interface RowLookup extends AutoCloseable {
    /** Where a row of then goes once it was looked for. */
    interface Outcome {
        void missing(RowShape shape, Tuple then);

        /**
         * The row lives and is nobody's.
         *
         * @param cutOff whether by its own reference, not by one of a row it belongs to
         */
        void orphan(RowShape shape, Tuple then, Tuple live, boolean cutOff);
    }

    /** The outcome may be told later, at the latest by {@link #finish}. */
    void add(RowShape shape, FoldedRow then);

    void finish();

    /** How many were found to be nobody's. */
    long orphans();

    /** How many keys rows of others hold. */
    long taken();

    /** How many keys rows of the tenant hold that are equal to them and written differently. */
    long respelled();

    /** Whether some were not looked for. */
    boolean isPartial();

    @Override
    void close();
}
