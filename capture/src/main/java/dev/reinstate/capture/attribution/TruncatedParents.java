package dev.reinstate.capture.attribution;

import dev.reinstate.capture.owner.HeldValues;
import dev.reinstate.capture.owner.OwnerChanges;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.OwnerResolver;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.capture.transaction.Transaction;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import java.util.Set;

/**
 * Rows that others may name and that a TRUNCATE took away without a word. Their records become those of rows that are
 * gone, as if each had been deleted, so that what outlives them keeps the tenant it had.
 */
final class TruncatedParents {
    private final Ownership ownership;
    private final OwnerResolver resolver;
    private final OwnerChanges layer;
    private final HeldValues held;
    private final Transaction transaction;
    private final PriorRows priorRows;

    TruncatedParents(
            Ownership ownership,
            OwnerResolver resolver,
            OwnerChanges layer,
            Transaction transaction,
            PriorRows priorRows) {
        this.ownership = ownership;
        this.resolver = resolver;
        this.layer = layer;
        this.held = new HeldValues(resolver, layer);
        this.transaction = transaction;
        this.priorRows = priorRows;
    }

    /** @param ordinal of the TRUNCATE in its transaction */
    void truncated(TableOwnership table, long ordinal) {
        if (table.isPartition()) {
            truncatedPartition(table, ordinal);
        } else {
            layer.forEach(table.indexOid(), (key, record) -> bury(table, key, record));
        }
    }

    /** The records do not say which rows of the whole table are in that part of it; the archive and the stream do. */
    private void truncatedPartition(TableOwnership table, long ordinal) {
        int oid = table.schema().oid();
        priorRows.prepare();
        priorRows.forEach(Set.of(ownership.name(table.schema())), row -> {
            if (row.table().oid() == oid) {
                bury(table, row.key());
            }
        });
        transaction.forEach((event, place) -> {
            if (place < ordinal && event.table().oid() == oid && event.row().columnCount() > 0) {
                TableOwnership shape = ownership.of(event.table());
                Tuple row = event.oldIsWhole()
                        ? TupleCompletion.complete(event.table(), event.row(), event.table(), event.old())
                        : event.row();
                bury(shape, RowKey.of(event.table(), row));
            }
        });
    }

    private void bury(TableOwnership table, RowKey row) {
        OwnerKey key = table.ownerKey(row);
        OwnerRecord record = layer.get(key);
        if (record != null) {
            held.giveUp(table, row, resolver.resolve(table, record, layer));
            bury(table, key, record);
        }
    }

    private void bury(TableOwnership table, OwnerKey key, OwnerRecord record) {
        if (record.isOfRow()) {
            layer.put(key, OwnerRecord.dead(resolver.resolve(table, record, layer)));
        } else if (record.namesRow()) {
            layer.put(key, OwnerRecord.dead(resolver.resolveValues(table, record, layer)));
        } else if (record.isValues()) {
            layer.remove(key);
        }
    }
}
