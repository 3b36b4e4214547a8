package dev.reinstate.capture.attribution;

import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.capture.transaction.RowEvent;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * One row change with what the owner pass found out.
 *
 * @param table whose rows
 * @param oldKey the row's key before the change; the same object as {@code key} when it did not change
 * @param key the row's key after the change; before it for a delete
 * @param row the new values, completed from a whole old row where the stream had one
 * @param owners the row's owner records before and after
 */
record Step(RowEvent event, long ordinal, TableOwnership table, RowKey oldKey, RowKey key, Tuple row, Owners owners) {

    /**
     * A row's owner records.
     *
     * @param before null when there was none
     * @param after null when there is none
     * @param touched whether the row was changed earlier in the same transaction
     */
    record Owners(@Nullable OwnerRecord before, @Nullable OwnerRecord after, boolean touched) {
        static final Owners NONE = new Owners(null, null, false);
    }

    /** What a change says by itself. */
    static Step read(RowEvent event, long ordinal, TableOwnership table, Lsn commitLsn) {
        return switch (event.kind()) {
            case INSERT -> {
                RowKey key = table.schema().hasKey()
                        ? RowKey.of(table.schema(), event.row())
                        : RowKey.keyless(commitLsn, ordinal);
                yield new Step(event, ordinal, table, key, key, event.row(), Owners.NONE);
            }
            case UPDATE -> {
                Tuple row = event.oldIsWhole()
                        ? TupleCompletion.complete(table.schema(), event.row(), table.schema(), event.old())
                        : event.row();
                RowKey key = RowKey.of(table.schema(), row);
                RowKey oldKey = event.hasOld() ? RowKey.of(table.schema(), event.old()) : key;
                yield new Step(event, ordinal, table, oldKey.equals(key) ? key : oldKey, key, row, Owners.NONE);
            }
            case DELETE -> {
                RowKey key = RowKey.of(table.schema(), event.old());
                yield new Step(event, ordinal, table, key, key, Tuple.EMPTY, Owners.NONE);
            }
            case TRUNCATE -> new Step(event, ordinal, table, RowKey.EMPTY, RowKey.EMPTY, Tuple.EMPTY, Owners.NONE);
        };
    }

    Step withOwners(Owners found) {
        return new Step(event, ordinal, table, oldKey, key, row, found);
    }

    @SuppressWarnings("ReferenceEquality")
    boolean isRekey() {
        return oldKey != key;
    }
}
