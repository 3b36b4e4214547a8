package dev.reinstate.capture.owner;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The records after everything attributed so far: the index, and over it one layer for each segment that is not yet in
 * it. One thread attributes and reads; another moves durable layers into the index.
 *
 * <p>Records of parents are asked for again and again: those read from the index are kept in memory. A layer that went
 * into the index stays in front of what is kept until the reading thread has dropped from there what the layer changed.
 */
public final class PendingOwners implements OwnerView {
    private final OwnerIndex index;
    private final IntPredicate isParent;
    private final OwnerCache cache = new OwnerCache();
    private final ConcurrentLinkedQueue<OwnerLayer> committed = new ConcurrentLinkedQueue<>();
    private List<OwnerLayer> newestFirst = List.of();

    /** @param isParent whether rows of the table filed under that oid may own others */
    public PendingOwners(OwnerIndex index, IntPredicate isParent) {
        this.index = index;
        this.isParent = isParent;
    }

    /** A new layer over all others; the caller, the reading thread, fills it. */
    public OwnerLayer push() {
        settle();
        OwnerLayer layer = new OwnerLayer(OwnerView.NOTHING);
        List<OwnerLayer> layers = new ArrayList<>(newestFirst);
        layers.addFirst(layer);
        newestFirst = layers;
        return layer;
    }

    /** Forgets layers that are in the index by now. */
    private void settle() {
        for (OwnerLayer layer = committed.poll(); layer != null; layer = committed.poll()) {
            OwnerLayer settled = layer;
            settled.forEachKey(cache::remove);
            newestFirst = newestFirst.stream().filter(other -> other != settled).toList();
        }
    }

    /**
     * Moves a layer, the oldest one there is, into the index, and after it the changes of a transaction too large for a
     * layer, if there is one: everything up to {@code reflected} is durable.
     */
    public void commit(OwnerLayer oldest, Optional<SpilledLayer> spilled, OwnerIndex.Reflected reflected) {
        List<OwnerChanges> changes = new ArrayList<>(List.of(oldest));
        spilled.ifPresent(changes::add);
        index.commit(changes, reflected);
        committed.add(oldest);
    }

    /** Moves the index on over a stretch without changes. Only while no layer is pending. */
    public void commit(OwnerIndex.Reflected reflected) {
        index.commit(List.of(), reflected);
    }

    /** By the reading thread, once a spilled layer is in the index: what is kept in memory may be outdated. */
    public void dropped(SpilledLayer spilled) {
        cache.clear();
        spilled.clear();
    }

    /** By the reading thread: the index was changed by others, while no layer was pending. */
    public void forget() {
        settle();
        cache.clear();
    }

    @Override
    public @Nullable OwnerRecord get(OwnerKey key) {
        List<OwnerLayer> layers = newestFirst;
        for (int i = 0; i < layers.size(); i++) {
            OwnerRecord record = layers.get(i).peek(key);
            if (record != null) {
                return record.isRemoved() ? null : record;
            }
        }
        return isParent.test(key.oid()) ? keptOrRead(key) : index.get(key);
    }

    @Override
    public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
        Set<OwnerKey> inLayers = new HashSet<>();
        for (OwnerLayer layer : newestFirst) {
            layer.forEachKey(key -> {
                if (key.oid() == oid && inLayers.add(key)) {
                    OwnerRecord record = get(key);
                    if (record != null) {
                        records.accept(key, record);
                    }
                }
            });
            if (layer.isTruncated(oid)) {
                return;
            }
        }
        index.forEach(oid, (key, record) -> {
            if (!inLayers.contains(key)) {
                records.accept(key, record);
            }
        });
    }

    private @Nullable OwnerRecord keptOrRead(OwnerKey key) {
        OwnerRecord kept = cache.get(key);
        if (kept == null) {
            kept = index.get(key);
            if (kept != null) {
                cache.put(key, kept);
            }
        }
        return kept;
    }
}
