package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.NamedObject;
import dev.reinstate.archive.manifest.Trail;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Replicates an archive to a second store. Keys first, then objects, then the manifests that name them, one after
 * another: the copy is an archive at every moment, as of an earlier manifest, and what an interruption leaves is found
 * and not copied again. Everything is compared with the hashes in the manifests on the way.
 *
 * <p>The archive may be written to meanwhile: what was in it when the copy began is copied. The copy must not: a writer
 * that opens it makes it another archive, and it is refused from then on.
 */
public final class ArchiveCopy {
    /** Manifests read ahead, whose objects are copied side by side. */
    private static final int BATCH = 64;

    private final ArchiveObjects source;
    private final ArchiveObjects target;
    private final ArchiveSettings settings;
    private final Options options;
    private final CopyListener listener;
    private final CopiedDocuments documents;
    private final AtomicLong bytes = new AtomicLong();
    private @Nullable Set<String> named;
    private long objects;
    private long objectsThere;
    private long objectsGone;
    /** The manifest up to which the copy must go, so that it has what took the place of what is gone. */
    private long needed;

    private final AtomicLong manifestsDone = new AtomicLong();
    private long manifestsTotal;

    /**
     * How to copy.
     *
     * @param parallel objects copied at once, at least 1; each takes a few megabytes of memory
     * @param fromTheBeginning also looks again for the objects of manifests that the copy has, and copies those that are
     *     missing; compares keys byte by byte
     */
    public record Options(int parallel, boolean fromTheBeginning) {
        public Options {
            if (parallel < 1) {
                throw new IllegalArgumentException(parallel + " at once");
            }
        }
    }

    /** A manifest as it is copied. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Link(long number, byte[] bytes, List<NamedObject> objects) {}

    private ArchiveCopy(
            ArchiveObjects source,
            ArchiveObjects target,
            ArchiveSettings settings,
            Options options,
            CopyListener listener) {
        this.source = source;
        this.target = target;
        this.settings = settings;
        this.options = options;
        this.listener = listener;
        this.documents = new CopiedDocuments(source, target);
    }

    /**
     * Copies what the target does not have.
     *
     * <p>{@code INVALID} if the source holds no archive; {@code REFUSED} if the target holds another one, or one with a
     * history of its own, or cannot hold one; {@code DAMAGED} if what is to be copied is, and then the copy ends before
     * it.
     *
     * @param settings of the source, with its master key if it is encrypted: manifests are read
     */
    public static CopyReport run(
            ObjectStore source, ObjectStore target, ArchiveSettings settings, Options options, CopyListener listener) {
        return new ArchiveCopy(new ArchiveObjects(source), new ArchiveObjects(target), settings, options, listener)
                .run();
    }

    private CopyReport run() {
        target.requireFencing();
        // Before the keys: what the manifests up to here need is durable before them.
        long end = ChainEnd.of(source);
        if (end == 0) {
            throw ReinstateException.invalid(
                    "There is no archive to copy", "the object store holds no manifest", "is this the right place?");
        }
        Trail trail = Chain.openReadable(source, settings).chain().history().trail();
        long common = commonEnd(end, trail);
        documents.copyKeys(common > 0, options.fromTheBeginning());
        ChainStart start =
                new ChainStart(source, ArchiveKeys.open(source, settings).documents(), trail);
        manifestsTotal = start.manifests(common, end);
        listener.progress(0, manifestsTotal, 0);
        copyManifests(common, end, start);
        while (needed > end) {
            manifestsTotal += needed - end;
            long reached = end;
            end = needed;
            documents.copyKeys(true, false);
            copyManifests(reached, end, start);
        }
        documents.eraseKeys(Chain.open(source, settings).history());
        documents.copyReceipts();
        documents.copyCheckpoint(end);
        return new CopyReport(
                manifestsTotal,
                end,
                objects,
                bytes.get(),
                objectsThere,
                objectsGone,
                documents.copied(),
                documents.keysBeyond(),
                documents.keysErased());
    }

    private void copyManifests(long common, long end, ChainStart start) {
        DocumentCipher cipher = ArchiveKeys.open(source, settings).documents();
        long begin = options.fromTheBeginning() && needed == 0 ? 0 : common;
        try (ExecutorService threads = Executors.newFixedThreadPool(options.parallel())) {
            try {
                if (start.isAfter(begin)) {
                    copy(read(1, 1, Manifest.NO_PREVIOUS, cipher), common, threads);
                    copyObjects(start.objects(), threads);
                    begin = start.first() - 1;
                }
                String previous = start.previous(begin);
                for (long next = begin + 1; next <= end; next += BATCH) {
                    List<Link> links = read(next, Math.min(end, next + BATCH - 1), previous, cipher);
                    copy(links, common, threads);
                    previous = Checksum.sha256Hex(links.getLast().bytes());
                }
            } catch (ReinstateException e) {
                threads.shutdownNow(); // what is begun is not needed any more
                throw e;
            }
        }
    }

    /** The last manifest both have, 0 if the target has none. All before it are the same: they are chained. */
    private long commonEnd(long end, Trail trail) {
        long reached = ChainEnd.of(target);
        if (reached == 0) {
            if (!target.list(Keys.MANIFESTS, "", 1).isEmpty()) {
                throw Damage.of("INV-1", "The copy's object " + Keys.manifest(1), "the chain has no beginning");
            }
            return 0;
        }
        if (!isSame(1)) {
            throw refused("it holds another archive", "choose another place");
        }
        if (reached > 1 && reached < trail.first() && isGone(reached)) {
            throw refused(
                    "it ends at entry " + reached + ", and the archive keeps its chain from entry " + trail.first()
                            + " on only: whether nobody wrote to the copy cannot be seen any more",
                    "make a new copy in another place, and keep this one as long as its moments are wanted");
        }
        if (reached > end || !isSame(reached)) {
            throw parted(end, reached);
        }
        return reached;
    }

