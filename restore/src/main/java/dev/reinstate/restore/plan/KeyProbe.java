package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;
import dev.reinstate.restore.reference.ReferenceQueries;
import java.util.ArrayList;
import java.util.List;

/** Finds keys of missing rows that rows of others hold by now. */
final class KeyProbe {
    private static final int BATCH = 5_000;

    private final TableLayout table;
    private final ReferenceQueries queries;
    private final List<Tuple> batch = new ArrayList<>();
    private final Tuple.Builder builder = new Tuple.Builder(64);
    private long taken;

    KeyProbe(TableLayout table, ReferenceQueries queries) {
        this.table = table;
        this.queries = queries;
    }

    void add(RowShape shape, Tuple row) {
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

    /** How many are taken. */
    long finish() {
        flush();
        return taken;
    }
}
