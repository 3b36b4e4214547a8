package dev.reinstate.bench.product;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.objectstore.ObjectStore;
import java.time.Duration;
import java.util.Optional;

/** Compaction to its end, as it would have been done little by little beside capture. */
final class Compactor {
    private Compactor() {}

    /** Merges while there is something to merge, makes an image if one is due, removes what was replaced. */
    static void run(ObjectStore objects, ArchiveSettings settings) {
        try (ArchiveMaintenance maintenance = Archive.openMaintenance(objects, settings)) {
            Optional<ArchiveMaintenance.Merged> merged = maintenance.compactOnce();
            while (merged.isPresent()) {
                merged = maintenance.compactOnce();
            }
            maintenance.makeImage(false);
            maintenance.removeReplaced(Duration.ZERO);
        }
    }
}
