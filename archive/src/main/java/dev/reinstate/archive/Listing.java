package dev.reinstate.archive;

import dev.reinstate.objectstore.ObjectStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What is in the store under the names of objects that manifests and checkpoints name, as the store lists it. */
final class Listing {
    private static final List<String> PREFIXES = List.of(
            Keys.SEGMENTS, Keys.IMAGES, Keys.TABLE_IMAGES, Keys.CATALOGUE, Keys.DEFINITIONS, Keys.PAGES, Keys.BASES);

    private final Map<String, Long> sizes = new HashMap<>();

    Listing(ArchiveObjects objects) {
        for (String prefix : PREFIXES) {
            for (ObjectStore.ObjectSummary summary : objects.all(prefix)) {
                sizes.put(summary.key(), summary.sizeBytes());
            }
        }
    }

    /** Empty if it is not there. */
    OptionalLong size(String key) {
        Long size = sizes.get(key);
        return size == null ? OptionalLong.empty() : OptionalLong.of(size);
    }

    SortedSet<String> without(Set<String> named) {
        SortedSet<String> others = new TreeSet<>(sizes.keySet());
        others.removeAll(named);
        return others;
    }
}
