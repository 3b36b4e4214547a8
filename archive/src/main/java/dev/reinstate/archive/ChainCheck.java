package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.KeyringJson;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.NamedObject;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Checks the chain from its beginning on, and what is derived from it: INV-1, 2, 4, 12, 13, 14, 15, 17. */
final class ChainCheck {
    private static final Lsn END = new Lsn(-1);
    private static final CheckReport.Moments EVERYTHING = new CheckReport.Moments(Lsn.ZERO, END);

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final Findings findings;
    /** Checkpoints and bases by the number of their manifest. */
    private final SortedMap<Long, List<String>> states = new TreeMap<>();

    private final Set<String> pages = new HashSet<>();
    private final ReplacedObjects replaced;

    ChainCheck(ArchiveObjects objects, ArchiveSettings settings, Findings findings) {
        this.objects = objects;
        this.settings = settings;
        this.findings = findings;
        this.replaced = new ReplacedObjects(objects.all(Keys.SEGMENTS).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList());
    }

    /** What manifests replaced and is still there. */
    ReplacedObjects replaced() {
        return replaced;
    }

    /** The whole chain, or as much of it as can be relied on; empty if nothing can. */
    Optional<Chain> run() {
        Stream.concat(Chain.checkpointKeys(objects).stream(), Chain.baseKeys(objects).stream())
                .forEach(key -> Keys.numberOf(key)
                        .ifPresent(number -> states.computeIfAbsent(number, absent -> new ArrayList<>())
                                .add(key)));
        return keys().flatMap(keys -> {
            try {
                return followToEnd(beginning(keys));
            } catch (ReinstateException e) {
                requireDamage(e);
                Optional<Chain> reached = reopenFromCheckpoint();
                findings.damage(
                        Keys.manifest(1), e, List.of(), reached.isPresent() ? CheckReport.Moments.NONE : EVERYTHING);
                return reached;
            }
        });
    }

    /** At manifest 1, or at the oldest base that is kept, if manifests before it are not. */
    private Chain beginning(ArchiveKeys keys) {
        long first = firstKept();
        if (first == 1) {
            return Chain.openAtBeginning(objects, keys);
        }
        Optional<Chain> begun = Chain.baseKeys(objects).stream()
                .filter(key -> Keys.numberOf(key).orElse(0) >= first)
                .flatMap(key -> Chain.atState(objects, keys, key).stream())
                .findFirst();
        Chain chain = begun.orElseThrow(() ->
                Damage.of("INV-41", "The archive's chain", "no state that it can be begun with is there and whole"));
        states.headMap(chain.number()).clear();
        if (chain.number() > first) {
            new ManifestWalk(objects, chain, findings, first).checkTo(chain.number(), chain.sha256());
        }
        return chain;
    }

    private long firstKept() {
        try {
            return Chain.openReadable(objects, settings)
                    .chain()
                    .history()
                    .trail()
                    .first();
        } catch (ReinstateException e) {
            requireDamage(e);
            return 1;
        }
    }

    /** As a reader opens it: from a checkpoint on, without what lies before. */
    Optional<Chain> runFromCheckpoint() {
        return keys().flatMap(keys -> {
            try {
                Chain.Reached opened = Chain.openReadable(objects, settings);
                opened.damage().ifPresent(e -> cut(opened.chain(), e));
                return Optional.of(opened.chain());
            } catch (ReinstateException e) {
                requireDamage(e);
                findings.damage(Keys.manifest(1), e, List.of(), EVERYTHING);
                return Optional.empty();
            }
        });
    }

    private Optional<ArchiveKeys> keys() {
        try {
            return Optional.of(ArchiveKeys.open(objects, settings));
        } catch (ReinstateException e) {
            requireDamage(e);
            findings.damage(KeyringJson.KEY, e, List.of(), EVERYTHING);
            return Optional.empty();
        }
    }

    /** The manifest after the chain's last is damaged, and no reader comes beyond it. */
    private void cut(Chain chain, ReinstateException e) {
        String key = Keys.manifest(chain.number() + 1);
        Lsn from = chain.history().durable().to();
        findings.damage(key, e, List.of(), new CheckReport.Moments(from, END));
        findings.pieces().lose(new LostPieces.Positions(Optional.empty(), from, END, key));
    }

    private Optional<Chain> followToEnd(Chain chain) {
        checkStates(chain);
        try {
            while (chain.step()) {
                chain.builder().merge().ifPresent(replaced::note);
                checkStates(chain);
            }
            chain.requireEnd();
            reportCheckpointsBeyond(chain);
            return Optional.of(chain);
        } catch (ReinstateException e) {
            requireDamage(e);
            // What a reader does: a sound checkpoint behind the damaged manifest keeps every moment restorable.
            Chain reached = reopenFromCheckpoint().orElse(chain);
            if (reached.number() > chain.number()) {
                findings.damage(Keys.manifest(chain.number() + 1), e, List.of(), CheckReport.Moments.NONE);
            } else {
                cut(chain, e);
            }
            return Optional.of(reached);
        }
    }

