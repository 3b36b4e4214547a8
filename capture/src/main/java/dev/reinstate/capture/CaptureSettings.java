package dev.reinstate.capture;

import dev.reinstate.postgres.replication.SourceNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What one capture is told.
 *
 * @param names what it puts into the source
 * @param workDirectory local disk for the owner index and what does not fit the memory; losing it costs time only
 * @param segmentInterval how long changes wait at most before a segment is made of them
 * @param watchInterval how long the source's tables and its kept log are left alone between two looks at them
 * @param letGoAfterBytes how much log the source may keep for us; empty: 20 GB, or 80 % of the server's own limit
 * @param newImage take a new image although the archive has one; what lies between is a recorded gap
 * @param acceptLoss go on although the archive lacks what it once held; what lies between is a recorded gap
 * @param limits of memory and disk
 */
public record CaptureSettings(
        SourceNames names,
        Path workDirectory,
        Duration segmentInterval,
        Duration watchInterval,
        OptionalLong letGoAfterBytes,
        boolean newImage,
        boolean acceptLoss,
        Limits limits) {

    /**
     * Limits of memory, and of what an image may ask of the source.
     *
     * @param segmentBytes a segment is made when this much was gathered, whatever the time
     * @param transactionBytes larger transactions go through local disk
     * @param rowBytes larger rows are known by their key alone and cannot be restored
     * @param imageBytesPerSecond how fast an image is read at most, as PostgreSQL's text
     */
    public record Limits(long segmentBytes, long transactionBytes, long rowBytes, long imageBytesPerSecond) {
        public static final Limits DEFAULT = new Limits(24L << 20, 24L << 20, 64L << 20, Long.MAX_VALUE);

        /** Without a limit to how fast images are read. */
        public Limits(long segmentBytes, long transactionBytes, long rowBytes) {
            this(segmentBytes, transactionBytes, rowBytes, Long.MAX_VALUE);
        }

        public Limits withImageBytesPerSecond(long rate) {
            return new Limits(segmentBytes, transactionBytes, rowBytes, rate);
        }
    }

    public CaptureSettings {
        if (segmentInterval.isNegative() || segmentInterval.isZero()) {
            throw new IllegalArgumentException("a segment interval of " + segmentInterval);
        }
        if (watchInterval.isNegative() || watchInterval.isZero()) {
            throw new IllegalArgumentException("a watch interval of " + watchInterval);
        }
    }

    /** What production uses. */
    public static CaptureSettings defaults(String store, Path workDirectory) {
        return new CaptureSettings(
                SourceNames.ofStore(store),
                workDirectory,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                OptionalLong.empty(),
                false,
                false,
                Limits.DEFAULT);
    }

    public CaptureSettings withSegmentInterval(Duration interval) {
        return new CaptureSettings(
                names, workDirectory, interval, watchInterval, letGoAfterBytes, newImage, acceptLoss, limits);
    }

    public CaptureSettings withWatchInterval(Duration interval) {
        return new CaptureSettings(
                names, workDirectory, segmentInterval, interval, letGoAfterBytes, newImage, acceptLoss, limits);
    }

    public CaptureSettings withLetGoAfterBytes(OptionalLong bytes) {
        return new CaptureSettings(
                names, workDirectory, segmentInterval, watchInterval, bytes, newImage, acceptLoss, limits);
    }

    public CaptureSettings withNewImage(boolean wanted) {
        return new CaptureSettings(
                names, workDirectory, segmentInterval, watchInterval, letGoAfterBytes, wanted, acceptLoss, limits);
    }

    public CaptureSettings withAcceptLoss(boolean accepted) {
        return new CaptureSettings(
                names, workDirectory, segmentInterval, watchInterval, letGoAfterBytes, newImage, accepted, limits);
    }

    public CaptureSettings withLimits(Limits other) {
        return new CaptureSettings(
                names, workDirectory, segmentInterval, watchInterval, letGoAfterBytes, newImage, acceptLoss, other);
    }

    /** Where the owner index is. */
    public Path indexDirectory() {
        return workDirectory.resolve("owners");
    }

    /** The archive's head, where a cut-back archive cannot take it along. */
    public Path headFile() {
        return workDirectory.resolve("archive-head");
    }

    /** Up to where the tables were seen to be as the archive has them. */
    public Path lastSeenFile() {
        return workDirectory.resolve("tables-last-seen");
    }

    /** Where transactions too large for memory are kept. */
    public Path spillDirectory() {
        return workDirectory.resolve("spill");
    }
}
