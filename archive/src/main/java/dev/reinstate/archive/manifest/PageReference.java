package dev.reinstate.archive.manifest;

import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.List;

/** Where a checkpoint keeps a list of segments, and what is worth knowing without reading it. */
public record PageReference(String key, String sha256, Lsn from, Lsn to, Totals totals, Instant maxTime) {
    /** @param segments at least one, oldest first, as they are in that object */
    public static PageReference to(String key, String sha256, List<Entry.Segment> segments) {
        return new PageReference(
                key,
                sha256,
                segments.getFirst().from(),
                segments.getLast().to(),
                segments.stream().map(Totals::of).reduce(Totals.NONE, Totals::plus),
                segments.stream()
                        .map(segment -> segment.commits().maxTime())
                        .max(Instant::compareTo)
                        .orElseThrow());
    }

    /** Sums over segments. */
    public record Totals(long segments, long changes, long commits, long sizeBytes) {
        public static final Totals NONE = new Totals(0, 0, 0, 0);

        public Totals plus(Totals other) {
            return new Totals(
                    segments + other.segments,
                    changes + other.changes,
                    commits + other.commits,
                    sizeBytes + other.sizeBytes);
        }

        public static Totals of(Entry.Segment segment) {
            return new Totals(
                    1,
                    segment.changes(),
                    segment.commits().count(),
                    segment.object().sizeBytes());
        }
    }
}
