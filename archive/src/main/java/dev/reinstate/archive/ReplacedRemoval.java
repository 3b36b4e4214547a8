package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Removes objects that were replaced so long ago that no reader needs them. Killed anywhere, it leaves objects that are
 * removed the next time. Not thread-safe.
 */
final class ReplacedRemoval {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;

    ReplacedRemoval(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
    }

    List<History.Retired> due(Duration grace) {
        log.settle();
        log.chain().follow();
        Instant before = settings.clock().instant().minus(grace);
        return log.chain().history().retired().stream()
                .filter(retired -> !retired.time().isAfter(before))
                .toList();
    }

    /** Removes what is due; empty when nothing was. */
    Optional<ArchiveMaintenance.Removed> run(Duration grace) {
        List<History.Retired> due = due(grace);
        if (due.isEmpty()) {
            return Optional.empty();
        }
        Set<String> needed = namedByState();
        List<History.Retired> gone = new ArrayList<>();
        long locked = 0;
        for (History.Retired retired : due) {
            if (remove(retired.manifest(), needed)) {
                gone.add(retired);
            } else {
                locked++;
            }
        }
        List<Long> manifests = gone.stream().map(History.Retired::manifest).toList();
        log.append(history -> {
            List<Long> left = history.retired().stream()
                    .map(History.Retired::manifest)
                    .filter(manifests::contains)
                    .toList();
            return left.isEmpty()
                    ? Optional.<Entry.Removal>empty()
                    : Optional.of(new Entry.Removal(settings.clock().instant(), left));
        });
        return Optional.of(new ArchiveMaintenance.Removed(
                gone.stream().mapToLong(History.Retired::objects).sum(),
                gone.stream().mapToLong(History.Retired::sizeBytes).sum(),
                locked));
    }

    private Set<String> namedByState() {
        History history = log.chain().history();
        Set<String> named = new HashSet<>();
        new SegmentCatalog(objects, log.chain().keys().documents())
                .all(history)
                .forEach(segment -> named.add(segment.object().key()));
        history.images()
                .forEach(image ->
                        image.parts().forEach(part -> named.add(part.object().key())));
        history.tableImages()
                .forEach(image ->
                        image.parts().forEach(part -> named.add(part.object().key())));
        return named;
    }

    /** Whether all objects that the manifest replaced are gone; not if the store's lock keeps one. */
    private boolean remove(long number, Set<String> needed) {
        String key = Keys.manifest(number);
        if (!(ManifestJson.read(key, objects.get(key), log.chain().keys().documents())
                        .entry()
                instanceof Entry.MergedSegment merged)) {
            throw ReinstateException.bug("Manifest " + number, "it is said to have replaced objects (INV-26)");
        }
        boolean allGone = true;
        for (Entry.Replaced replaced : merged.replaces()) {
            if (needed.contains(replaced.key())) {
                throw ReinstateException.bug("Object " + replaced.key(), "it is replaced and needed (INV-26)");
            }
            allGone &= delete(replaced.key());
        }
        return allGone;
    }

    private boolean delete(String key) {
        try {
            objects.delete(key);
            return true;
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.REFUSED) {
                throw e;
            }
            return false; // locked, for now
        }
    }
}
