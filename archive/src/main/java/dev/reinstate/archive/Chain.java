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
import dev.reinstate.archive.manifest.Trail;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The manifests as read so far: starts at the newest checkpoint or base that holds, follows the chain to its end, and can follow
 * it further. Not thread-safe.
 */
final class Chain {
    private final ArchiveObjects objects;
    private final HistoryBuilder history;
    private final ArchiveKeys keys;
    private final Abandoned abandoned = new Abandoned();
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

    /** Manifest 1 always stays; a chain that lost it is still one. */
    static boolean exists(ArchiveObjects objects) {
        return objects.size(Keys.manifest(1)).isPresent()
                || !objects.list(Keys.MANIFESTS, "", 1).isEmpty();
    }

    /** Reads all of it. */
    static Chain open(ArchiveObjects objects, ArchiveSettings settings) {
        Reached reached = openReadable(objects, settings);
        reached.damage().ifPresent(damage -> {
            throw damage;
        });
        return reached.chain();
    }

    /**
     * Reads as much of it as can be relied on.
     *
     * @param damage because of which it ends where it does
     */
    record Reached(Chain chain, Optional<ReinstateException> damage) {
        /** A page that cannot be read is only skipped, like a checkpoint. */
        private boolean lacksPage() {
            return damage.filter(e -> e.what().contains(Keys.PAGES)).isPresent();
        }
    }

    /** For reading only: whoever writes must know all of it. */
    static Reached openReadable(ArchiveObjects objects, ArchiveSettings settings) {
        Chain begun = begin(objects, settings);
        Reached reached = begun.reach();
        if (reached.lacksPage()) {
            return withOtherPages(begun).orElse(reached);
        }
        return reached;
    }

    /** From another beginning, of those that have pages of their own or none. */
    private static Optional<Reached> withOtherPages(Chain chain) {
        for (String key : baseKeys(chain.objects).reversed()) {
            Optional<Chain> begun = atState(chain.objects, chain.keys, key);
            if (begun.isPresent()) {
                return begun.map(Chain::reach);
            }
        }
        return chain.objects.size(Keys.manifest(2)).isPresent()
                ? Optional.of(fromBeginning(chain.objects, chain.keys).reach())
                : Optional.empty();
    }

    private Reached reach() {
        try {
            followAhead();
            follow();
            requireEnd();
            return new Reached(this, Optional.empty());
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            return new Reached(this, Optional.of(e));
        }
    }

    private static Chain begin(ArchiveObjects objects, ArchiveSettings settings) {
        if (!exists(objects)) {
            throw absent();
        }
        ArchiveKeys keys = ArchiveKeys.open(objects, settings);
        return fromState(objects, keys).orElseGet(() -> fromBeginning(objects, keys));
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

    /** The newest checkpoint or base that is whole and of this chain; one that is not is only skipped (INV-15 is a SHOULD). */
    private static Optional<Chain> fromState(ArchiveObjects objects, ArchiveKeys keys) {
        List<String> states = new ArrayList<>(checkpointKeys(objects));
        states.addAll(baseKeys(objects));
        states.sort(Comparator.comparingLong((String key) -> Keys.numberOf(key).orElse(0)));
        for (String key : states.reversed()) {
            Optional<Chain> chain = atState(objects, keys, key);
            if (chain.isPresent()) {
                return chain;
            }
        }
        return Optional.empty();
    }

    /** Begins with the checkpoint or the base of that key; empty if it is not whole, or not of this chain. */
    static Optional<Chain> atState(ArchiveObjects objects, ArchiveKeys keys, String key) {
        try {
            CheckpointJson.Checkpoint state = CheckpointJson.read(key, objects.get(key), keys.documents());
            byte[] manifest = objects.get(Keys.manifest(state.number()));
            if (Keys.numberOf(key).orElse(0) != state.number()
                    || !Checksum.sha256Hex(manifest).equals(state.manifestSha256())) {
                return Optional.empty();
            }
            requireKeyring(keys, state.history());
            History history = Keys.isBase(key) ? withoutPages(objects, keys, state.history()) : state.history();
            return Optional.of(
                    new Chain(objects, new HistoryBuilder(history), keys, state.number(), state.manifestSha256()));
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Pages of a base go with it: a checkpoint written later must not refer to them. */
    private static History withoutPages(ArchiveObjects objects, ArchiveKeys keys, History history) {
        return history.repaged(List.of(), new SegmentCatalog(objects, keys.documents()).all(history));
    }

    static List<String> checkpointKeys(ArchiveObjects objects) {
        return objects.all(Keys.CHECKPOINTS).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    /** Of the states that the chain can be begun with, oldest first, without their pages. */
    static List<String> baseKeys(ArchiveObjects objects) {
        return objects.all(Keys.BASES).stream()
                .map(ObjectStore.ObjectSummary::key)
                .filter(key -> Keys.isBase(key) && Keys.numberOf(key).isPresent())
                .toList();
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

    /** Of a store that is far away; the end is for {@link #follow} to find, since some were asked for a while ago. */
    private void followAhead() {
        if (objects.readAhead() == 0) {
            return;
        }
        Iterable<Long> numbers =
                () -> LongStream.iterate(number + 1, next -> next + 1).iterator();
        try (ReadAhead<Long, Optional<byte[]>> manifests =
                new ReadAhead<>(objects.readAhead(), numbers, next -> objects.find(Keys.manifest(next)))) {
            Optional<byte[]> next = manifests.next();
            while (next.isPresent()) {
                accept(next.get());
                next = manifests.next();
            }
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
        if (abandoned.isNamedBy(manifest.entry())) {
            throw Damage.of("INV-43", "Object " + key, "it names an object that was given up before");
        }
        append(manifest.entry(), bytes);
    }

    /** Takes in a manifest that follows the last one. */
    void append(Entry entry, byte[] bytes) {
        unpageFor(entry);
        history.apply(number + 1, entry);
        abandoned.note(number + 1, entry);
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

    /** Whether the entry names an object that was given up since this was opened: then it may not be added. */
    boolean namesAbandoned(Entry entry) {
        return abandoned.isNamedBy(entry);
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
        return isSame(known) ? Optional.empty() : Optional.of(new ArchiveLoss(ArchiveLoss.Kind.DIVERGED, known, head));
    }

    /** Of an entry that is not kept any more nothing can be said: it is taken to be the same. */
    private boolean isSame(ArchiveHead known) {
        if (known.number() == number) {
            return known.sha256().equals(sha256);
        }
        Optional<byte[]> manifest = objects.find(Keys.manifest(known.number()));
        if (manifest.isEmpty()) {
            Trail trail = history.build().trail();
            return known.number() < trail.first();
        }
        return Checksum.sha256Hex(manifest.get()).equals(known.sha256());
    }

    long number() {
        return number;
    }

    String sha256() {
        return sha256;
    }
}
