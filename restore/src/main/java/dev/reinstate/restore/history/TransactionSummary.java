package dev.reinstate.restore.history;

import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one transaction did to one tenant.
 *
 * @param root what it did to the tenant's row in the tenant table; without one, whether the tenant gained rows
 * @param gone tables that were found to be gone; then it is no transaction of the change stream
 */
record TransactionSummary(Commit commit, SortedMap<TableName, TableCounts> tables, Root root, List<GoneTable> gone) {
    /** The fate of the tenant's own row in a transaction. */
    enum Root {
        UNTOUCHED,
        PRESENT,
        DELETED,
        MOVED
    }

    /** Those tables' rows are gone, as if they had been truncated. */
    static TransactionSummary of(List<GoneTable> gone, boolean tenantTable) {
        GoneTable first = gone.getFirst();
        SortedMap<TableName, TableCounts> tables = new TreeMap<>();
        gone.forEach(table -> tables.put(table.table(), TableCounts.TRUNCATED));
        Commit commit = new Commit(first.by(), new Lsn(first.by().value() + 1), first.noticed(), 0, "");
        return new TransactionSummary(commit, tables, tenantTable ? Root.DELETED : Root.UNTOUCHED, gone);
    }

    /** The first position at which what it did may have been done. */
    Lsn from() {
        return gone.stream().map(GoneTable::from).min(Comparator.naturalOrder()).orElse(commit.commitLsn());
    }

    long changes() {
        return tables.values().stream().mapToLong(TableCounts::changes).sum();
    }
}
