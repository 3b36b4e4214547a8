package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.NamedObject;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.archive.manifest.Trail;
import dev.reinstate.objectstore.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Keeps states that the chain can be begun with, and removes manifests that are before the oldest of them (INV-41, 42). Killed
 * anywhere, it leaves at most a state that no manifest names. Not thread-safe.
 */
final class ChainBases {
    /** A new base after so many manifests: nine hours of one every two seconds. */
    static final long EVERY = 16_384;

    /** Removed by one call; what is more goes with the next. */
    static final int MOST_REMOVED = 20_000;

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final long every;

    /** @param every manifests from one base to the next, at least 1 */
    ChainBases(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log, long every) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
        this.every = every;
    }

    private record Written(long number, String manifestSha256, List<NamedObject> objects) {}

    /** Adds a base if one is due, and lets go of manifests that are before the window. */
    Optional<Entry.Base> advance(Duration window) {
        log.settle();
        log.chain().follow();
        if (!isDue(log.chain().history(), log.chain().number())) {
            return Optional.empty();
        }
        Written written = write();
        Optional<Entry.Base> published = log.append(history -> isDue(history, written.number())
                ? Optional.of(new Entry.Base(
                                settings.clock().instant(),
                                written.number(),
                                written.manifestSha256(),
                                written.objects(),
                                first(history, window)))
                        .filter(entry -> !log.chain().namesAbandoned(entry))
                : Optional.empty());
        if (published.isEmpty()) {
            // somebody else was quicker; these are random and ours: no manifest will ever name them
            written.objects().forEach(object -> objects.deleteIfPossible(object.key()));
        }
        return published;
    }

    private boolean isDue(History history, long number) {
        return number - history.trail().newest() >= every;
    }

    /** The newest base of before the window; none after a manifest whose list of replaced objects is needed. */
    private long first(History history, Duration window) {
        Instant begin = SureTime.of(history, settings.clock()).minus(window);
        long needed = history.retired().stream()
                .mapToLong(History.Retired::manifest)
                .min()
                .orElse(Long.MAX_VALUE);
        return history.trail().bases().stream()
                .filter(base -> !base.time().isAfter(begin) && base.number() <= needed)
                .mapToLong(Entry.Base::number)
                .reduce(history.trail().first(), Math::max);
    }

    /** Pages before the state that refers to them. */
    private Written write() {
        Chain chain = log.chain();
        DocumentCipher documents = chain.keys().documents();
        String random = HexFormat.of().toHexDigits(settings.random().nextLong());
        List<Entry.Segment> segments = new SegmentCatalog(objects, documents).all(chain.history());
        List<NamedObject> written = new ArrayList<>();
        List<PageReference> pages = new ArrayList<>();
        int paged = 0;
        while (segments.size() - paged > ManifestLog.PAGE_SEGMENTS) {
            List<Entry.Segment> page = segments.subList(paged, paged + ManifestLog.PAGE_SEGMENTS);
            NamedObject named = put(
                    Keys.basePage(chain.number(), random, pages.size() + 1), CheckpointJson.writePage(page, documents));
            pages.add(PageReference.to(named.key(), named.sha256(), page));
            written.add(named);
            paged += ManifestLog.PAGE_SEGMENTS;
        }
        History state = chain.history().repaged(pages, segments.subList(paged, segments.size()));
        byte[] document =
                CheckpointJson.write(new CheckpointJson.Checkpoint(chain.number(), chain.sha256(), state), documents);
        written.addFirst(put(Keys.base(chain.number(), random), document));
        return new Written(chain.number(), chain.sha256(), written);
    }

    private NamedObject put(String key, byte[] bytes) {
        objects.putIfAbsent(key, bytes);
        return new NamedObject(key, Checksum.sha256Hex(bytes), bytes.length);
    }

    /**
     * What was removed of the chain.
     *
     * @param isLocked whether the store's lock keeps the next
     */
    record Removed(long manifests, boolean isLocked) {}

    /** How many manifests could be removed now. */
    long due(Duration grace) {
        long end = removable(grace);
        if (end == 1) {
            return 0;
        }
        List<ObjectStore.ObjectSummary> next = objects.list(Keys.MANIFESTS, Keys.manifest(1), 1);
        return next.isEmpty()
                ? 0
                : Math.max(0, end - Keys.manifestNumber(next.getFirst().key()));
    }

    /** Manifests before this one were let go of so long ago; 1 if none was. */
    private long removable(Duration grace) {
        Trail trail = log.chain().history().trail();
        Instant before = SureTime.of(log.chain().history(), settings.clock()).minus(grace);
        long atLast = trail.since().isAfter(before) ? 1 : trail.first();
        return trail.bases().stream()
                .filter(base -> !base.time().isAfter(before))
                .mapToLong(Entry.Base::first)
                .reduce(atLast, Math::max);
    }

    /** Removes manifests one after another, oldest first, and stops at one that is locked; then bases before them. */
    Removed remove(Duration grace) {
        long first = removable(grace);
        long removed = 0;
        if (first == 1) {
            return new Removed(0, false);
        }
        String end = Keys.manifest(first);
        List<ObjectStore.ObjectSummary> page = objects.listPage(Keys.MANIFESTS, Keys.manifest(1));
        while (!page.isEmpty() && removed < MOST_REMOVED) {
            for (ObjectStore.ObjectSummary manifest : page) {
                if (manifest.key().compareTo(end) >= 0) {
                    return new Removed(removed, !removeBases(first));
                }
                if (!objects.deleteUnlessLocked(manifest.key())) {
                    return new Removed(removed, true);
                }
                removed++;
            }
            page = objects.listPage(Keys.MANIFESTS, page.getLast().key());
        }
        return new Removed(removed, false);
    }

    /** The states before their pages: what is left over is not taken for a state. */
    private boolean removeBases(long first) {
        boolean allGone = true;
        for (ObjectStore.ObjectSummary summary : objects.all(Keys.BASES).reversed()) {
            if (Keys.numberOf(summary.key()).orElse(first) < first) {
                allGone &= objects.deleteUnlessLocked(summary.key());
            }
        }
        return allGone;
    }
}
