package dev.reinstate.capture.owner;

import dev.reinstate.capture.owner.TableOwnership.HeldValue;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;

/**
 * The unique values by which rows of a table are named, as records: which row has which, and which a row has. Values that
 * a row gives up are as a row that is gone: what names them still stays with the tenant that the row had then, until they
 * are another row's.
 */
public final class HeldValues {
    private final OwnerResolver resolver;
    private final OwnerChanges layer;

    public HeldValues(OwnerResolver resolver, OwnerChanges layer) {
        this.resolver = resolver;
        this.layer = layer;
    }

    /**
     * The row has those values from now on; its own record is still the one from before. True when others may belong
     * elsewhere for it.
     *
     * @param oldKey the row's key before; the same as {@code key} when it is new or keeps it
     * @param row its values, or some of them
     */
    public boolean take(TableOwnership table, RowKey oldKey, RowKey key, Tuple row) {
        if (!table.hasUniqueValues()) {
            return false;
        }
        boolean[] mayMove = new boolean[1];
        if (!oldKey.equals(key)) {
            takeAlong(table, oldKey, key);
        }
        Partition owner = resolver.resolve(table, oldKey, layer);
        OwnerRecord holder = OwnerRecord.row(key);
        table.forEachUniqueValue(key, row, value -> mayMove[0] |= take(value, holder, owner));
        return mayMove[0];
    }

    private boolean take(HeldValue value, OwnerRecord holder, Partition owner) {
        OwnerRecord before = layer.get(value.held());
        OwnerRecord after = value.values().map(OwnerRecord::values).orElse(null);
        if (before != null && !before.equals(after)) {
            giveUp(before, holder, owner);
        }
        if (after == null) {
            if (before != null) {
                layer.remove(value.held());
            }
            return false;
        }
        if (!after.equals(before)) {
            layer.put(value.held(), after);
        }
        OwnerKey values = after.valuesKey();
        OwnerRecord other = layer.get(values);
        if (holder.equals(other)) {
            return false;
        }
        layer.put(values, holder);
        return other != null;
    }

    /** Under another key, the row has what it had. */
    private void takeAlong(TableOwnership table, RowKey oldKey, RowKey key) {
        OwnerRecord holder = OwnerRecord.row(oldKey);
        table.forEachMoved(oldKey, key, (from, to) -> {
            OwnerRecord had = layer.get(from);
            if (had != null) {
                layer.remove(from);
                layer.put(to, had);
                if (holder.equals(layer.get(had.valuesKey()))) {
                    layer.put(had.valuesKey(), OwnerRecord.row(key));
                }
            }
        });
    }

    private void giveUp(OwnerRecord had, OwnerRecord holder, Partition owner) {
        if (holder.equals(layer.get(had.valuesKey()))) {
            layer.put(had.valuesKey(), OwnerRecord.dead(owner));
        }
    }

    /** The row is going, and was of that tenant: it gives up all of its values. */
    public void giveUp(TableOwnership table, RowKey key, Partition owner) {
        OwnerRecord holder = OwnerRecord.row(key);
        table.forEachHeld(key, held -> {
            OwnerRecord had = layer.get(held);
            if (had != null) {
                giveUp(had, holder, owner);
                layer.remove(held);
            }
        });
    }
}
