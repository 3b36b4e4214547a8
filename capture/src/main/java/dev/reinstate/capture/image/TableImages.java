package dev.reinstate.capture.image;

import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.archive.ReimagedTable;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.catalogue.Table;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Takes images of single tables, over an archive and an owner index that reflect exactly what was committed before the
 * snapshot.
 */
public final class TableImages {
    private final ArchiveWriter archive;
    private final OwnerIndex index;
    private final CaptureListener listener;
    private final InstantSource clock;
    private final String fingerprint;
    private final CaptureSettings.Limits limits;

    /**
     * @param fingerprint of the owner index
     * @param limits larger rows are left out and reported
     */
    public TableImages(
            ArchiveWriter archive,
            OwnerIndex index,
            CaptureListener listener,
            InstantSource clock,
            String fingerprint,
            CaptureSettings.Limits limits) {
        this.archive = archive;
        this.index = index;
        this.listener = listener;
        this.clock = clock;
        this.fingerprint = fingerprint;
        this.limits = limits;
    }

    /** What became of an attempt. */
    public enum Outcome {
        PUBLISHED,
        /** Somebody rewrote or emptied a table before it could be read. */
        OVERTAKEN,
        STOPPED
    }

    /** Of tables that are gone there is nothing to read. */
    public void publishEmpty(List<ReimagedTable> gone, Lsn position) {
        try (ImageWriter image = archive.beginTableImage(gone)) {
            image.publish(position, clock.instant());
        }
    }

    /**
     * Reads tables and publishes their image.
     *
     * @param seen the tables as they are in the snapshot
     * @param reimaged which; those that are not there are empty
     */
    public Outcome take(ImageSnapshot snapshot, SourceTables seen, List<ReimagedTable> reimaged, BooleanSupplier stop) {
        Set<Integer> oids = reimaged.stream().map(ReimagedTable::oid).collect(Collectors.toSet());
        Instant time = clock.instant();
        try (ImageWriter image = archive.beginTableImage(reimaged);
                OwnerIndex.Batch batch = index.begin()) {
            ImageOwners owners = ImageOwners.amending(index, batch);
            TableReader reader = new TableReader(snapshot, image, owners, seen, limits, listener);
            for (Table table : seen.captured()) {
                if (!oids.contains(table.oid())) {
                    continue;
                }
                if (stop.getAsBoolean() || !reader.read(table, stop)) {
                    return Outcome.STOPPED;
                }
                if (!reader.isUntouched(table)) {
                    return Outcome.OVERTAKEN;
                }
            }
            snapshot.endReading();
            image.publish(snapshot.position(), time);
            owners.commit(new OwnerIndex.Reflected(archive.state().durableTo(), fingerprint));
            index.flush();
            return Outcome.PUBLISHED;
        }
    }

    /** A table as it is read in a snapshot. */
    public static TableVersion version(Lsn position, Instant time, Table table, String command) {
        return new TableVersion(
                position,
                time,
                table.oid(),
                table.name(),
                Optional.of(table.toSchema()),
                table.storage().text(),
                command,
                true);
    }
}
