package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.HistoryBuilder;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Appends to the chain. Putting the next number if it is absent is at once the commit and the fence: a writer that finds
 * it taken by another writer has been superseded, for good. What maintenance wrote is taken in, and the next number is
 * tried; maintenance itself takes in whatever it finds, and makes its entry anew for what the archive is then.
 *
 * <p>A put may fail without saying whether it came through. Then the same bytes are put again before anything else:
 * they are there, or they are put now, or someone else's are, and then ours never came through. Not thread-safe.
 */
final class ManifestLog {
    private static final int CHECKPOINT_EVERY = 64;
    private static final int CHECKPOINTS_KEPT = 4;
    static final int PAGE_SEGMENTS = 512;

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final Chain chain;
    private final String writer;
    /** Whose entries, found where the next one was to go, are taken in. */
    private final Predicate<Entry> takesIn;

    private @Nullable Pending pending;
    private boolean fenced;
    /** The newest manifest that was in the chain when it was looked for. */
    private Known known;

    private ManifestLog(ArchiveObjects objects, ArchiveSettings settings, Chain chain, Predicate<Entry> takesIn) {
        this.objects = objects;
        this.settings = settings;
        this.chain = chain;
        this.takesIn = takesIn;
        this.writer = random(settings, 16);
        this.known = new Known(chain.number(), chain.sha256());
    }

    /** Of the one writer; its first entry is to be {@link Entry.WriterOpened}. */
    static ManifestLog writer(ArchiveObjects objects, ArchiveSettings settings, Chain chain) {
        return new ManifestLog(objects, settings, chain, Entry.Maintenance.class::isInstance);
    }

    /** Of somebody beside the writer: appends maintenance only, fences nobody and is fenced by nobody. */
    static ManifestLog maintenance(ArchiveObjects objects, ArchiveSettings settings, Chain chain) {
        return new ManifestLog(objects, settings, chain, entry -> true);
    }

