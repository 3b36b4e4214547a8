package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Removes objects that were replaced or let go so long ago that no reader needs them. Killed anywhere, it leaves objects that are
 * removed the next time. Not thread-safe.
 */
final class ReplacedRemoval {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final ChainBases bases;

    ReplacedRemoval(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log, ChainBases bases) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
        this.bases = bases;
    }

    List<History.Retired> due(Duration grace) {
        log.settle();
        log.chain().follow();
        log.requireNotLeftBehind();
        Instant before = SureTime.of(log.chain().history(), settings.clock()).minus(grace);
        return log.chain().history().retired().stream()
                .filter(retired -> !retired.time().isAfter(before))
                .toList();
    }

    /** Removes what is due; empty when nothing was. */
    Optional<ArchiveMaintenance.Removed> run(Duration grace) {
        List<History.Retired> due = due(grace);
        ChainBases.Removed manifests = bases.remove(grace);
        if (due.isEmpty() && manifests.manifests() == 0 && !manifests.isLocked()) {
            return Optional.empty();
        }
        return Optional.of(removed(due, manifests));
    }

    /** What would be removed. */
    ArchiveMaintenance.Removed look(Duration grace) {
        List<History.Retired> due = due(grace);
        return new ArchiveMaintenance.Removed(
                due.stream().mapToLong(History.Retired::objects).sum(),
                due.stream().mapToLong(History.Retired::sizeBytes).sum(),
                bases.due(grace),
                0);
    }

    private ArchiveMaintenance.Removed removed(List<History.Retired> due, ChainBases.Removed fromChain) {
        giveUp(due);
        Set<String> needed = NamedNow.of(objects, log.chain());
        List<History.Retired> gone = new ArrayList<>();
        long locked = fromChain.isLocked() ? 1 : 0;
        for (History.Retired retired : due) {
            if (remove(retired.manifest(), needed)) {
                gone.add(retired);
            } else {
                locked++;
            }
        }
        List<Long> numbers = gone.stream().map(History.Retired::manifest).toList();
        log.append(history -> removal(history, numbers));
        return new ArchiveMaintenance.Removed(
                gone.stream().mapToLong(History.Retired::objects).sum(),
                gone.stream().mapToLong(History.Retired::sizeBytes).sum(),
                fromChain.manifests(),
                locked);
    }

    /** Leftovers: nobody may name them from the removal on, so that they are not deleted while somebody does. */
    private void giveUp(List<History.Retired> due) {
        Map<Long, List<Entry.Replaced>> found = new LinkedHashMap<>();
        due.forEach(retired -> {
            if (entryOf(retired.manifest()) instanceof Entry.Leftovers leftovers) {
                found.put(retired.manifest(), leftovers.objects());
            }
        });
        if (found.isEmpty()) {
            return;
        }
        Set<String> needed = new HashSet<>();
        Optional<Entry.Removal> published = log.append(history -> {
            needed.clear();
            needed.addAll(NamedNow.of(objects, log.chain()));
            return removal(history, found.keySet());
        });
        if (published.isPresent()) {
            published.get().manifests().stream()
                    .flatMap(manifest -> found.getOrDefault(manifest, List.of()).stream())
                    .filter(object -> !needed.contains(object.key()))
                    .forEach(object -> objects.deleteUnlessLocked(object.key()));
        }
    }

    private Optional<Entry.Removal> removal(History history, Collection<Long> numbers) {
        List<Long> left = history.retired().stream()
                .map(History.Retired::manifest)
                .filter(numbers::contains)
                .toList();
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of(new Entry.Removal(settings.clock().instant(), left));
    }

    private Entry entryOf(long manifest) {
        String key = Keys.manifest(manifest);
        return ManifestJson.read(key, objects.get(key), log.chain().keys().documents())
                .entry();
    }

    /** Whether what was merged is all that can be read: what took its place is not what was written. */
    private boolean isNeeded(Entry.MergedSegment merged, Set<String> named) {
        StoredObject into = merged.segment().object();
        if (!named.contains(into.key())) {
            return false; // it was merged with others, or let go
        }
        Optional<ReinstateException> damage = objects.damageOf(into);
        damage.ifPresent(
                found -> settings.damage()
                        .workedAround(
                                new DamageListener.Workaround(
                                        found.what() + ": " + found.why(),
                                        "the " + merged.replaces().size()
                                                + " segments that it was merged from are kept, and read in its place: put it back from a copy")));
        return damage.isPresent();
    }

    /** Whether all objects that the manifest replaced are gone; not if the store's lock keeps one, or if they are needed. */
    private boolean remove(long number, Set<String> needed) {
        Entry entry = entryOf(number);
        boolean allGone = true;
        if (entry instanceof Entry.Leftovers) {
            return true; // given up
        }
        if (entry instanceof Entry.MergedSegment merged && isNeeded(merged, needed)) {
            return false;
        }
        for (Entry.Replaced replaced : objectsOf(number, entry)) {
            if (needed.contains(replaced.key())) {
                throw ReinstateException.bug("Object " + replaced.key(), "it is replaced and needed (INV-26)");
            }
            allGone &= objects.deleteUnlessLocked(replaced.key());
        }
        return allGone;
    }

    /** What the entry of that manifest says is not needed any more. */
    static List<Entry.Replaced> objectsOf(long number, Entry entry) {
        if (entry instanceof Entry.MergedSegment merged) {
            return merged.replaces();
        }
        if (entry instanceof Entry.Retention retention) {
            return retention.removes();
        }
        if (entry instanceof Entry.Leftovers leftovers) {
            return leftovers.objects();
        }
        throw ReinstateException.bug("Manifest " + number, "it is said to have replaced objects (INV-26)");
    }
}
