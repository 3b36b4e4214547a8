package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the manifests up to some number add up to.
 *
 * @param ranges stretches without gaps, oldest first
 * @param images by position, those of one position as published
 * @param tableImages as published
 * @param catalogue references to the catalogue history, as published
 * @param pages segments that were moved out of {@code segments}, oldest first
 * @param segments the newest segments, oldest first
 * @param holds those in force, in the order they were placed
 * @param erasures those that are scheduled, and those that were executed, in that order of time
 * @param retired which manifests replaced or let go of objects that are still there, oldest first
 * @param past what is left of moments that retention let go of; everything else begins after them
 * @param trail where the chain of manifests can be begun
 */
public record History(
        Origin origin,
        Durable durable,
        List<Stretch> ranges,
        List<Loss> gaps,
        List<Entry.Image> images,
        List<Entry.TableImage> tableImages,
        List<Entry.Catalogue> catalogue,
        List<PageReference> pages,
        List<Entry.Segment> segments,
        List<Entry.Hold> holds,
        List<Entry.Erasure> erasures,
        List<Retired> retired,
        Optional<Past> past,
        Trail trail) {
    public History {
        ranges = List.copyOf(ranges);
        gaps = List.copyOf(gaps);
        images = List.copyOf(images);
        tableImages = List.copyOf(tableImages);
        catalogue = List.copyOf(catalogue);
        pages = List.copyOf(pages);
        segments = List.copyOf(segments);
        holds = List.copyOf(holds);
        erasures = List.copyOf(erasures);
        retired = List.copyOf(retired);
    }

    /** What the archive is of. */
    public record Origin(StoreIdentity store, Token tokenCheck, TenancyMap tenancyMap) {}

    /** How far history reaches. */
    public record Durable(Lsn to, Optional<Instant> time) {}

    /** A stretch without gaps, from its first image's position to before {@code to}. */
    public record Stretch(Lsn from, Instant fromTime, Lsn to, Instant toTime) {
        /** Whether the state right after every commit at or before the position can be folded. */
        public boolean covers(Lsn position) {
            return !position.isBefore(from.previous()) && position.isBefore(to);
        }

        /** Where one ends and the next goes on, both are one. */
        static List<Stretch> joined(List<Stretch> stretches) {
            List<Stretch> joined = new ArrayList<>();
            for (Stretch next : stretches) {
                if (!joined.isEmpty() && joined.getLast().to().equals(next.from())) {
                    Stretch last = joined.removeLast();
                    Instant toTime = next.toTime().isAfter(last.toTime()) ? next.toTime() : last.toTime();
                    joined.add(new Stretch(last.from(), last.fromTime(), next.to(), toTime));
                } else {
                    joined.add(next);
                }
            }
            return joined;
        }
    }

    /** A gap; open while {@code to} is empty. */
    public record Loss(Lsn from, Optional<Lsn> to, Instant since, String reason) {}

    /** A manifest replaced objects then, whose keys it names. */
    public record Retired(long manifest, Instant time, long objects, long sizeBytes) {}

    public boolean isInGap() {
        return !gaps.isEmpty() && gaps.getLast().to().isEmpty();
    }

    public PageReference.Totals totals() {
        PageReference.Totals sum = PageReference.Totals.NONE;
        for (PageReference page : pages) {
            sum = sum.plus(page.totals());
        }
        for (Entry.Segment segment : segments) {
            sum = sum.plus(PageReference.Totals.of(segment));
        }
        return sum;
    }

    /** How often the tenant was erased: the generation of its data key now. */
    public int generationOf(Token tenant) {
        return (int) erasures.stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED
                        && erasure.tenant().equals(tenant))
                .count();
    }

    /** How many erasures were executed. */
    public long executedErasures() {
        return executed(erasures);
    }

    static long executed(List<Entry.Erasure> erasures) {
        return erasures.stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED)
                .count();
    }

    /** The last step of the tenant's last erasure that was not cancelled. */
    public Optional<Entry.Erasure> erasureOf(Token tenant) {
        return erasures.stream()
                .filter(erasure -> erasure.tenant().equals(tenant))
                .reduce((one, other) -> other);
    }

    /** The same with other pages and newest segments, which must hold the same segments. */
    public History repaged(List<PageReference> newPages, List<Entry.Segment> newSegments) {
        HistoryBuilder builder = new HistoryBuilder(this);
        builder.repage(newPages, newSegments);
        return builder.build();
    }

    /** The same without the images from a position on: what the image there was made from, or could have been. */
    public History withoutImagesFrom(Lsn position) {
        HistoryBuilder builder = new HistoryBuilder(this);
        builder.removeImagesFrom(position);
        return builder.build();
    }

    /**
     * As tenants see it that are held: with what is left of before.
     *
     * @param all segments, out of their pages
     */
    public History withPast(List<Entry.Segment> all) {
        if (past.isEmpty() || past.get().held().isEmpty()) {
            return this;
        }
        HistoryBuilder builder = new HistoryBuilder(this);
        builder.addPast(past.get(), all);
        return builder.build();
    }
}
