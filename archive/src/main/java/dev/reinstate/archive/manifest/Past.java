package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is before the moments that are kept for everybody: only what tenants need that are held, and what is not removed
 * yet.
 *
 * @param from position of the image that everything kept begins with
 * @param since when that was decided
 * @param held whose earlier moments are kept, and from which on
 * @param ranges stretches of which moments are kept for somebody, oldest first; they end at {@code from}
 * @param images of earlier positions, with the parts that are kept
 * @param tableImages the same
 * @param segments that begin before {@code from} and are needed before it, oldest first; there may be holes between them
 */
public record Past(
        Lsn from,
        Instant since,
        List<Entry.Kept> held,
        List<History.Stretch> ranges,
        List<Entry.Image> images,
        List<Entry.TableImage> tableImages,
        List<Entry.Segment> segments) {
    public Past {
        held = List.copyOf(held);
        ranges = List.copyOf(ranges);
        images = List.copyOf(images);
        tableImages = List.copyOf(tableImages);
        segments = List.copyOf(segments);
    }

    /** From which image's position on the tenant's moments are kept, if any before {@link #from} are. */
    public Optional<Lsn> keptFrom(Token tenant) {
        return held.stream()
                .filter(kept -> kept.tenant().equals(tenant))
                .map(Entry.Kept::from)
                .findFirst();
    }

    /** From which position on something is kept for somebody. */
    public Optional<Lsn> keptFrom() {
        return held.stream().map(Entry.Kept::from).min(Lsn::compareTo);
    }
}
