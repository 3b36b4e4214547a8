package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.DataObjectWriter;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.Packing;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes images from the newest image that is whole and what came since, without the source. Killed anywhere, it leaves at
 * most parts that no manifest names. Not thread-safe.
 */
final class ImageSynthesis {
    private static final long PART_BYTES = 256L << 20;
    private static final long LEAST_BYTES = 16L << 20;
    /** So many are read side by side, each with a window and a block. */
    private static final int MOST_SEGMENTS = 256;

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final SegmentCatalog catalog;
    private final ObjectReader reader;
    private final Tokens tokens;
    private final Packing packing;
    private final ErasureWatch erasures;
    private final Consumer<ReinstateException> damage;
    /** The newest image when none could be made. */
    private Entry.@Nullable Image left;

    /** @param damage told why an image was not made */
    ImageSynthesis(
            ArchiveObjects objects,
            ArchiveSettings settings,
            ManifestLog log,
            Packing packing,
            Consumer<ReinstateException> damage) {
        this.damage = damage;
        ArchiveKeys keys = log.chain().keys();
        this.objects = objects;
        this.settings = settings;
        this.log = log;
        this.catalog = new SegmentCatalog(objects, keys.documents());
        this.reader = new ObjectReader(objects, keys.objects());
        this.tokens = Tokens.forReading(keys);
        this.packing = packing;
        this.erasures = new ErasureWatch(log);
    }

    /** Where an image is made, and of what time it is. */
    private record Place(Lsn position, Instant time) {}

    /** Makes one if it is worth it, or anyway if there is anything to make it of; empty if not. */
    Optional<ArchiveMaintenance.MadeImage> make(boolean evenIfSmall) {
        return erasures.run(() -> attempt(evenIfSmall));
    }

    private Optional<ArchiveMaintenance.MadeImage> attempt(boolean evenIfSmall) {
        History history = log.chain().history();
        if (history.ranges().isEmpty() || history.isInGap()) {
            return Optional.empty();
        }
        Snapshot snapshot = new Snapshot(
                log.chain().number(),
                history,
                log.chain().keys(),
                catalog,
                reader,
                new MergeSources(objects, log.chain().keys(), history, settings.damage()));
        Lsn last = history.ranges().getLast().to().previous();
        List<Entry.Image> images = snapshot.imagesFor(last);
        Entry.Image newest = images.getFirst();
        List<Entry.Segment> since = snapshot.segments(newest.position(), last);
        long bytes = since.stream()
                .mapToLong(segment -> segment.object().sizeBytes())
                .sum();
        boolean isWorthIt = bytes >= Math.max(LEAST_BYTES, newest.sizeBytes());
        if (since.size() > MOST_SEGMENTS || !(isWorthIt || evenIfSmall)) {
            return Optional.empty();
        }
        if (newest.equals(left)) {
            return Optional.empty();
        }
        return place(snapshot, newest, since).flatMap(place -> make(snapshot, images, place));
    }

    /** The end of the newest segment at which no table is uncertain. */
    private static Optional<Place> place(Snapshot snapshot, Entry.Image newest, List<Entry.Segment> since) {
        for (int i = since.size() - 1; i >= 0; i--) {
            Lsn position = since.get(i).to();
            if (snapshot.uncertainAt(position.previous()).isEmpty()) {
                Instant time = since.subList(0, i + 1).stream()
                        .map(segment -> segment.commits().maxTime())
                        .reduce(newest.time(), (a, b) -> a.isAfter(b) ? a : b);
                return Optional.of(new Place(position, time));
            }
        }
        return Optional.empty();
    }

    private Optional<ArchiveMaintenance.MadeImage> make(Snapshot snapshot, List<Entry.Image> images, Place place) {
        Optional<Written> written;
        try {
            written = write(snapshot, images, place);
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            left = images.getFirst();
            damage.accept(e);
            return Optional.empty();
        }
        return written.flatMap(this::name);
    }

    /** An image that is not named yet. */
    private record Written(Entry.Image image, FoldBase base) {}

