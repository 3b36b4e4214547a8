package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.NamedObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Objects that nobody had named and that were given up, as far as a chain was followed. Whoever has written one of them has
 * followed the chain since before it was found: its name is random, and it was there then. Not thread-safe.
 */
final class Abandoned {
    /** By the number of the manifest that found them. */
    private final Map<Long, List<Entry.Replaced>> found = new HashMap<>();

    private final Set<String> givenUp = new HashSet<>();

    void note(long number, Entry entry) {
        if (entry instanceof Entry.Leftovers leftovers) {
            found.put(number, leftovers.objects());
        } else if (entry instanceof Entry.Removal removal) {
            for (long manifest : removal.manifests()) {
                List<Entry.Replaced> objects = found.remove(manifest);
                if (objects != null) {
                    objects.forEach(object -> givenUp.add(object.key()));
                }
            }
        }
    }

    boolean isNamedBy(Entry entry) {
        return !givenUp.isEmpty() && NamedObject.of(entry).stream().anyMatch(object -> givenUp.contains(object.key()));
    }
}
