package dev.reinstate.archive;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.model.Column;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.model.UncertainInterval;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What happened to one key, version by version. */
final class RowVersion {
    private final @Nullable UncertainInterval uncertain;
    private @Nullable TableSchema table;
    private Tuple tuple = Tuple.EMPTY;
    private boolean oversized;

    RowVersion(@Nullable UncertainInterval uncertain) {
        this.uncertain = uncertain;
    }

    /** It is there, but its values were not kept. */
    void setOversized(TableSchema shape) {
        table = shape;
        tuple = Tuple.EMPTY;
        oversized = true;
    }

    boolean isOversized() {
        return oversized;
    }

    /** The table it has now; null if it is gone. */
    @Nullable
    TableSchema table() {
        return table;
    }

    Tuple tuple() {
        return tuple;
    }

    void set(FoldedRow row) {
        table = row.table();
        tuple = row.tuple();
    }

    void apply(RawRecord change, TableSchema shape) {
        switch (change.operation) {
            case 'I', 'E', 'R' -> {
                tuple = Tuple.EMPTY; // may be large, and so may be the next
                become(shape, tupleOf(change, shape));
            }
            case 'U' -> update(change, shape);
            case 'D', 'L', 'K' -> table = null;
            case 'O' -> setOversized(shape);
            default ->
                throw Damage.of(
                        "INV-9", "A change of " + shape.name(), "its operation " + change.operation + " is unknown");
        }
    }

    private void update(RawRecord change, TableSchema shape) {
        if (table == null) {
            throw broken(change, shape, "there is no row before it");
        }
        Tuple updated = tupleOf(change, shape);
        if (!updated.hasUnchanged()) {
            become(shape, updated);
        } else if (!oversized) {
            become(shape, completed(updated, change, shape, table));
        }
    }

    private void become(TableSchema shape, Tuple value) {
        table = shape;
        tuple = value;
        oversized = false;
    }

    /** An update that leans on nothing is damage, unless the stream is known not to have told everything before it. */
    private ReinstateException broken(RawRecord change, TableSchema shape, String why) {
        if (uncertain == null || new Lsn(change.lsn).isBefore(uncertain.from())) {
            return Damage.of("INV-11", "An update of " + shape.name(), why);
        }
        return ReinstateException.notRestorable(
                "A row of " + shape.name() + " cannot be restored",
                "the table's rows are uncertain then (" + uncertain.reason() + "), and " + why,
                "choose a position before " + uncertain.from() + ", or from "
                        + uncertain.to().previous() + " on; or leave the table out");
    }

    /** Columns whose numbers nobody knew, because they were renamed again at once, cannot be told. */
    private ReinstateException withoutColumn(Column column, RawRecord change, TableSchema shape, TableSchema before) {
        if (column.attnum() == 0 || !before.knowsNumbers()) {
            return ReinstateException.notRestorable(
                    "A row of " + shape.name() + " cannot be restored",
                    "an update left its column " + column.name()
                            + " as it was, and what that column was called before is not known",
                    "choose a position before " + new Lsn(change.lsn) + ", or leave the table out");
        }
        return broken(
                change, shape, "column " + column.name() + " is said to be unchanged, but the row before it has none");
    }

    private Tuple completed(Tuple updated, RawRecord change, TableSchema shape, TableSchema before) {
        Tuple.Builder builder = new Tuple.Builder(updated.encoded().length + tuple.encoded().length);
        for (int column = 0; column < updated.columnCount(); column++) {
            if (!updated.isUnchanged(column)) {
                builder.addColumn(updated, column);
                continue;
            }
            int source = before.indexOf(shape.columns().get(column));
            if (source < 0) {
                throw withoutColumn(shape.columns().get(column), change, shape, before);
            }
            builder.addColumn(tuple, source);
        }
        return builder.build();
    }

    private static Tuple tupleOf(RawRecord change, TableSchema shape) {
        return Tuple.ofEncoded(change.ownTuple(), shape.columns().size());
    }

    Optional<FoldedRow> row(RowKey key) {
        if (table == null) {
            return Optional.empty();
        }
        if (oversized) {
            throw tooLarge(table);
        }
        return Optional.of(new FoldedRow(table, key, tuple));
    }

    static ReinstateException tooLarge(TableSchema table) {
        return ReinstateException.notRestorable(
                "A row of " + table.name() + " cannot be restored",
                "its values were larger than the limit and were not kept",
                "choose a position at which it was smaller, or leave the table out");
    }
}
