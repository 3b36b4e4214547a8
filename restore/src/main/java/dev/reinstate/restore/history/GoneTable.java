package dev.reinstate.restore.history;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState.TableImage;
import dev.reinstate.archive.ReimagedTable;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table that was dropped, or is not captured any more. The change stream says nothing of its rows: that it is gone was
 * noticed some time later.
 *
 * @param from the first position at which it may have been gone
 * @param by the last position of which that was not known; from the next one on the archive has no rows of it
 * @param noticed when that was
 */
record GoneTable(TableName table, Lsn from, Lsn by, Instant noticed) {
    private record Reimaged(TableImage image, ReimagedTable table) {}

    /** All of them in order, as far as the catalogue history can be read. */
    static List<GoneTable> read(ArchiveReader archive) {
        Map<Integer, List<Reimaged>> images = new HashMap<>();
        for (TableImage image : archive.state().tableImages()) {
            image.tables()
                    .forEach(table -> images.computeIfAbsent(table.oid(), oid -> new ArrayList<>())
                            .add(new Reimaged(image, table)));
        }
        List<GoneTable> gone = new ArrayList<>();
        for (TableVersion version : archive.salvagedCatalogueHistory().versions()) {
            if (version.shape().isEmpty()) {
                of(version, images.getOrDefault(version.oid(), List.of())).ifPresent(gone::add);
            }
        }
        gone.sort(Comparator.comparing(GoneTable::by));
        return gone;
    }

    /** It got an empty image before its version without a shape was written down. */
    private static Optional<GoneTable> of(TableVersion version, List<Reimaged> images) {
        return images.stream()
                .filter(one -> !one.image().position().isAfter(version.position()))
                .reduce((earlier, later) -> later)
                .map(last -> {
                    Lsn by = last.image().position().previous();
                    Lsn from = last.table().uncertainFrom();
                    return new GoneTable(last.table().table(), from.isAfter(by) ? by : from, by, version.time());
                });
    }
}
