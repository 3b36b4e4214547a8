package dev.reinstate.capture.owner;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records after everything attributed so far: the index, and over it one layer for each segment that is not yet in
 * it. One thread attributes; another moves durable layers into the index.
 */
public final class PendingOwners implements OwnerView {
    private final OwnerIndex index;
    private volatile List<OwnerLayer> newestFirst = List.of();

    public PendingOwners(OwnerIndex index) {
        this.index = index;
    }

    /** A new layer over all others; the caller fills it. */
    public synchronized OwnerLayer push() {
        OwnerLayer layer = new OwnerLayer(key -> null);
        newestFirst = Stream.concat(Stream.of(layer), newestFirst.stream()).toList();
        return layer;
    }

    /**
     * Moves a layer, the oldest one there is, into the index, and after it the changes of a transaction too large for a
     * layer, if there is one: everything up to {@code reflected} is durable.
     */
    public void commit(OwnerLayer oldest, Optional<SpilledLayer> spilled, OwnerIndex.Reflected reflected) {
        List<OwnerChanges> changes = new ArrayList<>(List.of(oldest));
        spilled.ifPresent(changes::add);
        index.commit(changes, reflected);
        remove(oldest);
        spilled.ifPresent(SpilledLayer::clear);
    }

    /** Moves the index on over a stretch without changes. Only while no layer is pending. */
    public void commit(OwnerIndex.Reflected reflected) {
        index.commit(List.of(), reflected);
    }

    private synchronized void remove(OwnerLayer layer) {
        newestFirst = newestFirst.stream().filter(other -> other != layer).toList();
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
        return index.get(key);
    }
}