    private Optional<Chain> reopenFromCheckpoint() {
        try {
            return Optional.of(Chain.open(objects, settings));
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.UNAVAILABLE) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private void checkStates(Chain chain) {
        List<String> keys = states.remove(chain.number());
        if (keys != null) {
            keys.forEach(key -> checkState(key, chain));
        }
    }

    private void checkState(String key, Chain chain) {
        try {
            CheckpointJson.Checkpoint checkpoint =
                    CheckpointJson.read(key, objects.get(key), chain.keys().documents());
            List<Entry.Segment> segments = new ArrayList<>();
            for (PageReference page : checkpoint.history().pages()) {
                pages.add(page.key());
                segments.addAll(checkedPage(page, chain.keys().documents()));
            }
            segments.addAll(checkpoint.history().segments());
            History expanded = checkpoint.history().repaged(List.of(), segments);
            if (checkpoint.number() != chain.number()
                    || !checkpoint.manifestSha256().equals(chain.sha256())
                    || !expanded.equals(chain.history())) {
                repairable(key, "it is not the state that its manifests yield");
            }
        } catch (ReinstateException e) {
            requireDamage(e);
            repairable(key, e.why());
        }
    }

    private List<Entry.Segment> checkedPage(PageReference page, DocumentCipher documents) {
        byte[] bytes = objects.get(page.key());
        List<Entry.Segment> segments = CheckpointJson.readPage(page.key(), bytes, documents);
        PageReference.Totals totals = segments.stream()
                .map(PageReference.Totals::of)
                .reduce(PageReference.Totals.NONE, PageReference.Totals::plus);
        if (!Checksum.sha256Hex(bytes).equals(page.sha256()) || !totals.equals(page.totals())) {
            repairable(page.key(), "it is not the page its checkpoint means");
        }
        return segments;
    }

    private void reportCheckpointsBeyond(Chain chain) {
        Lsn from = chain.history().durable().to();
        states.forEach((number, keys) -> keys.forEach(key -> {
            findings.add(new CheckReport.Finding(
                    CheckReport.Severity.DAMAGE,
                    "INV-1",
                    key,
                    "there is the state after manifest " + number + ", but the chain ends at " + chain.number()
                            + ": newer manifests have been removed",
                    List.of(),
                    new CheckReport.Moments(from, END)));
            findings.pieces().lose(new LostPieces.Positions(Optional.empty(), from, END, key));
        }));
    }

    private void repairable(String key, String why) {
        findings.note(CheckReport.Severity.REPAIRABLE, "INV-15", key, why);
    }

    /** Leftovers of killed writers. */
    void checkLeftovers(Chain chain, List<Entry.Segment> segments, Listing listing) {
        History history = chain.history();
        Set<String> named = new HashSet<>(pages);
        NamedObject.of(history).map(NamedObject::key).forEach(named::add);
        named.addAll(letGo(chain));
        segments.forEach(segment -> named.add(segment.object().key()));
        history.pages().forEach(page -> named.add(page.key()));
        named.addAll(replaced.keys());
        for (String key : listing.without(named)) {
            if (key.startsWith(Keys.BASES)
                    && Keys.numberOf(key).orElse(0) < history.trail().first()) {
                continue; // it waits to be removed
            }
            findings.note(
                    CheckReport.Severity.HARMLESS,
                    "INV-17",
                    key,
                    "no manifest names it: a leftover of an interrupted writer, unless manifests were removed");
        }
    }

    /** Keys that should be gone. */
    void checkErasures(History history) {
        for (Entry.Erasure erasure : history.erasures()) {
            String key = Keys.dataKey(erasure.tenant(), erasure.generation());
            if (erasure.step() == Entry.ErasureStep.EXECUTED
                    && objects.size(key).isPresent()) {
                findings.note(
                        CheckReport.Severity.REPAIRABLE,
                        "INV-22",
                        key,
                        "the key of an erased tenant is still there: run `reinstate shred TENANT --execute` again");
            }
        }
    }

    /** One each. */
    List<CheckUnit> receipts(ArchiveKeys keys) {
        StoredReceipts receipts = new StoredReceipts(objects, keys, settings);
        return objects.all(Keys.RECEIPTS).stream()
                .map(summary -> new CheckUnit(
                        CheckUnit.Kind.OTHER, summary.key(), 0, () -> checkReceipt(summary.key(), receipts)))
                .toList();
    }

    /** Objects that retention let go of and that are not removed yet. */
    private List<String> letGo(Chain chain) {
        List<String> keys = new ArrayList<>();
        for (History.Retired retired : chain.history().retired()) {
            String key = Keys.manifest(retired.manifest());
            Entry entry = ManifestJson.read(key, objects.get(key), chain.keys().documents())
                    .entry();
            if (entry instanceof Entry.Retention retention) {
                retention.removes().forEach(object -> keys.add(object.key()));
            }
        }
        return keys;
    }

    private void checkReceipt(String key, StoredReceipts receipts) {
        try {
            receipts.check(key);
        } catch (ReinstateException e) {
            requireDamage(e);
            findings.note(CheckReport.Severity.REPAIRABLE, "INV-2", key, "the receipt is not what was written");
        }
    }

    /** Damage is what a check is for; an unreadable object store or a newer format ends it. */
    static void requireDamage(ReinstateException e) {
        if (e.kind() != FailureKind.DAMAGED) {
            throw e;
        }
    }
}
