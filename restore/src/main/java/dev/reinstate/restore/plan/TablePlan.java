package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.restore.content.ContentHash;

/**
 * What a restore would do to one table.
 *
 * @param missing rows of then that are not there now: would be inserted, under any policy
 * @param relinked rows that are there and belong to nobody by now, because what they belonged to was deleted: would be
 *     updated to what they were, under any policy
 * @param different rows that are there with other values: would be updated, under {@link RestorePolicy#REPLACE}
 * @param surplus rows that were not there then: would be deleted, under {@link RestorePolicy#REPLACE}
 * @param alreadyRight rows that are as they were
 * @param sizeBytes of the values of the rows to insert and update
 * @param then the tenant's rows of the position
 * @param after what the table must hold of the tenant once the restore is done; {@code then} unless the policy leaves
 *     live rows alone
 */
public record TablePlan(
        TableName table,
        long missing,
        long relinked,
        long different,
        long surplus,
        long alreadyRight,
        long sizeBytes,
        ContentHash then,
        ContentHash after) {
    public boolean isRight() {
        return missing == 0 && relinked == 0 && different == 0 && surplus == 0;
    }

    /** Rows that the tenant has now and would lose as they are, were they replaced. */
    public long writtenSince() {
        return different + surplus;
    }
}
