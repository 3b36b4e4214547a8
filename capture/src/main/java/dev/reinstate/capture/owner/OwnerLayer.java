package dev.reinstate.capture.owner;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Changes over an older view of the records, in memory. Not thread-safe while being written. */
public final class OwnerLayer implements OwnerChanges {
    private static final int ENTRY_OVERHEAD_BYTES = 136;

    private final OwnerView below;
    private final Map<OwnerKey, OwnerRecord> entries = new HashMap<>();
    private final Set<Integer> truncated = new HashSet<>();
    private long sizeBytes;

    public OwnerLayer(OwnerView below) {
        this.below = below;
    }

    @Override
    public @Nullable OwnerRecord get(OwnerKey key) {
        OwnerRecord record = peek(key);
        if (record == null) {
            return below.get(key);
        }
        return record.isRemoved() ? null : record;
    }

    /** What this layer alone says: null for nothing, {@link OwnerRecord#REMOVED} for a record that is gone. */
    @Nullable
    OwnerRecord peek(OwnerKey key) {
        OwnerRecord record = entries.get(key);
        if (record == null) {
            return !truncated.isEmpty() && truncated.contains(key.oid()) ? OwnerRecord.REMOVED : null;
        }
        return record.isSame() ? null : record;
    }

    @Override
    public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
        Set<OwnerKey> own = new HashSet<>();
        List.copyOf(entries.keySet()).stream().filter(key -> key.oid() == oid).forEach(key -> {
            own.add(key);
            OwnerRecord record = get(key);
            if (record != null) {
                records.accept(key, record);
            }
        });
        if (!truncated.contains(oid)) {
            below.forEach(oid, (key, record) -> {
                if (!own.contains(key)) {
                    records.accept(key, record);
                }
            });
        }
    }

    @Override
    public boolean contains(OwnerKey key) {
        return entries.containsKey(key);
    }

    @Override
    public void put(OwnerKey key, OwnerRecord record) {
        if (entries.put(key, record) == null) {
            sizeBytes += ENTRY_OVERHEAD_BYTES + key.bytes().length + record.bytes().length;
        }
    }

    @Override
    public void remove(OwnerKey key) {
        put(key, OwnerRecord.REMOVED);
    }

    @Override
    public void touch(OwnerKey key) {
        entries.putIfAbsent(key, OwnerRecord.SAME);
    }

    @Override
    public void truncate(int oid) {
        entries.keySet().removeIf(key -> key.oid() == oid);
        truncated.add(oid);
    }

    @Override
    public void copyTo(OwnerChanges newer) {
        truncated.forEach(newer::truncate);
        entries.forEach((key, record) -> {
            if (record.isRemoved()) {
                newer.remove(key);
            } else if (!record.isSame()) {
                newer.put(key, record);
            }
        });
    }

    boolean isTruncated(int oid) {
        return truncated.contains(oid);
    }

    void forEachKey(Consumer<OwnerKey> consumer) {
        entries.keySet().forEach(consumer);
    }

    /** About how much memory the layer takes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    public boolean isEmpty() {
        return entries.isEmpty() && truncated.isEmpty();
    }
}
