package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.KeyringJson;
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
import java.util.function.Supplier;

/** Checks the chain from its first manifest on, and what is derived from it: INV-1, 2, 4, 12, 13, 14, 15, 17. */
final class ChainCheck {
    private static final Lsn END = new Lsn(-1);

    /** What is written before a manifest names it. */
    private static final List<String> LISTED =
            List.of(Keys.SEGMENTS, Keys.IMAGES, Keys.TABLE_IMAGES, Keys.CATALOGUE, Keys.DEFINITIONS, Keys.PAGES);

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final Findings findings;
    private final SortedMap<Long, String> checkpoints = new TreeMap<>();
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
        for (String key : Chain.checkpointKeys(objects)) {
            numberOf(key).ifPresent(number -> checkpoints.put(number, key));
        }
        return begin(KeyringJson.KEY, () -> ArchiveKeys.open(objects, settings))
                .flatMap(keys -> begin(Keys.manifest(1), () -> Chain.openAtBeginning(objects, keys)))
                .flatMap(this::followToEnd);
    }

    private <T> Optional<T> begin(String key, Supplier<T> read) {
        try {
            return Optional.of(read.get());
        } catch (ReinstateException e) {
            requireDamage(e);
            findings.damage(key, e, List.of(), new CheckReport.Moments(Lsn.ZERO, END));
            return Optional.empty();
        }
    }

    private Optional<Chain> followToEnd(Chain chain) {
        checkCheckpoint(chain);
        try {
            while (chain.step()) {
                chain.builder().merge().ifPresent(replaced::note);
                checkCheckpoint(chain);
            }
            chain.requireEnd();
            reportCheckpointsBeyond(chain);
            return Optional.of(chain);
        } catch (ReinstateException e) {
            requireDamage(e);
            // What a reader does: a sound checkpoint behind the damaged manifest keeps every moment restorable.
            Chain reached = reopenFromCheckpoint().orElse(chain);
            CheckReport.Moments lost = reached.number() > chain.number()
                    ? CheckReport.Moments.NONE
                    : new CheckReport.Moments(chain.history().durable().to(), END);
            findings.damage(Keys.manifest(chain.number() + 1), e, List.of(), lost);
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

    private void checkCheckpoint(Chain chain) {
        String key = checkpoints.remove(chain.number());
        if (key == null) {
            return;
        }
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
        checkpoints.forEach((number, key) -> findings.add(new CheckReport.Finding(
                CheckReport.Severity.DAMAGE,
                "INV-1",
                key,
                "there is a checkpoint after manifest " + number + ", but the chain ends at " + chain.number()
                        + ": newer manifests have been removed",
                List.of(),
                new CheckReport.Moments(chain.history().durable().to(), END))));
    }

    private void repairable(String key, String why) {
        findings.note(CheckReport.Severity.REPAIRABLE, "INV-15", key, why);
    }

    /** Leftovers of killed writers, and receipts that are not as they were written. */
    void checkOthers(Chain chain, History history, List<Entry.Segment> segments) {
        Set<String> named = new HashSet<>(pages);
        history.images()
                .forEach(image ->
                        image.parts().forEach(part -> named.add(part.object().key())));
        history.tableImages()
                .forEach(image ->
                        image.parts().forEach(part -> named.add(part.object().key())));
        history.catalogue().forEach(entry -> {
            entry.objects().forEach(object -> named.add(object.key()));
            entry.definitions().ifPresent(object -> named.add(object.key()));
        });
        segments.forEach(segment -> named.add(segment.object().key()));
        named.addAll(replaced.keys());
        for (String prefix : LISTED) {
            for (ObjectStore.ObjectSummary summary : objects.all(prefix)) {
                if (!named.contains(summary.key())) {
                    findings.note(
                            CheckReport.Severity.HARMLESS,
                            "INV-17",
                            summary.key(),
                            "no manifest names it: a leftover of an interrupted writer, unless manifests were removed");
                }
            }
        }
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
        for (ObjectStore.ObjectSummary summary : objects.all(Keys.RECEIPTS)) {
            checkReceipt(summary.key(), new StoredReceipts(objects, chain.keys()));
        }
    }

    private void checkReceipt(String key, StoredReceipts receipts) {
        try {
            receipts.check(key);
        } catch (ReinstateException e) {
            requireDamage(e);
            findings.note(CheckReport.Severity.REPAIRABLE, "INV-2", key, "the receipt is not what was written");
        }
    }

    private static Optional<Long> numberOf(String key) {
        String digits = key.substring(Keys.CHECKPOINTS.length());
        return digits.matches("\\d{1,18}|0\\d{19}") ? Optional.of(Long.parseLong(digits)) : Optional.empty();
    }

    /** Damage is what a check is for; an unreadable object store or a newer format ends it. */
    static void requireDamage(ReinstateException e) {
        if (e.kind() != FailureKind.DAMAGED) {
            throw e;
        }
    }
}
