package dev.reinstate.capture.stream;

import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.SegmentWriter;
import dev.reinstate.capture.owner.OwnerLayer;
import dev.reinstate.capture.owner.PendingOwners;
import dev.reinstate.capture.owner.SpilledLayer;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The transactions that become durable together, and the owners after them. */
final class Segment implements AutoCloseable {
    private final SegmentWriter writer;
    private final OwnerLayer owners;
    private final long openedNanos;
    private Optional<SpilledLayer> spilledOwners = Optional.empty();
    private @Nullable Commit newest;

    private Segment(SegmentWriter writer, OwnerLayer owners, long openedNanos) {
        this.writer = writer;
        this.owners = owners;
        this.openedNanos = openedNanos;
    }

    static Segment open(ArchiveWriter archive, PendingOwners pending) {
        return new Segment(archive.beginSegment(), pending.push(), System.nanoTime());
    }

    SegmentWriter writer() {
        return writer;
    }

    /** The owners after the segment's transactions, of rows that one of them changed. */
    OwnerLayer owners() {
        return owners;
    }

    /** The owners after its last transaction, which was too large for memory. */
    Optional<SpilledLayer> spilledOwners() {
        return spilledOwners;
    }

    void spilled(SpilledLayer layer) {
        spilledOwners = Optional.of(layer);
    }

    void add(Commit commit) {
        writer.addCommit(commit);
        newest = commit;
    }

    boolean isEmpty() {
        return newest == null;
    }

    /** End LSN of its newest transaction. */
    Lsn endLsn() {
        return newest == null ? Lsn.ZERO : newest.endLsn();
    }

    Instant newestCommitTime() {
        return newest == null ? Instant.EPOCH : newest.time();
    }

    long ageNanos() {
        return System.nanoTime() - openedNanos;
    }

    long sizeBytes() {
        return writer.sizeBytes() + owners.sizeBytes();
    }

    @Override
    public void close() {
        writer.close();
    }
}
