package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.replication.TimelineHistory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The store goes on in another timeline than the archive's: a standby took over, or the server was recovered from a backup.
 * What both have in common goes on without a gap. Where the archive holds more than that, positions after the fork name
 * two histories: what it holds stays, and a gap and an image keep them apart.
 *
 * @param fork up to where both are the same
 */
record TimelineChange(int before, int now, Lsn fork, Lsn durableTo) {
    /** {@code REFUSED} when the archive is of another store, or of a history that is not the store's any more. */
    static Optional<TimelineChange> of(Database database, ArchiveState archive, StoreIdentity store) {
        StoreIdentity known = archive.store();
        if (known.equals(store)) {
            return Optional.empty();
        }
        if (known.systemIdentifier() != store.systemIdentifier()
                || !known.database().equals(store.database())) {
            throw refused(
                    database,
                    archive,
                    store,
                    "they have nothing in common",
                    "protect this database into an archive of its own");
        }
        Optional<Lsn> fork = fork(database, known.timeline(), store.timeline());
        if (fork.isEmpty()) {
            throw refused(
                    database,
                    archive,
                    store,
                    "timeline " + store.timeline() + " did not come from timeline " + known.timeline()
                            + ": this may be the old primary, and another server has taken over",
                    "give the address of the server that goes on with timeline " + known.timeline()
                            + ", or protect this one into an archive of its own; the old one stays restorable");
        }
        return Optional.of(new TimelineChange(known.timeline(), store.timeline(), fork.get(), archive.durableTo()));
    }

    private static Optional<Lsn> fork(Database database, int before, int now) {
        try (Connection replication = database.connectReplication()) {
            return now < before
                    ? Optional.empty()
                    : TimelineHistory.read(replication, now).leftAt(before);
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot close the session with " + database.displayName(), e);
        }
    }

    private static ReinstateException refused(
            Database database, ArchiveState archive, StoreIdentity store, String why, String next) {
        return ReinstateException.refused(
                "The archive holds the history of store " + archive.store() + " and " + database.displayName() + " is "
                        + store,
                why,
                next);
    }

    /** Whether the archive holds what the store never had, or has no more. */
    boolean isLoss() {
        return fork.isBefore(durableTo);
    }

    void record(ArchiveWriter writer, InstantSource clock, CaptureListener listener) {
        String reason =
                "the source went over to timeline " + now + " at " + fork + ": what the archive holds from there to "
                        + durableTo + " was committed on timeline " + before + " and is not in the source";
        boolean opensGap = isLoss() && writer.state().isContinuous();
        writer.publishTimeline(now, fork, clock.instant(), reason);
        listener.timeline(before, now, fork);
        if (opensGap) {
            listener.gap(durableTo, reason);
        }
    }
}