    static String random(ArchiveSettings settings, int bytes) {
        byte[] random = new byte[bytes];
        settings.random().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    HistoryBuilder history() {
        return chain.builder();
    }

    Chain chain() {
        return chain;
    }

    /** Settles what is in doubt, then adds the entry; an entry that was in doubt itself is added once. */
    void append(Entry entry) {
        append(entry, history -> entry);
    }

    /** @param renewed the entry for the state after maintenance was taken in before it */
    void append(Entry entry, Function<History, Entry> renewed) {
        if (!settleBefore(entry)) {
            Entry named = chain.namesAbandoned(entry) ? renewed.apply(chain.history()) : entry;
            pending = prepared(named, history -> Optional.of(renewed.apply(history)));
            settle();
        }
    }

    /**
     * Settles what is in doubt, reads on, then adds the entry made for the newest state; made again whenever somebody
     * else was quicker.
     *
     * @param maker empty when there is nothing to add any more
     * @return the entry added
     */
    <E extends Entry.Maintenance> Optional<E> append(Function<History, Optional<E>> maker) {
        settle();
        chain.follow();
        List<E> made = new ArrayList<>();
        Function<History, Optional<Entry>> remembering = history -> {
            Optional<E> entry = maker.apply(history);
            made.clear();
            entry.ifPresent(made::add);
            return entry.map(Entry.class::cast);
        };
        pending = prepared(remembering);
        settle();
        return made.stream().findFirst();
    }

    /** Whether the entry was the one in doubt and is durable now. */
    @SuppressWarnings("ReferenceEquality") // the very entry, not one like it
    private boolean settleBefore(Entry entry) {
        Pending doubtful = pending;
        settle();
        return doubtful != null && doubtful.entry == entry;
    }

    private @Nullable Pending prepared(Function<History, Optional<Entry>> maker) {
        Optional<Entry> entry = maker.apply(chain.history());
        return entry.isEmpty() ? null : prepared(entry.get(), maker);
    }

    private Pending prepared(Entry entry, Function<History, Optional<Entry>> maker) {
        if (chain.namesAbandoned(entry)) {
            throw ReinstateException.unavailable(
                    "What was written can no longer be added to the archive",
                    "it lay there without being named for longer than the grace period, and was given up (INV-43)",
                    "run it again: it is written anew",
                    null);
        }
        chain.unpageFor(entry);
        // refuses what would break an invariant, before it is durable
        new HistoryBuilder(chain.history()).apply(chain.number() + 1, entry);
        Manifest manifest = new Manifest(
                chain.number() + 1,
                chain.sha256(),
                writer,
                random(settings, 16),
                settings.clock().instant(),
                entry);
        return new Pending(
                entry, maker, ManifestJson.write(manifest, chain.keys().documents()));
    }

    /** Makes sure that what is in doubt is durable. */
    void settle() {
        if (fenced) {
            throw superseded();
        }
        while (pending != null) {
            put(pending);
        }
    }

    private void put(Pending put) {
        String key = Keys.manifest(chain.number() + 1);
        if (!objects.putIfAbsent(key, put.bytes)) {
            Optional<byte[]> there = objects.find(key);
            if (there.isEmpty() || !Arrays.equals(there.get(), put.bytes)) {
                takeIn(key, there, put);
                return;
            }
        }
        requireNotLeftBehind();
        chain.append(put.entry, put.bytes);
        known = new Known(chain.number(), chain.sha256());
        pending = null;
        if (chain.number() % CHECKPOINT_EVERY == 0) {
            tryCheckpoint();
        }
    }

    /**
     * Whoever stood still for longer than manifests are kept finds the next number free, because it was removed. Manifests
     * are removed in their order (INV-42): as long as the newest one that was surely in the chain is there, so is all after it.
     * That it is the same one must be seen, since others may have stood still, too, and written in its place.
     */
    void requireNotLeftBehind() {
        boolean isLeft = known.number() == 1
                ? !objects.list(Keys.BASES, "", 1).isEmpty()
                : objects.find(Keys.manifest(known.number()))
                        .map(Checksum::sha256Hex)
                        .filter(known.sha256()::equals)
                        .isEmpty();
        if (isLeft) {
            fenced = true;
            throw ReinstateException.refused(
                    "This process may no longer write to the archive",
                    "it stood still for longer than the archive keeps its manifests: " + Keys.manifest(known.number())
                            + ", the newest it knew, was removed",
                    "start it again; what it was about to write was not added");
        }
    }

    /** Ours did not come through, since somebody else's did; it is made for the next number, if it may follow. */
    private void takeIn(String key, Optional<byte[]> theirs, Pending put) {
        if (theirs.isEmpty()
                || !takesIn.test(
                        ManifestJson.read(key, theirs.get(), chain.keys().documents())
                                .entry())) {
            fenced = true;
            throw superseded();
        }
        chain.accept(theirs.get());
        pending = null;
        pending = prepared(put.maker);
    }

    private ReinstateException superseded() {
        return ReinstateException.refused(
                "This writer may no longer write to the archive",
                "another writer was opened after it and wrote " + Keys.manifest(chain.number() + 1),
                "leave the archive to that one, or stop it and start again");
    }

    /** A checkpoint is there to be quick: without it reading is slower, nothing else. */
    private void tryCheckpoint() {
        try {
            moveSegmentsToPages();
            byte[] checkpoint = CheckpointJson.write(
                    new CheckpointJson.Checkpoint(chain.number(), chain.sha256(), chain.history()),
                    chain.keys().documents());
            objects.putIfAbsent(Keys.checkpoint(chain.number()), checkpoint);
            List<String> keys = Chain.checkpointKeys(objects);
            for (String old : keys.subList(0, Math.max(0, keys.size() - CHECKPOINTS_KEPT))) {
                objects.delete(old);
            }
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.BUG) {
                throw e;
            }
        }
    }

    private void moveSegmentsToPages() {
        List<Entry.Segment> segments = chain.history().segments();
        List<PageReference> pages = new ArrayList<>(chain.history().pages());
        int moved = 0;
        while (segments.size() - moved > PAGE_SEGMENTS) {
            pages.add(writePage(segments.subList(moved, moved + PAGE_SEGMENTS)));
            moved += PAGE_SEGMENTS;
        }
        if (moved > 0) {
            chain.builder().repage(pages, segments.subList(moved, segments.size()));
        }
    }

    private PageReference writePage(List<Entry.Segment> segments) {
        byte[] bytes = CheckpointJson.writePage(segments, chain.keys().documents());
        String key = Keys.page(chain.number(), random(settings, 8));
        objects.putIfAbsent(key, bytes);
        return PageReference.to(key, Checksum.sha256Hex(bytes), segments);
    }

    private record Known(long number, String sha256) {}

    /** An entry whose manifest was put, perhaps. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pending(Entry entry, Function<History, Optional<Entry>> maker, byte[] bytes) {}
}
