package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.HistoryBuilder;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The manifests as read so far: starts at the newest checkpoint that holds, follows the chain to its end, and can follow
 * it further. Not thread-safe.
 */
final class Chain {
    private final ArchiveObjects objects;
    private final HistoryBuilder history;
    private final ArchiveKeys keys;
    private long number;
    private String sha256;

    private Chain(ArchiveObjects objects, HistoryBuilder history, ArchiveKeys keys, long number, String sha256) {
        this.objects = objects;
        this.history = history;
        this.keys = keys;
        this.number = number;
        this.sha256 = sha256;
        history.build().erasures().forEach(this::advance);
    }

    /** What was written under a destroyed key is not there any more, whoever asks. */
    private void advance(Entry.Erasure erasure) {
        if (erasure.step() == Entry.ErasureStep.EXECUTED) {
            keys.partitions().ifPresent(known -> known.advance(erasure.tenant(), erasure.generation() + 1));
        }
    }

    static boolean exists(ArchiveObjects objects) {
        return objects.size(Keys.manifest(1)).isPresent();
    }

    /** Reads all of it. */
    static Chain open(ArchiveObjects objects, ArchiveSettings settings) {
        if (!exists(objects)) {
            if (!objects.list(Keys.MANIFESTS, "", 1).isEmpty()) {
                throw Damage.of("INV-1", "Object " + Keys.manifest(1), "the chain has no beginning");
            }
            throw absent();
        }
        ArchiveKeys keys = ArchiveKeys.open(objects, settings);
        Chain chain = fromCheckpoint(objects, keys).orElseGet(() -> fromBeginning(objects, keys));
        try {
            chain.follow();
        } catch (ReinstateException e) {
            // a page that cannot be read is only skipped, like a checkpoint
            if (e.kind() != FailureKind.DAMAGED || !e.what().contains(Keys.PAGES)) {
                throw e;
            }
            chain = fromBeginning(objects, keys);
            chain.follow();
        }
        chain.requireEnd();
        return chain;
    }

    static ReinstateException absent() {
        return ReinstateException.invalid(
                "There is no archive here",
                "the object store holds no manifest",
                "is this the right place? `reinstate protect` makes an archive");
    }

    /** The chain with only its first manifest read; {@link #step} reads on. Relies on no checkpoint. */
    static Chain openAtBeginning(ArchiveObjects objects, ArchiveKeys keys) {
        return fromBeginning(objects, keys);
    }

    private static Chain fromBeginning(ArchiveObjects objects, ArchiveKeys keys) {
        String key = Keys.manifest(1);
        byte[] bytes = objects.get(key);
        Manifest manifest = ManifestJson.read(key, bytes, keys.documents());
        if (!(manifest.entry() instanceof Entry.ArchiveCreated created)
                || manifest.number() != 1
                || !manifest.previous().equals(Manifest.NO_PREVIOUS)) {
            throw Damage.of("INV-1", "Object " + key, "it does not create the archive");
        }
        requireKeyring(keys, new HistoryBuilder(created).build());
        return new Chain(objects, new HistoryBuilder(created), keys, 1, Checksum.sha256Hex(bytes));
    }

    /** The newest checkpoint that is whole and of this chain; one that is not is only skipped (INV-15 is a SHOULD). */
    private static Optional<Chain> fromCheckpoint(ArchiveObjects objects, ArchiveKeys keys) {
        for (String key : checkpointKeys(objects).reversed()) {
            try {
                CheckpointJson.Checkpoint checkpoint = CheckpointJson.read(key, objects.get(key), keys.documents());
                byte[] manifest = objects.get(Keys.manifest(checkpoint.number()));
                if (key.equals(Keys.checkpoint(checkpoint.number()))
                        && Checksum.sha256Hex(manifest).equals(checkpoint.manifestSha256())) {
                    requireKeyring(keys, checkpoint.history());
                    return Optional.of(new Chain(
                            objects,
                            new HistoryBuilder(checkpoint.history()),
                            keys,
                            checkpoint.number(),
                            checkpoint.manifestSha256()));
                }
            } catch (ReinstateException e) {
                if (e.kind() != FailureKind.DAMAGED) {
                    throw e;
                }
            }
        }
        return Optional.empty();
    }

