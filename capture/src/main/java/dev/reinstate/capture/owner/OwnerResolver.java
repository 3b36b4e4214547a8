package dev.reinstate.capture.owner;

import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TenantId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
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
        Tree tree = new Tree();
        while (owner != null && owner.namesParent()) {
            TableOwnership parent = ownership.parentOf(owned, owner);
            if (parent == null || !parent.isOwned()) {
                return owner.isLeft() ? partitionOf(owner.keeper()) : Partition.UNATTRIBUTED;
            }
            if (parent.indexOid() == owned.indexOid() && tree.goesRound(owner)) {
                return Partition.UNATTRIBUTED;
            }
            OwnerRecord named = parentRecord(owned, owner, parent, view);
            if (owner.isLeft() && isGone(named)) {
                return partitionOf(owner.keeper());
            }
            owner = owner.isAstray() && isGone(named) ? null : named;
            owned = parent;
        }
        return owner == null ? Partition.UNATTRIBUTED : partitionOf(owner);
    }

    /** Where a row that says so is kept; null when it names a parent that is not there. */
    public @Nullable Partition resolvePresent(TableOwnership table, OwnerRecord said, OwnerView view) {
        if (!said.namesParent()) {
            return partitionOf(said);
        }
        TableOwnership parent = ownership.parentOf(table, said);
        OwnerRecord named = parent == null ? null : parentRecord(table, said, parent, view);
        if (parent == null || isGone(named)) {
            return null;
        }
        return parent.isOwned() ? resolve(parent, named, view) : Partition.UNATTRIBUTED;
    }

    /** A walk up through rows of one table, of any number, which may go in a circle (found by Brent's algorithm). */
    private static final class Tree {
        private int steps;
        private int next = 1;
        private @Nullable OwnerRecord mark;

        /** @param reference by which one row names another of its table: whoever names the same was met before */
        boolean goesRound(OwnerRecord reference) {
            OwnerRecord settled = reference.settled();
            if (settled.equals(mark)) {
                return true;
            }
            if (++steps == next) {
                steps = 0;
                next *= 2;
                mark = settled;
            }
            return false;
        }
    }

    /** Where rows are kept that name a row, or unique values, with that record: of what is gone there may be several. */
    public List<Partition> keepersOf(TableOwnership table, OwnerRecord record, OwnerView view) {
        return record.isDead()
                ? record.keepers().stream().map(this::partitionOf).toList()
                : List.of(resolveValues(table, record, view));
    }

    /** Lets what a row names, which is not there, tell that a row of that tenant is left. */
    public void leave(
            TableOwnership table,
            OwnerRecord reference,
            Partition tenant,
            OwnerView view,
            BiConsumer<OwnerKey, OwnerRecord> changes) {
        OwnerKey named = link(table, reference).orElse(null);
        if (named != null && tenant instanceof Partition.OfTenant) {
            OwnerRecord known = view.get(named);
            OwnerRecord gone =
                    known == null ? OwnerRecord.dead(tenant) : known.isDead() ? known.leaving(tenant) : known;
            if (!gone.equals(known)) {
                changes.accept(named, gone);
            }
        }
    }

    /** Where the row that has unique values with that record is kept. */
    public Partition resolveValues(TableOwnership table, OwnerRecord record, OwnerView view) {
        return record.namesRow()
                ? resolve(table, RowKey.ofEncoded(record.payload()), view)
                : resolve(table, record, view);
    }

    /** The reference, noting whether what it names is not there now. */
    public OwnerRecord refer(TableOwnership table, OwnerRecord record, OwnerView view) {
        return record.namesParent() && namesGone(table, record, view) ? record.astray() : record;
    }

    /** Whether the record names a parent that is not known at all, or was gone when it was named and still is. */
    public boolean dangles(TableOwnership table, OwnerRecord record, OwnerView view) {
        return record.isAstray() && namesGone(table, record, view);
    }

    /** Whether the record names a parent that is not there. */
    public boolean namesGone(TableOwnership table, OwnerRecord record, OwnerView view) {
        if (!record.namesParent()) {
            return false;
        }
        TableOwnership parent = ownership.parentOf(table, record);
        return parent == null || isGone(parentRecord(table, record, parent, view));
    }

    private static boolean isGone(@Nullable OwnerRecord record) {
        return record == null || record.isDead();
    }

    private @Nullable OwnerRecord parentRecord(
            TableOwnership table, OwnerRecord record, TableOwnership parent, OwnerView view) {
        return parentRecord(table.naming().parent().orElseThrow(), record.reference(), parent, view);
    }

    private @Nullable OwnerRecord parentRecord(
            ParentReference reference, byte[] named, TableOwnership parent, OwnerView view) {
        return switch (reference) {
            case ParentReference.ByKey key -> recordOf(parent, RowKey.ofEncoded(named), view);
            case ParentReference.ByType type ->
                recordOf(parent, TypedKey.of(named).key(), view);
            case ParentReference.First first -> parentRecord(first.way(named), withoutWay(named), parent, view);
            case ParentReference.ByValue value -> {
                OwnerRecord holder = view.get(UniqueValue.key(parent.indexOid(), value.columns(), named));
                yield holder != null && holder.namesRow()
                        ? recordOf(parent, RowKey.ofEncoded(holder.payload()), view)
                        : holder;
            }
        };
    }

    /** What the record of a row with a parent leads to in the index; empty when that has no record. */
    public Optional<OwnerKey> link(TableOwnership table, OwnerRecord record) {
        TableOwnership parent = record.namesParent() ? ownership.parentOf(table, record) : null;
        if (parent == null || !parent.isOwned()) {
            return Optional.empty();
        }
        return link(table.naming().parent().orElseThrow(), record.reference(), parent);
    }

    private static Optional<OwnerKey> link(ParentReference reference, byte[] named, TableOwnership parent) {
        return switch (reference) {
            case ParentReference.ByValue value ->
                Optional.of(UniqueValue.key(parent.indexOid(), value.columns(), named));
            case ParentReference.ByKey key -> rowLink(parent, RowKey.ofEncoded(named));
            case ParentReference.ByType type ->
                rowLink(parent, TypedKey.of(named).key());
            case ParentReference.First first -> link(first.way(named), withoutWay(named), parent);
        };
    }

    private static byte[] withoutWay(byte[] reference) {
        return Arrays.copyOfRange(reference, 1, reference.length);
    }

    private static Optional<OwnerKey> rowLink(TableOwnership parent, RowKey key) {
        return parent.isStored() ? Optional.of(parent.ownerKey(key)) : Optional.empty();
    }

    /** A row's record: from the view, or out of its key where that names the owner. */
    public @Nullable OwnerRecord recordOf(TableOwnership table, RowKey key, OwnerView view) {
        return table.keyNamesOwner() ? table.ownerOf(key) : view.get(table.ownerKey(key));
    }

    Partition partitionOf(OwnerRecord record) {
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

    private Partition makePartition(OwnerRecord record) {
        if (record.isDead()) {
            return partitionOf(record.keepers().getFirst());
        }
        if (record.isNobody() || record.payload().length == 0) {
            return Partition.UNATTRIBUTED;
        }
        try {
            return Partition.of(new TenantId(new String(record.payload(), StandardCharsets.UTF_8)));
        } catch (ReinstateException notATenantId) {
            return Partition.UNATTRIBUTED;
        }
    }
}
