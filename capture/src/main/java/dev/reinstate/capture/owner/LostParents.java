package dev.reinstate.capture.owner;

import dev.reinstate.model.Partition;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows that outlived the row they name, as an index that is filled from the archive meets them: the archive has the row
 * and its tenant, but nothing of its parent, whose record an index that was there all the time still has. What the row
 * names gets a record again, of the tenant that the row is kept by; where rows of several tenants name the same, it tells
 * of all of them, and each row of its own. Not thread-safe.
 */
final class LostParents {
    private static final int REMEMBERED = 1 << 16;

    private final OwnerIndex index;
    private final OwnerResolver resolver;
    private final Map<Integer, TableOwnership> tables = new HashMap<>();
    private final Map<OwnerKey, Partition> resolved = new HashMap<>();
    private @Nullable SpilledLayer unresolved;

    LostParents(OwnerIndex index, Ownership ownership) {
        this.index = index;
        this.resolver = new OwnerResolver(ownership);
    }

    /** Notes a row when its record does not lead, by now, to the partition that keeps it: what it names may follow. */
    void check(TableOwnership table, OwnerKey row, OwnerRecord record, Partition keptBy) {
        if (!record.namesParent()) {
            return;
        }
        Optional<OwnerKey> link = resolver.link(table, record);
        if (link.isPresent() && keptBy.equals(resolved.get(link.get()))) {
            return;
        }
        if (!leadsTo(keptBy, table, record)) {
            tables.put(row.oid(), table);
            note(row, OwnerRecord.keptBy(keptBy));
        } else {
            link.ifPresent(known -> remember(known, keptBy));
        }
    }

    /** Notes what a row names that has no record, as it has no key: should that be gone, it is to tell of the row's tenant. */
    void checkKeyless(TableOwnership table, OwnerRecord record, Partition keptBy) {
        OwnerKey link = resolver.link(table, record).orElse(null);
        if (link == null || !(keptBy instanceof Partition.OfTenant) || keptBy.equals(resolved.get(link))) {
            return;
        }
        if (index.get(link) == null && (unresolved == null || unresolved.own(link) == null)) {
            note(link, OwnerRecord.dead(keptBy));
        }
        remember(link, keptBy);
    }

    private void remember(OwnerKey link, Partition keptBy) {
        if (resolved.size() >= REMEMBERED) {
            resolved.clear();
        }
        resolved.put(link, keptBy);
    }

    private void note(OwnerKey key, OwnerRecord record) {
        SpilledLayer rows = unresolved == null ? index.spilledLayer(index) : unresolved;
        rows.put(key, record);
        unresolved = rows;
    }

    /** A row that refers to nothing is nobody's by itself, even if what it names appears. */
    private boolean leadsTo(Partition keptBy, TableOwnership table, OwnerRecord record) {
        return resolver.resolve(table, record, index).equals(keptBy)
                && !(keptBy instanceof Partition.Unattributed && resolver.namesGone(table, record, index));
    }

    /** Once all records are in the index: puts back what rows lead to that do not find their tenant. */
    void putBack(OwnerIndex.Batch batch) {
        SpilledLayer rows = unresolved;
        if (rows == null) {
            return;
        }
        rows.forEachOwn((row, kept) -> putParentBack(row, kept, batch));
        batch.writePending();
        boolean[] again = {true};
        while (again[0]) {
            again[0] = false;
            rows.forEachOwn((row, kept) -> again[0] |= keepsByItself(row, kept, rows, batch));
            batch.writePending();
        }
        rows.clear();
    }

    private void putParentBack(OwnerKey row, OwnerRecord kept, OwnerIndex.Batch batch) {
        if (kept.isDead()) {
            if (index.get(row) == null) {
                batch.put(row, kept);
            }
            return;
        }
        OwnerRecord record = index.get(row);
        if (record != null && !kept.isNobody()) {
            link(row, record)
                    .filter(link -> index.get(link) == null)
                    .ifPresent(link -> batch.put(link, OwnerRecord.dead(resolver.partitionOf(kept))));
        }
    }

    /** True when it gave a row a record of its own, so that rows below may find their tenant through it. */
    private boolean keepsByItself(OwnerKey row, OwnerRecord kept, SpilledLayer rows, OwnerIndex.Batch batch) {
        OwnerRecord record = index.get(row);
        if (kept.isDead() || record == null || isResolved(row, record, kept)) {
            return false;
        }
        Optional<OwnerKey> parent = link(row, record);
        OwnerRecord parentKept = parent.map(rows::own).orElse(null);
        if (parent.isPresent()
                && parentKept != null
                && !isResolved(parent.get(), index.get(parent.get()), parentKept)) {
            return false; // first what it hangs below
        }
        TableOwnership table = tables.get(row.oid());
        if (table == null || !resolver.namesGone(table, record, index)) {
            batch.put(row, kept);
            return true;
        }
        Partition tenant = resolver.partitionOf(kept);
        batch.put(row, OwnerRecord.left(tenant, record));
        resolver.leave(table, record, tenant, index, batch::put);
        batch.writePending(); // the next one may name the same
        return true;
    }

    private boolean isResolved(OwnerKey row, @Nullable OwnerRecord record, OwnerRecord kept) {
        TableOwnership table = tables.get(row.oid());
        return table == null || record == null || leadsTo(resolver.resolve(table, kept, index), table, record);
    }

    private Optional<OwnerKey> link(OwnerKey row, OwnerRecord record) {
        TableOwnership table = tables.get(row.oid());
        return table == null ? Optional.empty() : resolver.link(table, record);
    }
}
