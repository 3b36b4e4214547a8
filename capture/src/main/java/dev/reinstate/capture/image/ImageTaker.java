package dev.reinstate.capture.image;

import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Takes an image and fills the owner index with the owners of its rows. */
public final class ImageTaker {
    private static final Duration WAIT_REPORT = Duration.ofSeconds(2);

    private final Database database;
    private final String slot;
    private final ArchiveWriter archive;
    private final OwnerIndex index;
    private final CaptureListener listener;
    private final InstantSource clock;

    public ImageTaker(
            Database database,
            String slot,
            ArchiveWriter archive,
            OwnerIndex index,
            CaptureListener listener,
            InstantSource clock) {
        this.database = database;
        this.slot = slot;
        this.archive = archive;
        this.index = index;
        this.listener = listener;
        this.clock = clock;
    }

    /**
     * Takes an image of the tables under a new slot; a slot of that name must not exist. The archive learns what the
     * tables were.
     *
     * @param reason for people
     * @param fingerprint of the owner index
     * @param limits larger rows are left out and reported; faster it does not read
     * @param stop asks to give up; the image is not published then
     * @return the image's position, from which the slot streams; {@link Lsn#ZERO} when given up
     */
    public Lsn take(
            SourceTables tables,
            String reason,
            String fingerprint,
            CaptureSettings.Limits limits,
            BooleanSupplier stop) {
        Instant began = clock.instant();
        index.clear();
        Optional<ImageSnapshot> opened = ImageSnapshot.open(database, slot, ImageSnapshot.Kind.LASTING, waiting(stop));
        if (opened.isEmpty()) {
            return Lsn.ZERO;
        }
        try (ImageSnapshot snapshot = opened.get();
                ImageWriter image = archive.beginImage();
                OwnerIndex.Batch batch = index.beginFilling()) {
            SourceTables seen = snapshot.tables(tables.rules());
            Instant time = clock.instant();
            listener.imageStarted(
                    reason,
                    seen.captured().size(),
                    seen.captured().stream()
                            .mapToLong(t -> Math.max(0, t.estimatedRows()))
                            .sum());
            ImageOwners owners = ImageOwners.filling(index, batch);
            TableReader reader = new TableReader(snapshot, image, owners, seen, limits, listener);
            List<TableVersion> versions = new ArrayList<>();
            for (Table table : seen.captured()) {
                if (stop.getAsBoolean() || !reader.read(table, stop)) {
                    return Lsn.ZERO;
                }
                // what is not published yet, since it came meanwhile, is read again when it is
                if (reader.isUntouched(table) && SourceTables.isFollowed(table)) {
                    versions.add(TableImages.version(snapshot.position(), time, table, "image"));
                }
            }
            snapshot.endReading();
            listener.imagePublishing(image.rows(), reader.bytes());
            // before the image: an archive that has it knows its tables
            archive.publishTableVersions(versions);
            image.publish(snapshot.position(), time);
            owners.commit(new OwnerIndex.Reflected(snapshot.position(), fingerprint));
            listener.imagePublished(snapshot.position(), image.rows(), Duration.between(began, clock.instant()));
            return snapshot.position();
        }
    }

    private ImageSnapshot.Waiting waiting(BooleanSupplier stop) {
        long[] reported = {System.nanoTime()};
        return (Connection session) -> {
            if (System.nanoTime() - reported[0] > WAIT_REPORT.toNanos()) {
                listener.waitingForTransactions(ImageSnapshot.openTransactions(session));
                reported[0] = System.nanoTime();
            }
            return !stop.getAsBoolean();
        };
    }
}
