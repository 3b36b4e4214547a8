package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.model.UncertainInterval;
import java.util.List;
import java.util.function.Predicate;

/** A history as callers see it. */
final class StateView {
    private StateView() {}

    static ArchiveState of(long manifestNumber, History history) {
        PageReference.Totals totals = history.totals();
        long imageBytes =
                history.images().stream().mapToLong(Entry.Image::sizeBytes).sum()
                        + history.tableImages().stream()
                                .mapToLong(Entry.TableImage::sizeBytes)
                                .sum();
        return new ArchiveState(
                history.origin().store(),
                manifestNumber,
                history.origin().tenancyMap(),
                images(history, image -> image.base().isEmpty()),
                images(history, image -> image.base().isPresent()),
                history.tableImages().stream().map(StateView::tableImage).toList(),
                history.gaps().stream().map(StateView::gap).toList(),
                history.durable().to(),
                history.durable().time(),
                totals.segments(),
                imageBytes + totals.sizeBytes());
    }

    private static List<ArchiveState.Image> images(History history, Predicate<Entry.Image> wanted) {
        return history.images().stream().filter(wanted).map(StateView::image).toList();
    }

    private static ArchiveState.Image image(Entry.Image image) {
        return new ArchiveState.Image(image.position(), image.time(), image.rows(), image.sizeBytes());
    }

    private static ArchiveState.TableImage tableImage(Entry.TableImage image) {
        return new ArchiveState.TableImage(
                image.position(),
                image.time(),
                image.durableTo(),
                image.tables().stream()
                        .map(table ->
                                new ReimagedTable(table.oid(), table.table(), table.uncertainFrom(), table.reason()))
                        .toList(),
                image.rows(),
                image.sizeBytes());
    }

    private static ArchiveState.Gap gap(History.Loss gap) {
        return new ArchiveState.Gap(gap.from(), gap.to(), gap.since(), gap.reason());
    }

    static List<UncertainInterval> uncertain(History history) {
        return history.tableImages().stream()
                .flatMap(image -> tableImage(image).uncertain())
                .toList();
    }

    static List<ArchiveState.Range> ranges(History history) {
        return history.ranges().stream().map(StateView::range).toList();
    }

    static ArchiveState.Range range(History.Stretch range) {
        return new ArchiveState.Range(range.from(), range.fromTime(), range.to(), range.toTime());
    }
}
