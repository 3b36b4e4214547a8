package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds the rows that folds begin with against the content hashes kept with them, before the first is handed out, so that
 * another image can serve. Reads each image once for each partition. Thread-safe.
 */
final class BaseCheck {
    private final Map<Place, ImageContent> read = new ConcurrentHashMap<>();

    /** @param firstPart key of the image's first part */
    private record Place(Partition partition, String firstPart) {}

    /**
     * Throws {@link BaseRows.ImageDamaged} if the image is damaged, {@code DAMAGED} if one of a table is.
     *
     * @return the image's position if hashes were kept with all rows that there are; empty if not, or if there are none
     */
    Optional<Lsn> check(Snapshot snapshot, FoldBase base, Partition partition) {
        ImageContent image;
        try {
            image = contentOf(snapshot, base.image(), partition);
        } catch (ReinstateException e) {
            throw BaseRows.ImageDamaged.of(e);
        }
        boolean hasRows = image.hasRows();
        boolean isWhole = image.isWhole();
        for (Entry.TableImage tableImage : base.tableImages()) {
            ImageContent content = contentOf(snapshot, tableImage.parts(), partition);
            hasRows |= content.hasRows();
            isWhole &= content.isWhole();
        }
        return hasRows && isWhole ? Optional.of(base.image().position()) : Optional.empty();
    }

    /** {@code DAMAGED} if the rows are others than were written. */
    ImageContent contentOf(Snapshot snapshot, Entry.Image image, Partition partition) {
        return contentOf(snapshot, image.parts(), partition);
    }

    private ImageContent contentOf(Snapshot snapshot, List<Entry.Part> parts, Partition partition) {
        if (parts.isEmpty()) {
            return new ImageContent(List.of(), false, true);
        }
        Place place = new Place(partition, parts.getFirst().object().key());
        ImageContent known = read.get(place);
        if (known == null) {
            known = ImageContent.read(snapshot, parts, partition);
            read.put(place, known);
        }
        return known;
    }
}