    /** Both hold the same up to some entry (they are chained), and not beyond. */
    private ReinstateException parted(long end, long reached) {
        long same = 1;
        long differs = Math.min(end, reached) + 1;
        while (differs - same > 1) {
            long middle = (same + differs) >>> 1;
            if (isGone(middle) || isSame(middle)) {
                same = middle;
            } else {
                differs = middle;
            }
        }
        String next =
                "find out which of the two is to be kept before anything is deleted, perhaps the copy: it can be put in"
                        + " the archive's place; copy to another place meanwhile";
        if (same < end) {
            return refused(
                    "it has a history of its own: both agree up to entry " + same + " and go different ways from there."
                            + " Somebody wrote to the copy, or to a copy that was put in the archive's place",
                    next);
        }
        ArchiveHead known = Chain.open(target, settings).head();
        String lost = Chain.open(source, settings)
                .lossSince(known)
                .map(ArchiveLoss::text)
                .orElse("the archive ends before it");
        return refused(
                "it has a history of its own, and what the archive has is only its beginning. The archive was set back ("
                        + lost + "), or somebody wrote to the copy",
                next);
    }

    private boolean isSame(long number) {
        return Arrays.equals(source.get(Keys.manifest(number)), target.get(Keys.manifest(number)));
    }

    private boolean isGone(long number) {
        return source.size(Keys.manifest(number)).isEmpty();
    }

    static ReinstateException refused(String why, String next) {
        return ReinstateException.refused("This place cannot take the copy", why, next);
    }

    private List<Link> read(long first, long last, String previous, DocumentCipher cipher) {
        List<Link> links = new ArrayList<>();
        String expected = previous;
        for (long number = first; number <= last; number++) {
            String key = Keys.manifest(number);
            byte[] manifest = source.get(key);
            Manifest read = ManifestJson.read(key, manifest, cipher);
            if (read.number() != number || !read.previous().equals(expected)) {
                throw Damage.of("INV-2", "Object " + key, "it does not follow the manifest before it");
            }
            links.add(new Link(number, manifest, NamedObject.of(read.entry())));
            expected = Checksum.sha256Hex(manifest);
        }
        return links;
    }

    /** Begins with all objects, and publishes each manifest as soon as those it names are there. */
    private void copy(List<Link> links, long common, ExecutorService threads) {
        ObjectTransfer transfer = new ObjectTransfer(source, target, this::copied);
        List<List<Future<ObjectTransfer.Outcome>>> begun = new ArrayList<>();
        for (Link link : links) {
            begun.add(link.objects().stream()
                    .map(object -> threads.submit(() -> transfer.copy(object)))
                    .toList());
        }
        for (int i = 0; i < links.size(); i++) {
            Link link = links.get(i);
            for (int j = 0; j < link.objects().size(); j++) {
                count(outcome(begun.get(i).get(j)), link.objects().get(j));
            }
            publish(link, common);
        }
    }

    private void copyObjects(List<NamedObject> named, ExecutorService threads) {
        ObjectTransfer transfer = new ObjectTransfer(source, target, this::copied);
        List<Future<ObjectTransfer.Outcome>> begun = named.stream()
                .map(object -> threads.submit(() -> transfer.copy(object)))
                .toList();
        for (int i = 0; i < named.size(); i++) {
            count(outcome(begun.get(i)), named.get(i));
        }
    }

    private void copied(long more) {
        listener.progress(manifestsDone.get(), manifestsTotal, bytes.addAndGet(more));
    }

    private static ObjectTransfer.Outcome outcome(Future<ObjectTransfer.Outcome> begun) {
        try {
            return begun.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ReinstateException ours) {
                throw ours;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ReinstateException.unavailable(
                    "Copying was interrupted", "the process was asked to stop", "run it again: it goes on", e);
        }
    }

    private void count(ObjectTransfer.Outcome outcome, NamedObject object) {
        switch (outcome) {
            case COPIED -> objects++;
            case THERE -> objectsThere++;
            case ABSENT -> {
                requireNoLongerNamed(object.key());
                objectsGone++;
            }
        }
    }

    /** What was replaced and removed is not missing; anything else is. */
    private void requireNoLongerNamed(String key) {
        if (named == null || named.contains(key)) {
            Chain chain = Chain.open(source, settings);
            named = NamedNow.of(source, chain);
            needed = chain.number();
        }
        if (named.contains(key)) {
            throw Damage.of("INV-3", "Object " + key, "it is named by a manifest but is not there");
        }
    }

    /** Those the copy has already were compared. */
    private void publish(Link link, long common) {
        if (link.number() <= common) {
            return;
        }
        String key = Keys.manifest(link.number());
        if (!target.putIfAbsent(key, link.bytes())) {
            Optional<byte[]> there = target.find(key);
            if (there.isEmpty() || !Arrays.equals(there.get(), link.bytes())) {
                throw refused("somebody else writes to it: " + key + " is another one", "leave the copy to this verb");
            }
        }
        listener.progress(manifestsDone.incrementAndGet(), manifestsTotal, bytes.get());
    }
}
