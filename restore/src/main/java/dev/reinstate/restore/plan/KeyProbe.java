package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;
import dev.reinstate.restore.reference.ReferenceQueries;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds keys of missing rows that rows of others hold by now. Looks for the first many of a table; a later one that is
 * taken is found when the row is inserted, which then fails as a whole. Looking for every key of a large tenant would
 * cost nearly half as much as writing it.
 */
final class KeyProbe {
    /** How many keys of a table are looked for. */
    static final int LIMIT = 20_000;

    private static final int BATCH = 5_000;

    private final TableLayout table;
    private final ReferenceQueries queries;
    private final List<Tuple> batch = new ArrayList<>();
    private final Tuple.Builder builder = new Tuple.Builder(64);
    private long asked;
    private long taken;

    KeyProbe(TableLayout table, ReferenceQueries queries) {
        this.table = table;
        this.queries = queries;
    }

    void add(RowShape shape, Tuple row) {
        if (asked++ >= LIMIT) {
            return;
        }
        for (String column : table.keyColumns()) {
            builder.addColumn(row, shape.sourceOf(column));
        }
        batch.add(builder.build());
        if (batch.size() == BATCH) {
            flush();
        }
    }

    private void flush() {
        if (!batch.isEmpty()) {
            taken += queries.countPresent(table.table(), table.keyColumns(), batch);
            batch.clear();
        }
    }

    /** Whether some keys were not looked for. */
    boolean isPartial() {
        return asked > LIMIT;
    }

    /** How many are taken. */
    long finish() {
        flush();
        return taken;
    }
}
