package dev.reinstate.archive;

import dev.reinstate.model.TenantId;
import java.time.Instant;

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

    /**
     * Schedules the erasure of everything the archive holds of a tenant; nothing is destroyed yet. {@code CONFLICT} if
     * one is scheduled already, {@code REFUSED} if the archive is not encrypted.
     *
     * @param due from when on it may be executed
     * @param reason for people; stored readable by everyone who can read manifests
     */
    void scheduleErasure(TenantId tenant, Instant due, String reason);

    /** Ends a scheduled erasure; {@code CONFLICT} if none is. */
    void cancelErasure(TenantId tenant, String reason);

    /**
     * Executes a scheduled erasure: nobody can read what the archive holds of the tenant from then on. Run again after
     * an interruption, it ends in the same state. {@code CONFLICT} if none is scheduled; {@code REFUSED} if it is not due
     * yet, the tenant is held, or it has rows at the end of history: those would be captured again.
     */
    void executeErasure(TenantId tenant);

    /**
     * The same for an archive that nobody captures into any more: {@link #executeErasure} refuses also as long as the times
     * of history, which come from the source's clock, are more than an hour before {@code due}. Here this machine's clock
     * alone decides.
     */
    void executeErasureByClockAlone(TenantId tenant);

    /** Ends a tenant's hold; {@code CONFLICT} if it is not held. */
    void releaseHold(TenantId tenant, String reason);
}
