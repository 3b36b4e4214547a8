package dev.reinstate.restore.history;

import dev.reinstate.model.Commit;
import dev.reinstate.model.TableName;
import java.util.SortedMap;

/**
 * What one transaction did to one tenant.
 *
 * @param root what it did to the tenant's row in the tenant table; without one, whether the tenant gained rows
 */
record TransactionSummary(Commit commit, SortedMap<TableName, TableCounts> tables, Root root) {
    /** The fate of the tenant's own row in a transaction. */
    enum Root {
        UNTOUCHED,
        PRESENT,
        DELETED,
        MOVED
    }

    long changes() {
        return tables.values().stream().mapToLong(TableCounts::changes).sum();
    }
}
