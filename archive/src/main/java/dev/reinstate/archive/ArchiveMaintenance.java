package dev.reinstate.archive;

import dev.reinstate.model.TenantId;

/**
 * Changes to an archive beside its writer, which they neither fence nor disturb. Any number of processes may have it open
 * at once. Each change is one manifest: it is there whole or not at all. If a call throws {@code UNAVAILABLE} it may be
 * made again. Not thread-safe.
 */
public interface ArchiveMaintenance {
    /** As of the newest manifest this has read or written. */
    ArchiveState state();

    /**
     * Places a legal hold: from now on nothing of the tenant's history may be removed. {@code CONFLICT} if the tenant is
     * held already; no effect if it is for the same reason.
     *
     * @param reason for people; stored readable by everyone who can read manifests
     */
    void placeHold(TenantId tenant, String reason);

    /** Ends a tenant's hold; {@code CONFLICT} if it is not held. */
    void releaseHold(TenantId tenant, String reason);
}
