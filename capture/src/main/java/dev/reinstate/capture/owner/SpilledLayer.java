package dev.reinstate.capture.owner;

import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Like {@link OwnerLayer}, on disk: the changes of one transaction too large for memory. */
public final class SpilledLayer implements OwnerChanges {
    private final RocksStore.Scratch scratch;
    private final OwnerView below;
    private final Set<Integer> truncated = new HashSet<>();

    SpilledLayer(RocksStore.Scratch scratch, OwnerView below) {
        this.scratch = scratch;
        this.below = below;
    }

    @Override
    public @Nullable OwnerRecord get(OwnerKey key) {
        byte[] bytes = scratch.get(key.bytes());
        if (bytes == null) {
            return truncated.contains(key.oid()) ? null : below.get(key);
        }
        OwnerRecord record = OwnerRecord.ofBytes(bytes);
        if (record.isSame()) {
            return below.get(key);
        }
        return record.isRemoved() ? null : record;
    }

    /** What was put here for that row, and not below. */
    @Nullable
    OwnerRecord own(OwnerKey key) {
        byte[] bytes = scratch.get(key.bytes());
        return bytes == null ? null : OwnerRecord.ofBytes(bytes);
    }

    @Override
    public void put(OwnerKey key, OwnerRecord record) {
        scratch.put(key.bytes(), record.bytes());
    }

    @Override
    public void remove(OwnerKey key) {
        put(key, OwnerRecord.REMOVED);
    }

    @Override
    public void touch(OwnerKey key) {
        if (!contains(key)) {
            put(key, OwnerRecord.SAME);
        }
    }

    @Override
    public void truncate(int oid) {
        scratch.deleteRange(OwnerKey.prefix(oid), OwnerKey.prefix(oid + 1));
        truncated.add(oid);
    }

    @Override
    public boolean contains(OwnerKey key) {
        return scratch.get(key.bytes()) != null;
    }

    @Override
    public void copyTo(OwnerChanges newer) {
        truncated.forEach(newer::truncate);
        forEachOwn((key, record) -> {
            if (record.isRemoved()) {
                newer.remove(key);
            } else if (!record.isSame()) {
                newer.put(key, record);
            }
        });
    }

    @Override
    public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
        scratch.forEach(OwnerKey.prefix(oid), OwnerKey.prefix(oid + 1), (bytes, value) -> {
            OwnerKey key = OwnerKey.ofBytes(bytes);
            OwnerRecord own = OwnerRecord.ofBytes(value);
            OwnerRecord record = own.isSame() ? below.get(key) : own;
            if (record != null && !record.isRemoved()) {
                records.accept(key, record);
            }
        });
        if (!truncated.contains(oid)) {
            below.forEach(oid, (key, record) -> {
                if (!contains(key)) {
                    records.accept(key, record);
                }
            });
        }
    }

    /** What was put here and not below, as it was when this began. */
    public void forEachOwn(BiConsumer<OwnerKey, OwnerRecord> entries) {
        scratch.forEach((key, value) -> entries.accept(OwnerKey.ofBytes(key), OwnerRecord.ofBytes(value)));
    }

    /** Removes it from the disk. */
    public void clear() {
        scratch.clear();
    }
}
