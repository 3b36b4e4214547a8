package dev.reinstate.capture.image;

import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.OwnerResolver;
import dev.reinstate.capture.owner.OwnerView;
import dev.reinstate.capture.owner.SpilledLayer;
import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.capture.owner.TableOwnership.HeldValue;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Owner records of an image's rows, on their way into the index: an empty one, or one that has others already. Rows of a
 * table that belong to others of the same table are learnt all, on disk, before the first of them is put.
 */
final class ImageOwners implements OwnerView {
    private final OwnerIndex index;
    private final OwnerIndex.Batch batch;
    private final boolean amends;
    /** Children come soon after their parents were put, and one after another. Of use where nothing else writes. */
    private final RecentOwners lately = new RecentOwners();

    private boolean changed;
    private @Nullable SpilledLayer tree;
    private int treeOid;

    private ImageOwners(OwnerIndex index, OwnerIndex.Batch batch, boolean amends) {
        this.index = index;
        this.batch = batch;
        this.amends = amends;
    }

    /** Into an empty index. */
    static ImageOwners filling(OwnerIndex index, OwnerIndex.Batch batch) {
        return new ImageOwners(index, batch, false);
    }

    /** Into an index that is in use: it is touched only where something differs, and then reflects nothing meanwhile. */
    static ImageOwners amending(OwnerIndex index, OwnerIndex.Batch batch) {
        return new ImageOwners(index, batch, true);
    }

    @Override
    public @Nullable OwnerRecord get(OwnerKey key) {
        return tree == null ? known(key) : tree.get(key);
    }

    @Override
    public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
        batch.forEach(oid, records);
    }

    /** What was known of a row before it was learnt. */
    @Nullable
    OwnerRecord known(OwnerKey key) {
        if (amends) {
            return batch.get(key);
        }
        OwnerRecord recent = lately.get(key);
        if (recent == null) {
            recent = batch.get(key);
            if (recent != null) {
                lately.put(key, recent);
            }
        }
        return recent;
    }

    /** Whether the rows of that table were learnt, and none of another since. */
    boolean hasLearnt(int oid) {
        return tree != null && treeOid == oid;
    }

    /** Begins to learn the rows of a table. */
    void learn(int oid) {
        tree = index.spilledLayer(batch);
        treeOid = oid;
    }

    /** What a row of that table says of its owner. */
    void learn(OwnerKey key, OwnerRecord named) {
        if (tree != null) {
            tree.put(key, named);
        }
    }

    /** All rows were learnt: those that name a row that is not there stay with the owner that is known of them. */
    void learnt(TableOwnership table, OwnerResolver resolver) {
        SpilledLayer learnt = tree;
        if (learnt != null) {
            learnt.forEachOwn((key, named) -> {
                OwnerRecord known = known(key);
                if (!named.equals(known) && resolver.namesGone(table, named, learnt)) {
                    Partition kept = known == null ? Partition.UNATTRIBUTED : resolver.resolve(table, known, batch);
                    learnt.put(key, OwnerRecord.left(kept, named));
                }
            });
        }
    }

    /** Forgets what was learnt: what was put says it all. */
    void endTree() {
        tree = null;
    }

    void put(OwnerKey key, OwnerRecord record) {
        if (amends) {
            if (record.equals(batch.get(key))) {
                return;
            }
            if (!changed) {
                batch.unsettle();
            }
        }
        changed = true;
        batch.put(key, record);
        if (!amends) {
            lately.put(key, record);
        }
    }

    /** A row has those unique values; what it had before it gives up, if no other row has it by now. */
    void hold(HeldValue value, RowKey row, Partition owner) {
        OwnerRecord holder = OwnerRecord.row(row);
        OwnerRecord before = amends ? batch.get(value.held()) : null;
        value.values().ifPresent(values -> {
            put(value.held(), OwnerRecord.values(values));
            put(values, holder);
        });
        if (before != null && !value.values().equals(Optional.of(before.valuesKey()))) {
            batch.writePending();
            if (holder.equals(batch.get(before.valuesKey()))) {
                put(before.valuesKey(), OwnerRecord.dead(owner));
            }
        }
    }

    /** Makes what was put so far visible. */
    void writePending() {
        batch.writePending();
    }

    /** Makes the records the index's, at that position. */
    void commit(OwnerIndex.Reflected reflected) {
        if (changed || !amends) {
            batch.commit(reflected);
        }
    }
}
