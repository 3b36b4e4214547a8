package dev.reinstate.restore.history;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How many rows a tenant has in each table, followed through its transactions. */
final class RowCounts {
    private final Map<TableName, Long> rows;
    private final TenancyMap map;

    private RowCounts(Map<TableName, Long> rows, TenancyMap map) {
        this.rows = rows;
        this.map = map;
    }

    /** Counted by reading the tenant's rows of that position. */
    static RowCounts at(ArchiveReader archive, TenantId tenant, Lsn position) {
        Map<TableName, Long> rows = new HashMap<>();
        try (ArchiveReader.RowStream fold = archive.fold(Partition.of(tenant), position, table -> true)) {
            while (fold.hasNext()) {
                rows.merge(fold.next().table().name(), 1L, Long::sum);
            }
        }
        return new RowCounts(rows, archive.state().tenancyMap());
    }

    long of(TableName table) {
        return rows.getOrDefault(table, 0L);
    }

    /** Whether the tenant's own row is there; where tenants have none, whether any of its rows is. */
    boolean hasTenant() {
        return map.tenantTable()
                .map(table -> of(table) > 0)
                .orElseGet(() -> rows.values().stream().anyMatch(count -> count > 0));
    }

    /** Rows a transaction deletes on balance, per table it deletes from; to be asked before {@link #apply}. */
    SortedMap<TableName, Long> netDeleted(TransactionSummary transaction) {
        SortedMap<TableName, Long> deleted = new TreeMap<>();
        transaction.tables().forEach((table, counts) -> {
            long net = counts.netDeleted(of(table));
            if (net > 0) {
                deleted.put(table, net);
            }
        });
        return deleted;
    }

    void apply(TransactionSummary transaction) {
        transaction.tables().forEach((table, counts) -> rows.put(table, counts.rowsAfter(of(table))));
    }

    /** What became of the tenant in the transaction applied last: where it has no row of its own, its last row tells. */
    TransactionSummary.Root rootAfter(TransactionSummary transaction) {
        if (map.tenantTable().isPresent()) {
            return transaction.root();
        }
        if (hasTenant()) {
            return TransactionSummary.Root.PRESENT;
        }
        boolean onlyLeft = transaction.tables().values().stream()
                .allMatch(counts -> counts.left() > 0 && counts.deleted() == 0 && !counts.truncated());
        return onlyLeft ? TransactionSummary.Root.MOVED : TransactionSummary.Root.DELETED;
    }
}
