package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;

/** Told of every row in which a tenant of then and the tenant of now differ, table by table. */
public interface MergeSink {
    /** Nobody wants to know. */
    MergeSink NOTHING = new MergeSink() {
        @Override
        public void beginTable(TableLayout table) {}

        @Override
        public void missing(TableLayout table, RowShape shape, Tuple then) {}

        @Override
        public void relinked(TableLayout table, RowShape shape, Tuple then, Tuple live) {}

        @Override
        public void different(TableLayout table, RowShape shape, Tuple then, Tuple live) {}

        @Override
        public void surplus(TableLayout table, Tuple live) {}

        @Override
        public void endTable(TableLayout table, TableTally tally) {}
    };

    void beginTable(TableLayout table);

    /** A row of then that is not there, as it is to be inserted. */
    void missing(TableLayout table, RowShape shape, Tuple then);

    /** A row of then that is there, as nobody's, and with other values: to be the tenant's again under any policy. */
    void relinked(TableLayout table, RowShape shape, Tuple then, Tuple live);

    /** A row that is there with other values. */
    void different(TableLayout table, RowShape shape, Tuple then, Tuple live);

    /** A row that was not there then. */
    void surplus(TableLayout table, Tuple live);

    void endTable(TableLayout table, TableTally tally);
}
