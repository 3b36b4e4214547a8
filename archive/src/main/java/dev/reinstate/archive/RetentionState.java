package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * How far back an archive reaches, and what is there besides.
 *
 * @param oldest the oldest moment that can be restored for everybody; empty before the first image
 * @param cut where retention let go of what was before; empty when it never did
 * @param keptBytes of images and segments that are kept for everybody
 * @param heldObjects of before that, still there for tenants that are held
 * @param heldBytes their size
 * @param waitingObjects that nothing needs any more: they are removed after the grace period, and when no lock is on them
 * @param waitingBytes their size
 */
public record RetentionState(
        Optional<Instant> oldest,
        Optional<Cut> cut,
        long keptBytes,
        long heldObjects,
        long heldBytes,
        long waitingObjects,
        long waitingBytes) {
    /** Of an archive that is not there yet. */
    public static final RetentionState NOTHING = new RetentionState(Optional.empty(), Optional.empty(), 0, 0, 0, 0, 0);

    /**
     * Where retention let go.
     *
     * @param from position of the image with which everything that is kept begins
     * @param since when that was
     */
    public record Cut(Lsn from, Instant since) {}
}
