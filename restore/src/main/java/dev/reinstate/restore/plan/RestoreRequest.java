package dev.reinstate.restore.plan;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.util.Set;

/**
 * What is asked for.
 *
 * @param position the tenant comes back as it was right after every commit at or before it
 * @param references what becomes of foreign keys to shared rows that no longer exist
 * @param leaveOut tables ({@code schema.table}) and columns ({@code schema.table.column}) of then not to bring back
 */
public record RestoreRequest(
        TenantId tenant, Lsn position, RestorePolicy policy, ReferencePolicy references, Set<String> leaveOut) {
    public RestoreRequest {
        leaveOut = Set.copyOf(leaveOut);
    }

    /** Where a foreign key that leads nowhere is refused. */
    public RestoreRequest(TenantId tenant, Lsn position, RestorePolicy policy, Set<String> leaveOut) {
        this(tenant, position, policy, ReferencePolicy.FAIL, leaveOut);
    }

    public boolean leavesOut(TableName table) {
        return leaveOut.contains(table.toString());
    }

    public boolean leavesOut(TableName table, String column) {
        return leaveOut.contains(table + "." + column);
    }
}
