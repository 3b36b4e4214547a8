package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.HistoryBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Segments that were replaced and whose objects are still there. Of those that are gone nothing is remembered, which
 * bounds the memory. Not thread-safe.
 */
final class ReplacedObjects {
    private final Set<String> there;
    private final Set<String> keys = new HashSet<>();
    private final List<HistoryBuilder.Merge> merges = new ArrayList<>();

    /** @param there keys of all segments' objects */
    ReplacedObjects(Collection<String> there) {
        this.there = new HashSet<>(there);
    }

    void note(HistoryBuilder.Merge merge) {
        int found = 0;
        for (Entry.Segment segment : merge.run()) {
            String key = segment.object().key();
            if (there.contains(key)) {
                keys.add(key);
                found++;
            }
        }
        if (found == merge.run().size() && there.contains(merge.into().object().key())) {
            merges.add(merge);
        }
    }

    /** Of those that are there. */
    Set<String> keys() {
        return keys;
    }

    /** Merges of which all objects are there, those replaced and those that replaced them. */
    List<HistoryBuilder.Merge> merges() {
        return merges;
    }
}
