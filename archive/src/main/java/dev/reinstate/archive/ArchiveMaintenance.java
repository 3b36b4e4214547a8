package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
     * the merge is made anew. A merged segment that is damaged is read from those that it was merged from, as long as they are
     * there: {@link DamageListener}. Where nothing stands in for it, it is left as it is, and others are merged around it:
     * {@link #leftDamaged}.
     *
     * @return what was done; empty when there is nothing to merge
     */
    Optional<Merged> compactOnce();

    /**
     * Makes an image from the newest image and what came since, never from the source: folds begin there from then on. Made
     * when what came since is as large as the image, and at least 16 MB; not while there are more than 256 segments since
     * (merge them first), in a gap, or where a table is uncertain. If that image is damaged, the next older one that is whole
     * serves, with what came since that: {@link DamageListener}. Damaged merged segments are read as by {@link #compactOnce};
     * where nothing serves, or a row's history does not add up, none is made until there is another image to begin with:
     * {@link #leftDamaged}.
     * Memory: a window and a block of 256 KB of each object read, and one row.
     *
     * @param evenIfSmall make one whenever there is any change since the newest
     * @return what was made; empty if nothing
     */
    Optional<MadeImage> makeImage(boolean evenIfSmall);

    /**
     * Why segments were not merged, or an image was not made, since this was opened: each is {@code DAMAGED} and names what
     * nothing stands in for. Not tried again; opened anew, it is, since damaged objects may have been put back.
     *
     * @return oldest first
     */
    List<ReinstateException> leftDamaged();

    /**
     * Lets go of history that is before the window: from then on moments there are {@code NOT_RESTORABLE}, but for tenants
     * that are held. Objects stay until {@link #removeReplaced}. Call it until it is empty: one call names 20,000 objects
     * at most. Reads the indexes of old objects where a tenant is held.
     *
     * @return what was let go; empty if there is nothing
     */
    Optional<LetGo> letGo(RetentionPolicy policy);

    /** What {@link #letGo} would let go of, at the first call. */
    Optional<LetGo> couldLetGo(RetentionPolicy policy);

    /**
     * Writes down the state that the archive has, if 16,384 entries came since that was done last, so that the chain of its
     * manifests can be begun there; and lets go of manifests before the newest such state that is older than the window. They
     * stay until {@link #removeReplaced}, and so do those that name objects which wait to be removed. No moment is lost by it.
     * Memory: what the archive's state takes, some 600 bytes a segment.
     *
     * @return whether something was written
     */
    boolean shortenChain(RetentionPolicy policy);

    /**
     * Keys of objects that no entry of the archive names and that were not noted before: leftovers of killed writers and
     * merges, images that are out of use, and whatever is just being written. At most 20,000.
     */
    List<String> leftovers();

    /**
     * Notes them. What of them nobody has named until the grace period is over, {@link #removeReplaced} removes; who would
     * name one after that writes it anew instead.
     *
     * @return how many
     */
    long noteLeftovers();

    /** How far back the archive reaches, and what waits to be removed, as of {@link #state}. */
    RetentionState retention();

    /**
     * Removes objects that merging replaced or that were let go, and manifests that the chain is not begun with any more, where
     * that is longer ago than a grace period. Nothing that the archive's newest state names is removed; a reader that saw the state before finds them missing: {@code UNAVAILABLE}.
     * What was merged stays as long as the merged segment is not what was written, which is read once before: {@link DamageListener}.
     * What the store keeps locked is left for a later call, and so is what is more than 20,000 manifests. How long ago it is,
     * both clocks must say, this machine's and the one whose times are in the archive: where history ended, nothing is removed
     * that was replaced more than an hour after its end.
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
     * @param objects images' parts and segments
     * @param sizeBytes their size
     * @param manifests of the chain
     * @param locked manifests of whose replaced objects the store's lock still keeps objects, or whose replaced objects are
     *     needed, since what took their place is damaged; and one more if the lock keeps manifests
     */
    record Removed(long objects, long sizeBytes, long manifests, long locked) {}

    /**
     * History that is no longer kept for everybody.
     *
     * @param from position of the image with which what is kept begins
     * @param fromTime of that image
     * @param lost moments that were restorable before
     * @param objects that nobody needs any more
     * @param sizeBytes their size
     * @param keptForHolds objects before it that stay for tenants that are held
     * @param keptForHoldsBytes their size
     */
    record LetGo(
            Lsn from,
            Instant fromTime,
            List<ArchiveState.Range> lost,
            long objects,
            long sizeBytes,
            long keptForHolds,
            long keptForHoldsBytes) {
        public LetGo {
            lost = List.copyOf(lost);
        }
    }

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
