package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Changes to an archive beside its writer, which they neither fence nor disturb. Any number of processes may have it open
 * at once. Each change is one manifest: it is there whole or not at all. If a call throws {@code UNAVAILABLE} it may be
 * made again. Not thread-safe.
 */
public interface ArchiveMaintenance extends AutoCloseable {
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

    /**
     * Merges one run of segments into one, so that reads have fewer objects to look into. Nothing is lost or changed by
     * it, and readers at work are not disturbed; the objects replaced stay. Memory: some 64 windows and blocks of 256 KB,
     * and the table of their commits, 72 MB at most. What an erasure destroyed is left out; if one is executed meanwhile,
     * the merge is made anew. {@code DAMAGED} when segments cannot be read: they are left as they are from the next call
     * on.
     *
     * @return what was done; empty when there is nothing to merge
     */
    Optional<Merged> compactOnce();

    /**
     * Makes an image from the newest image and what came since, never from the source: folds begin there from then on. Made
     * when what came since is as large as the image, and at least 16 MB; not while there are more than 256 segments since
     * (merge them first), in a gap, or where a table is uncertain. {@code DAMAGED} when a row's history does not add up.
     * Memory: a window and a block of 256 KB of each object read, and one row.
     *
     * @param evenIfSmall make one whenever there is any change since the newest
     * @return what was made; empty if nothing
     */
    Optional<MadeImage> makeImage(boolean evenIfSmall);

    /**
     * Removes objects that merging replaced, where that is longer ago than a grace period. Nothing that the archive's newest
     * state names is removed; a reader that saw the state before the merge finds them missing: {@code UNAVAILABLE}.
     *
     * @param grace longer than any reader runs
     * @return what was removed; empty if nothing is due
     */
    Optional<Removed> removeReplaced(Duration grace);

    /** What {@link #removeReplaced} would remove. */
    Removed replaced(Duration grace);

    @Override
    void close();

    /**
     * Objects that are gone.
     *
     * @param locked merges of which the store's lock still keeps objects
     */
    record Removed(long objects, long sizeBytes, long locked) {}

    /** @param position every commit before it is in the image, none after */
    record MadeImage(Lsn position, Instant time, long rows, long sizeBytes) {}

    /**
     * Segments became one.
     *
     * @param segments how many
     * @param bytesRead what they had together
     * @param bytesWritten what the one has
     */
    record Merged(Lsn from, Lsn to, int segments, long bytesRead, long bytesWritten) {}
}
