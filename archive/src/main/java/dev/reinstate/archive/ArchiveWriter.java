package dev.reinstate.archive;

import dev.reinstate.model.Definitions;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyMap;
import java.time.Instant;
import java.util.List;

/**
 * The one writer of an archive. Opening it writes a manifest, which fences every writer opened before: its next publish
 * fails with {@code REFUSED}. A publish returns only when the object and then the manifest naming it are durable. If it
 * throws {@code UNAVAILABLE} the same call may be made again. To give up instead, close everything and open a new
 * writer: its {@link #state} says whether the publish came through after all.
 *
 * <p>Publishes are called by one thread at a time. Filling the next segment may overlap publishing the last one.
 */
public interface ArchiveWriter extends AutoCloseable {
    /** As of the newest manifest this writer has written. */
    ArchiveState state();

    /** The archive's end, as of the newest manifest this writer has written. */
    ArchiveHead head();

    /** Records a new tenancy map; rows captured from now on are attributed by it. */
    void publishTenancyMap(TenancyMap map);

    /** Begins an image; nothing is visible before {@link ImageWriter#publish}. */
    ImageWriter beginImage();

    /**
     * Begins an image of just these tables, in every partition; nothing is visible before {@link ImageWriter#publish},
     * whose position must be at or after the first image of the range and at or before {@code state().durableTo()}.
     * Folds at or after it take these tables' rows from it. A table without rows in it was empty, or is gone.
     */
    ImageWriter beginTableImage(List<ReimagedTable> tables);

    /** Begins a segment; nothing is visible before {@link SegmentWriter#publish}. */
    SegmentWriter beginSegment();

    /** Adds to the catalogue history; no-op without versions. They are durable when this returns. */
    void publishTableVersions(List<TableVersion> versions);

    /** Records what makes the tables from its position on. Durable when this returns. */
    void publishDefinitions(Definitions definitions);

    /** Says that nothing was committed between {@code state().durableTo()} and {@code to}; no-op if not after it. */
    void publishPosition(Lsn to, Instant now);

    /** Records that history after {@code state().durableTo()} is lost until the next image. */
    void publishGap(Instant now, String reason);

    /**
     * Records that the store goes on in another timeline; no-op if it is in that one. Where the timelines part before
     * {@code state().durableTo()}, history is lost from there until the next image, as {@link #publishGap} says.
     *
     * @param timeline higher than {@code state().store().timeline()}
     * @param fork up to where both timelines are the same
     * @param reason of the gap, for people
     */
    void publishTimeline(int timeline, Lsn fork, Instant now, String reason);

    /** Gives up unpublished work. The archive stays valid. */
    @Override
    void close();
}
