package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.UncertainInterval;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an archive holds as of one manifest. The last durable manifest <em>is</em> the capture position.
 *
 * @param store which store's history it is
 * @param manifestNumber number of the newest manifest, from 1
 * @param tenancyMap the newest tenancy map recorded
 * @param images complete images taken from the source, oldest first
 * @param syntheticImages complete images made from what the archive had, oldest first: they say nothing of the source
 * @param tableImages complete images of single tables, in the order they were published
 * @param gaps stretches of history that were lost, oldest first
 * @param durableTo end LSN up to which history is durable; {@link Lsn#ZERO} before the first image
 * @param durableTime commit time of the newest durable commit, or when {@code durableTo} was recorded while idle
 * @param segmentCount segments in the archive
 * @param sizeBytes bytes of all images, table images and segments
 */
public record ArchiveState(
        StoreIdentity store,
        long manifestNumber,
        TenancyMap tenancyMap,
        List<Image> images,
        List<Image> syntheticImages,
        List<TableImage> tableImages,
        List<Gap> gaps,
        Lsn durableTo,
        Optional<Instant> durableTime,
        long segmentCount,
        long sizeBytes) {
    public ArchiveState {
        images = List.copyOf(images);
        syntheticImages = List.copyOf(syntheticImages);
        tableImages = List.copyOf(tableImages);
        gaps = List.copyOf(gaps);
    }

    /** Whether history goes on from {@code durableTo}: there is an image, and no gap since. */
    public boolean isContinuous() {
        return !allImages().isEmpty() && (gaps.isEmpty() || gaps.getLast().to().isPresent());
    }

    /** All complete images, oldest first: retention may have left none of those that were taken from the source. */
    public List<Image> allImages() {
        return Stream.concat(images.stream(), syntheticImages.stream())
                .sorted(Comparator.comparing(Image::position))
                .toList();
    }

    /** Where rows of a table may not be right, in the order the images that ended it were published. */
    public List<UncertainInterval> uncertain() {
        return tableImages.stream().flatMap(TableImage::uncertain).toList();
    }

    /**
     * All rows of all tenants as of one position.
     *
     * @param position every commit before this LSN is in the image, none after
     * @param time when it was taken
     */
    public record Image(Lsn position, Instant time, long rows, long sizeBytes) {}

    /**
     * All rows of some tables as of one position.
     *
     * @param position every commit before this LSN is in the image, none after
     * @param time when it was taken
     * @param durableTo how far history was durable when it was published
     */
    public record TableImage(
            Lsn position, Instant time, Lsn durableTo, List<ReimagedTable> tables, long rows, long sizeBytes) {
        public TableImage {
            tables = List.copyOf(tables);
        }

        Stream<UncertainInterval> uncertain() {
            return tables.stream()
                    .filter(table -> table.uncertainFrom().isBefore(position))
                    .map(table -> new UncertainInterval(
                            table.oid(), table.table(), table.uncertainFrom(), position, table.reason()));
        }
    }

    /**
     * History between two positions that the archive does not have; moments within are {@code NOT_RESTORABLE}.
     *
     * @param from last restorable end LSN before the gap
     * @param to position of the image that ended it; empty while it is open
     * @param reason for people
     */
    public record Gap(Lsn from, Optional<Lsn> to, Instant since, String reason) {}

    /**
     * A stretch of history every moment of which can be restored.
     *
     * @param from position of its first image: commits before it are in the image
     * @param to last durable end LSN of it: a commit at or after it is not in the range
     */
    public record Range(Lsn from, Instant fromTime, Lsn to, Instant toTime) {
        /** The first position a fold can be asked for: right before the image's position. */
        public Lsn firstPosition() {
            return from.previous();
        }

        /** The last position a fold can be asked for: right before {@code to}. */
        public Lsn lastPosition() {
            return to.previous();
        }
    }
}
