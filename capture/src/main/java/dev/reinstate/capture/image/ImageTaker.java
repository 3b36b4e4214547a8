package dev.reinstate.capture.image;

import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.ReplicationSlots.CreatedSlot;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Takes an image and fills the owner index with the owners of its rows. */
public final class ImageTaker {
    private static final Duration WAIT_REPORT = Duration.ofSeconds(2);

    private final Database database;
    private final String slot;
    private final ArchiveWriter archive;
    private final OwnerIndex index;
    private final CaptureListener listener;
    private final Clock clock;

    public ImageTaker(
            Database database,
            String slot,
            ArchiveWriter archive,
            OwnerIndex index,
            CaptureListener listener,
            Clock clock) {
        this.database = database;
        this.slot = slot;
        this.archive = archive;
        this.index = index;
        this.listener = listener;
        this.clock = clock;
    }

    /**
     * Takes an image of the tables under a new slot; a slot of that name must not exist.
     *
     * @param reason for people
     * @param fingerprint of the owner index
     * @param rowLimitBytes larger rows are left out and reported
     * @param stop asks to give up; the image is not published then
     * @return the image's position, from which the slot streams; {@link Lsn#ZERO} when given up
     */
    public Lsn take(SourceTables tables, String reason, String fingerprint, long rowLimitBytes, BooleanSupplier stop) {
        Instant began = clock.instant();
        index.clear();
        try (Connection replication = database.connectReplication();
                Connection reading = database.connect()) {
            CreatedSlot created = createSlot(replication, reading);
            ReplicationSlots.useSnapshot(reading, created);
            SourceTables seen = SourceTables.of(Catalogue.read(reading), tables.rules());
            Instant time = clock.instant();
            listener.imageStarted(
                    reason,
                    seen.captured().size(),
                    seen.captured().stream()
                            .mapToLong(t -> Math.max(0, t.estimatedRows()))
                            .sum());
            try (ImageWriter image = archive.beginImage();
                    OwnerIndex.Batch owners = index.begin()) {
                TableReader reader = new TableReader(
                        reading, image, owners, seen.ownership(), created.consistentPoint(), rowLimitBytes, listener);
                for (Table table : seen.captured()) {
                    if (stop.getAsBoolean() || !reader.read(table, stop)) {
                        return Lsn.ZERO;
                    }
                }
                reading.rollback();
                listener.imagePublishing(image.rows(), reader.bytes());
                image.publish(created.consistentPoint(), time);
                owners.commit(new OwnerIndex.Reflected(created.consistentPoint(), fingerprint));
                index.flush();
                listener.imagePublished(
                        created.consistentPoint(), image.rows(), Duration.between(began, clock.instant()));
            }
            return created.consistentPoint();
        } catch (SQLException e) {
            throw PostgresFailure.of("The image of " + database.displayName() + " failed", e);
        }
    }

    /** The server makes the slot once every transaction that writes at that moment has ended: say which. */
    private CreatedSlot createSlot(Connection replication, Connection watching) {
        FutureTask<CreatedSlot> creation = new FutureTask<>(() -> ReplicationSlots.create(replication, slot));
        Thread.ofVirtual().name("slot creation").start(creation);
        while (true) {
            try {
                return creation.get(WAIT_REPORT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                listener.waitingForTransactions(ReplicationSlots.openTransactions(watching).stream()
                        .map(open -> "process " + open.pid() + " of " + open.user() + ", open for "
                                + open.age().toSeconds() + " s")
                        .toList());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new IllegalStateException("creating slot " + slot, e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while creating slot " + slot, e);
            }
        }
    }
}