    /**
     * From the newest image that is whole, which is said if it is not the first. If none is, throws the first one's damage.
     *
     * @param images newest first
     * @return empty if what was read is not in use any more
     */
    private Optional<Written> write(Snapshot snapshot, List<Entry.Image> images, Place place) {
        List<BaseRows.ImageDamaged> damaged = new ArrayList<>();
        for (Entry.Image image : images) {
            List<Entry.Segment> since =
                    snapshot.segments(image.position(), place.position().previous());
            if (since.size() > MOST_SEGMENTS) {
                throw damaged.getFirst()
                        .damage()
                        .withDetails(List.of("since the image before it, at " + image.position() + ", there are "
                                + since.size() + " segments, and " + MOST_SEGMENTS + " can be read side by side"));
            }
            SteadyRun steady = new SteadyRun(objects, snapshot.sources(), since, MOST_SEGMENTS);
            try {
                Optional<Written> written =
                        steady.read(read -> write(snapshot.with(read), image, place), () -> isCurrent(image, since));
                written.ifPresent(
                        found -> damaged.forEach(newer -> settings.damage().workedAround(newer.workaround(image))));
                return written;
            } catch (BaseRows.ImageDamaged e) {
                if (!isCurrent(image, since)) {
                    return Optional.empty();
                }
                damaged.add(e);
            } catch (ReinstateException e) {
                throw damaged.isEmpty()
                        ? e
                        : MergeSources.both(damaged.getFirst().damage(), e);
            }
        }
        throw damaged.getFirst().damage();
    }

    private boolean isCurrent(Entry.Image image, List<Entry.Segment> since) {
        return erasures.isCurrent(catalog, since)
                && log.chain().history().images().contains(image);
    }

    private Written write(Snapshot snapshot, Entry.Image image, Place place) {
        Lsn position = place.position();
        FoldBase base = snapshot.baseOf(image, position.previous());
        try (WholeFold fold = new WholeFold(snapshot, tokens, base, position.previous())) {
            List<Entry.Part> parts = write(fold, position);
            long rows = parts.stream().mapToLong(Entry.Part::rows).sum();
            return new Written(
                    new Entry.Image(position, place.time(), rows, parts, Optional.of(image.position())), base);
        }
    }

    private Optional<ArchiveMaintenance.MadeImage> name(Written written) {
        Entry.Image image = written.image();
        Optional<Entry.SyntheticImage> published = log.append(
                history -> erasures.isUnchanged(history) && isStillBase(history, written.base(), image.position())
                        ? Optional.of(new Entry.SyntheticImage(image))
                                .filter(entry -> !log.chain().namesAbandoned(entry))
                        : Optional.empty());
        if (published.isEmpty()) {
            delete(image.parts());
        }
        return published.map(entry ->
                new ArchiveMaintenance.MadeImage(image.position(), image.time(), image.rows(), image.sizeBytes()));
    }

    private static boolean isStillBase(History history, FoldBase base, Lsn position) {
        return history.images().contains(base.image())
                && FoldBase.of(history, base.image(), position).equals(base);
    }

    private List<Entry.Part> write(WholeFold fold, Lsn position) {
        List<Entry.Part> parts = new ArrayList<>();
        try {
            write(fold, position, parts);
            return parts;
        } catch (RuntimeException e) {
            delete(parts);
            throw e;
        }
    }

    /** No manifest names them, and none ever will. */
    private void delete(List<Entry.Part> parts) {
        parts.forEach(part -> objects.deleteIfPossible(part.object().key()));
    }

    private void write(WholeFold fold, Lsn position, List<Entry.Part> parts) {
        String random = HexFormat.of().toHexDigits(settings.random().nextLong());
        boolean more = fold.next();
        while (more) {
            String key = Keys.imagePart(position, random, parts.size() + 1);
            try (ObjectSink sink = new ObjectSink(objects, key)) {
                DataObjectWriter writer = new DataObjectWriter(
                        sink,
                        ObjectKind.IMAGE_PART,
                        new ObjectId(ManifestLog.random(settings, 16)),
                        fold.schemas(),
                        new CommitTable(),
                        List.of(),
                        packing);
                do {
                    writer.add(fold.row());
                    more = fold.next();
                } while (more && writer.sizeBytes() < PART_BYTES);
                DataObjectWriter.Summary summary = writer.finish();
                parts.add(new Entry.Part(
                        sink.publish(summary), summary.records(), summary.firstToken(), summary.lastToken()));
            }
        }
    }
}
