package dev.reinstate.restore.plan;

import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Tuple;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Looks for rows of then, which the tenant does not have now, among all rows of the table, by key: the row may be there
 * and be nobody's, or be another's by now. Looking for every key of a large tenant costs nearly half as much as writing
 * it, so that is done only where foreign keys or their lack may have cut rows off; elsewhere the first many are looked
 * for, and a later one that is taken is found when the row is inserted, which then fails as a whole. Not thread-safe.
 */
final class KeyLookup implements RowLookup {
    /** How many keys of a table to look for. */
    enum Extent {
        NONE,
        FIRST_MANY,
        ALL
    }

    /** How many are many. */
    static final int MANY = 20_000;

    private static final int BATCH_ROWS = 5_000;
    private static final int BATCH_BYTES = 4 << 20;

    private record Absent(RowShape shape, Tuple then) {}

    private final TableLayout table;
    private final Connection connection;
    private final LiveRows liveRows;
    private final Outcome outcome;
    private final List<Absent> batch = new ArrayList<>();
    private final Tuple.Builder builder = new Tuple.Builder(64);
    private int batchBytes;
    private long asked;
    private long orphans;
    private long taken;
    private long respelled;
    private boolean partial;

    KeyLookup(TableLayout table, Connection connection, LiveRows liveRows, Outcome outcome) {
        this.table = table;
        this.connection = connection;
        this.liveRows = liveRows;
        this.outcome = outcome;
    }

    @Override
    public void add(RowShape shape, FoldedRow row) {
        Tuple then = row.tuple();
        if (isEnough()) {
            outcome.missing(shape, then);
            return;
        }
        asked++;
        batch.add(new Absent(shape, then));
        batchBytes += then.encoded().length;
        if (batch.size() == BATCH_ROWS || batchBytes >= BATCH_BYTES) {
            flush();
        }
    }

    private boolean isEnough() {
        return switch (table.lookup()) {
            case NONE -> true;
            case ALL -> false;
            case FIRST_MANY -> {
                boolean enough = asked >= MANY && orphans == 0;
                partial |= enough;
                yield enough;
            }
        };
    }

    private void flush() {
        if (batch.isEmpty()) {
            return;
        }
        BitSet found = new BitSet();
        List<Tuple> keys = batch.stream().map(this::key).toList();
        liveRows.forEachAt(connection, table, keys, (at, live, holder, cutOff) -> {
            if (holder == LiveRows.Holder.NOBODY && !found.get(at)) {
                found.set(at);
                orphans++;
                outcome.orphan(batch.get(at).shape(), batch.get(at).then(), live, cutOff);
            } else if (holder == LiveRows.Holder.TENANT) {
                respelled++;
            } else {
                taken++;
            }
        });
        for (int i = found.nextClearBit(0); i < batch.size(); i = found.nextClearBit(i + 1)) {
            outcome.missing(batch.get(i).shape(), batch.get(i).then());
        }
        batch.clear();
        batchBytes = 0;
    }

    private Tuple key(Absent row) {
        table.keyColumns()
                .forEach(column -> builder.addColumn(row.then(), row.shape().sourceOf(column)));
        return builder.build();
    }

    @Override
    public void finish() {
        flush();
    }

    @Override
    public long orphans() {
        return orphans;
    }

    @Override
    public long taken() {
        return taken;
    }

    @Override
    public long respelled() {
        return respelled;
    }

    @Override
    public boolean isPartial() {
        return partial;
    }

    @Override
    public void close() {
        // holds nothing but what waits for its turn
    }
}
