package dev.reinstate.archive;

import dev.reinstate.archive.manifest.NamedObject;
import java.util.HashSet;
import java.util.Set;

/** What the newest state names. */
final class NamedNow {
    private NamedNow() {}

    /** Reads the chain to its end; throws as {@link Chain#open} does. */
    static Set<String> read(ArchiveObjects objects, ArchiveSettings settings) {
        return of(objects, Chain.open(objects, settings));
    }

    /** The keys of all objects that must be there. */
    static Set<String> of(ArchiveObjects objects, Chain chain) {
        Set<String> keys = new HashSet<>();
        NamedObject.of(chain.history()).map(NamedObject::key).forEach(keys::add);
        new SegmentCatalog(objects, chain.keys().documents())
                .all(chain.history())
                .forEach(segment -> keys.add(segment.object().key()));
        return keys;
    }
}
