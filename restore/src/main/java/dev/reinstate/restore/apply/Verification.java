package dev.reinstate.restore.apply;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.restore.content.ContentHash;
import dev.reinstate.restore.content.ContentSum;
import dev.reinstate.restore.content.RowHasher;
import dev.reinstate.restore.plan.LiveRows;
import dev.reinstate.restore.plan.OrphanKeys;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.plan.TableTally;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;

/** Reads a tenant back, inside the transaction that restored it, and compares it with what it must be. */
final class Verification {
    private final Connection connection;
    private final LiveRows liveRows;
    private final OrphanKeys orphans;
    private final RowHasher hasher = new RowHasher();

    /** @param orphans of the merge: rows that no path leads to are read back by key where what the paths lead to is not all */
    Verification(Connection connection, LiveRows liveRows, OrphanKeys orphans) {
        this.connection = connection;
        this.liveRows = liveRows;
        this.orphans = orphans;
    }

    /** {@code CONFLICT} when any table does not hold exactly the rows it must. */
    void verify(List<TableTally> tables) {
        List<String> wrong = new ArrayList<>();
        for (TableTally tally : tables) {
            TablePlan plan = tally.toPlan();
            ContentHash found = readBack(tally);
            if (!found.equals(tally.toReadBack())) {
                wrong.add(plan.table() + ": " + plan.after().rows() + " rows must be there, " + found.rows()
                        + " were read back"
                        + (found.rows() == plan.after().rows() ? ", some of them with other values" : ""));
            }
        }
        if (!wrong.isEmpty()) {
            throw ReinstateException.conflict(
                            "The tenant read back is not the tenant restored",
                            "someone wrote to it meanwhile, or a trigger or a default changed what was written",
                            "the restore was rolled back; stop writes to the tenant and its tables' triggers, then retry")
                    .withDetails(wrong);
        }
    }

    private ContentHash readBack(TableTally tally) {
        ContentSum sum = new ContentSum();
        TableLayout table = tally.table();
        liveRows.readBack(connection, table, row -> sum.add(hasher.hash(row)));
        if (!sum.toHash().equals(tally.toPlan().after())) {
            orphans.forEachUnreached(
                    table.name(),
                    keys -> liveRows.readBackOrphans(connection, table, keys, row -> sum.add(hasher.hash(row))));
        }
        return sum.toHash();
    }
}
