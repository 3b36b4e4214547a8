package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.model.Lsn;
import dev.reinstate.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds objects that no manifest names: what killed writers and merges left behind, and images that are out of use. One that
 * is just being written is found, too: that is why nothing is removed before a grace period is over, and nothing then that
 * was named meanwhile. Not thread-safe.
 */
final class LeftoverSearch {
    private static final List<String> PREFIXES = List.of(Keys.SEGMENTS, Keys.IMAGES, Keys.TABLE_IMAGES, Keys.BASES);

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;

    LeftoverSearch(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
    }

    /** Those that were not found before, at most as many as a manifest can well hold. */
    List<Entry.Replaced> look() {
        List<ObjectStore.ObjectSummary> there = new ArrayList<>();
        PREFIXES.forEach(prefix -> there.addAll(objects.all(prefix)));
        log.settle();
        log.chain().follow();
        return unnamed(there);
    }

    /** Writes down what was found; empty if nothing was. */
    Optional<Entry.Leftovers> note() {
        List<Entry.Replaced> found = look();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        return log.append(history -> {
            Set<String> known = known(history);
            List<Entry.Replaced> left = found.stream()
                    .filter(object -> !known.contains(object.key()))
                    .toList();
            return left.isEmpty()
                    ? Optional.<Entry.Leftovers>empty()
                    : Optional.of(new Entry.Leftovers(settings.clock().instant(), left));
        });
    }

    private List<Entry.Replaced> unnamed(List<ObjectStore.ObjectSummary> there) {
        History history = log.chain().history();
        if (!isWhole(there)) {
            return List.of();
        }
        Set<String> known = known(history);
        return there.stream()
                .filter(object -> !known.contains(object.key()) && !isOthersWork(object.key(), history))
                .limit(RetentionPlan.MOST_OBJECTS)
                .map(object -> new Entry.Replaced(object.key(), object.sizeBytes()))
                .toList();
    }

    /**
     * Where something is missing that is named, the chain may have been set back: then what is not named may be all that is
     * left of it.
     */
    private boolean isWhole(List<ObjectStore.ObjectSummary> there) {
        Set<String> missing = NamedNow.of(objects, log.chain());
        there.forEach(object -> missing.remove(object.key()));
        return missing.stream().allMatch(key -> objects.size(key).isPresent()); // others', or newer than the listing
    }

    /** What is after the end of history, where capture may be writing it, and bases that go with their manifests. */
    private static boolean isOthersWork(String key, History history) {
        if (key.startsWith(Keys.BASES)) {
            return Keys.numberOf(key).orElse(0) < history.trail().first();
        }
        Lsn end = history.durable().to();
        Lsn position = Keys.positionOf(key);
        return position.isAfter(end) || (key.startsWith(Keys.SEGMENTS) && position.equals(end));
    }

    /** What the state names, and what is known to wait for its removal. */
    private Set<String> known(History history) {
        Set<String> known = NamedNow.of(objects, log.chain());
        for (History.Retired retired : history.retired()) {
            String key = Keys.manifest(retired.manifest());
            ReplacedRemoval.objectsOf(
                            retired.manifest(),
                            ManifestJson.read(
                                            key,
                                            objects.get(key),
                                            log.chain().keys().documents())
                                    .entry())
                    .forEach(object -> known.add(object.key()));
        }
        return known;
    }
}
