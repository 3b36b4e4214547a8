package dev.reinstate.capture.owner;

import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TenantId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Walks owner records to the partition they end at. Not thread-safe. */
public final class OwnerResolver {
    private static final int CACHED_TENANTS = 65_536;

    private final Ownership ownership;
    private final Map<OwnerRecord, Partition> partitions = new HashMap<>();

    public OwnerResolver(Ownership ownership) {
        this.ownership = ownership;
    }

    /** Where the row of that key is kept, going by the records of a view. */
    public Partition resolve(TableOwnership table, RowKey key, OwnerView view) {
        return resolve(table, recordOf(table, key, view), view);
    }

    /** Where a row with that record is kept; {@link Partition#UNATTRIBUTED} for none. */
    public Partition resolve(TableOwnership table, @Nullable OwnerRecord record, OwnerView view) {
        TableOwnership owned = table;
        OwnerRecord owner = record;
        while (owner != null && owner.namesParent()) {
            TableOwnership parent = ownership.parentOf(owned);
            if (parent == null || !parent.isOwned()) {
                return Partition.UNATTRIBUTED;
            }
            owner = recordOf(parent, RowKey.ofEncoded(owner.payload()), view);
            owned = parent;
        }
        return owner == null ? Partition.UNATTRIBUTED : partitionOf(owner);
    }

    /** Whether the record names a parent that is not known at all. */
    public boolean dangles(TableOwnership table, OwnerRecord record, OwnerView view) {
        TableOwnership parent = ownership.parentOf(table);
        return record.namesParent()
                && (parent == null || recordOf(parent, RowKey.ofEncoded(record.payload()), view) == null);
    }

    /** A row's record: from the view, or out of its key where that names the owner. */
    public @Nullable OwnerRecord recordOf(TableOwnership table, RowKey key, OwnerView view) {
        return table.keyNamesOwner() ? table.ownerOf(key) : view.get(table.ownerKey(key));
    }

    private Partition partitionOf(OwnerRecord record) {
        Partition known = partitions.get(record);
        if (known == null) {
            known = makePartition(record);
            if (partitions.size() >= CACHED_TENANTS) {
                partitions.clear();
            }
            partitions.put(record, known);
        }
        return known;
    }

    private static Partition makePartition(OwnerRecord record) {
        if (record.isNobody()) {
            return Partition.UNATTRIBUTED;
        }
        try {
            return Partition.of(new TenantId(new String(record.payload(), StandardCharsets.UTF_8)));
        } catch (ReinstateException notATenantId) {
            return Partition.UNATTRIBUTED;
        }
    }
}
