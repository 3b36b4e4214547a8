package dev.reinstate.capture.image;

import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.OwnerView;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Owner records of an image's rows, on their way into the index: an empty one, or one that has others already. */
final class ImageOwners implements OwnerView {
    private final OwnerIndex.Batch batch;
    private final boolean amends;
    private boolean changed;

    private ImageOwners(OwnerIndex.Batch batch, boolean amends) {
        this.batch = batch;
        this.amends = amends;
    }

    /** Into an empty index. */
    static ImageOwners filling(OwnerIndex.Batch batch) {
        return new ImageOwners(batch, false);
    }

    /** Into an index that is in use: it is touched only where something differs, and then reflects nothing meanwhile. */
    static ImageOwners amending(OwnerIndex.Batch batch) {
        return new ImageOwners(batch, true);
    }

    @Override
    public @Nullable OwnerRecord get(OwnerKey key) {
        return batch.get(key);
    }

    @Override
    public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
        batch.forEach(oid, records);
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