    static List<String> checkpointKeys(ArchiveObjects objects) {
        List<String> keys = new ArrayList<>();
        String after = "";
        List<ObjectStore.ObjectSummary> page;
        do {
            page = objects.listPage(Keys.CHECKPOINTS, after);
            page.forEach(summary -> keys.add(summary.key()));
            after = keys.isEmpty() ? after : keys.getLast();
        } while (!page.isEmpty());
        return keys;
    }

    private static void requireKeyring(ArchiveKeys keys, History history) {
        if (!keys.tokenKey().check().equals(history.origin().tokenCheck())) {
            throw new ReinstateException(
                    FailureKind.INVALID,
                    "The keyring is of another archive",
                    "its token key does not yield this archive's check value (INV-14)",
                    "put back the keyring that belongs here",
                    List.of(),
                    null);
        }
    }

    /** Reads manifests until the next one is not there yet. */
    void follow() {
        while (step()) {
            // one manifest at a time
        }
    }

    /** Reads the next manifest; false if it is not there yet. */
    boolean step() {
        Optional<byte[]> next = objects.find(Keys.manifest(number + 1));
        next.ifPresent(this::accept);
        return next.isPresent();
    }

    /** Takes in the manifest that follows the last one. */
    void accept(byte[] bytes) {
        String key = Keys.manifest(number + 1);
        Manifest manifest = ManifestJson.read(key, bytes, keys.documents());
        if (manifest.number() != number + 1) {
            throw Damage.of("INV-1", "Object " + key, "it says that it is number " + manifest.number());
        }
        if (!manifest.previous().equals(sha256)) {
            throw Damage.of("INV-2", "Object " + key, "the manifest before it is not the one it was written after");
        }
        append(manifest.entry(), bytes);
    }

    /** Takes in a manifest that follows the last one. */
    void append(Entry entry, byte[] bytes) {
        unpageFor(entry);
        history.apply(number + 1, entry);
        if (entry instanceof Entry.Erasure erasure) {
            advance(erasure);
        }
        number++;
        sha256 = Checksum.sha256Hex(bytes);
    }

    /** Reads the pages that hold segments which the entry replaces, so that it can be applied. */
    void unpageFor(Entry entry) {
        List<PageReference> pages = history.pagesFor(entry);
        if (!pages.isEmpty()) {
            SegmentCatalog catalog = new SegmentCatalog(objects, keys.documents());
            history.unpage(
                    pages,
                    pages.stream().flatMap(page -> catalog.load(page).stream()).toList());
        }
    }

    /** Throws if there are manifests beyond a missing one (INV-1). */
    void requireEnd() {
        // The next may have been written since; anything else means that one between is missing.
        List<ObjectStore.ObjectSummary> beyond = objects.list(Keys.MANIFESTS, Keys.manifest(number), 1);
        if (!beyond.isEmpty() && objects.size(Keys.manifest(number + 1)).isEmpty()) {
            throw Damage.of(
                    "INV-1", "Object " + Keys.manifest(number + 1), "it is missing, but there are manifests after it");
        }
    }

    HistoryBuilder builder() {
        return history;
    }

    History history() {
        return history.build();
    }

    ArchiveKeys keys() {
        return keys;
    }

    ArchiveHead head() {
        History now = history.build();
        return new ArchiveHead(
                now.origin().tokenCheck().toString(),
                number,
                sha256,
                now.durable().to(),
                now.durable().time());
    }

    /** What is not as it was when that was the head; empty when all of it is still there. */
    Optional<ArchiveLoss> lossSince(ArchiveHead known) {
        ArchiveHead head = head();
        if (!known.archive().equals(head.archive())) {
            return Optional.of(new ArchiveLoss(ArchiveLoss.Kind.REPLACED, known, head));
        }
        if (known.number() > number) {
            return Optional.of(new ArchiveLoss(ArchiveLoss.Kind.CUT_BACK, known, head));
        }
        boolean isSame = known.number() == number
                ? known.sha256().equals(sha256)
                : objects.find(Keys.manifest(known.number()))
                        .map(Checksum::sha256Hex)
                        .filter(known.sha256()::equals)
                        .isPresent();
        return isSame ? Optional.empty() : Optional.of(new ArchiveLoss(ArchiveLoss.Kind.DIVERGED, known, head));
    }

    long number() {
        return number;
    }

    String sha256() {
        return sha256;
    }
}
