package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.HistoryBuilder;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Appends to the chain. Putting the next number if it is absent is at once the commit and the fence: whoever finds it
 * taken by bytes that are not its own has been superseded, for good.
 *
 * <p>A put may fail without saying whether it came through. Then the same bytes are put again before anything else:
 * they are there, or they are put now, or someone else's are. Not thread-safe.
 */
final class ManifestLog {
    private static final int CHECKPOINT_EVERY = 64;
    private static final int CHECKPOINTS_KEPT = 4;
    private static final int PAGE_SEGMENTS = 512;

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final Chain chain;
    private final String writer;
    private @Nullable Pending pending;
    private boolean fenced;

    ManifestLog(ArchiveObjects objects, ArchiveSettings settings, Chain chain) {
        this.objects = objects;
        this.settings = settings;
        this.chain = chain;
        this.writer = random(settings, 16);
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
        if (settleBefore(entry)) {
            return;
        }
        new HistoryBuilder(chain.history()).apply(entry); // refuses what would break an invariant, before it is durable
        Manifest manifest = new Manifest(
                chain.number() + 1,
                chain.sha256(),
                writer,
                random(settings, 16),
                settings.clock().instant(),
                entry);
        pending = new Pending(entry, ManifestJson.write(manifest, chain.keys().documents()));
        settle();
    }

    /** Whether the entry was the one in doubt and is durable now. */
    @SuppressWarnings("ReferenceEquality") // the very entry, not one like it
    private boolean settleBefore(Entry entry) {
        Pending doubtful = pending;
        settle();
        return doubtful != null && doubtful.entry == entry;
    }

    /** Makes sure that what is in doubt is durable. */
    void settle() {
        if (fenced) {
            throw superseded();
        }
        if (pending == null) {
            return;
        }
        Pending put = pending;
        String key = Keys.manifest(chain.number() + 1);
        if (!objects.putIfAbsent(key, put.bytes)) {
            Optional<byte[]> there = objects.find(key);
            if (there.isEmpty() || !Arrays.equals(there.get(), put.bytes)) {
                fenced = true;
                throw superseded();
            }
        }
        chain.append(put.entry, put.bytes);
        pending = null;
        if (chain.number() % CHECKPOINT_EVERY == 0) {
            tryCheckpoint();
        }
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
        PageReference.Totals totals = segments.stream()
                .map(PageReference.Totals::of)
                .reduce(PageReference.Totals.NONE, PageReference.Totals::plus);
        return new PageReference(
                key,
                Checksum.sha256Hex(bytes),
                segments.getFirst().from(),
                segments.getLast().to(),
                totals,
                segments.stream()
                        .map(segment -> segment.commits().maxTime())
                        .max(Instant::compareTo)
                        .orElseThrow());
    }

    /** An entry whose manifest was put, perhaps. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pending(Entry entry, byte[] bytes) {}
}
