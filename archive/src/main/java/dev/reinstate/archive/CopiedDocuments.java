package dev.reinstate.archive;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.KeyringJson;
import dev.reinstate.objectstore.ObjectStore;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Copies the sealed documents that no manifest names: keys, receipts, checkpoints and their pages. */
final class CopiedDocuments {
    private static final int CHECKPOINTS_KEPT = 4;

    private final ArchiveObjects source;
    private final ArchiveObjects target;
    private long copied;
    private final Set<String> keysBeyond = new HashSet<>();
    private long keysErased;

    CopiedDocuments(ArchiveObjects source, ArchiveObjects target) {
        this.source = source;
        this.target = target;
    }

    long copied() {
        return copied;
    }

    long keysBeyond() {
        return keysBeyond.size();
    }

    long keysErased() {
        return keysErased;
    }

    /**
     * Keyring and keys, and puts those that were replaced in place of what they were.
     *
     * @param targetIsCopy whether the target is known to hold this archive
     * @param compareAll also reads keys of the same size, to see whether they are the same
     */
    void copyKeys(boolean targetIsCopy, boolean compareAll) {
        byte[] keyring = source.get(KeyringJson.KEY);
        Sealed.open(KeyringJson.KEY, keyring);
        Optional<byte[]> there = target.find(KeyringJson.KEY);
        boolean differs = there.isPresent() && !Arrays.equals(there.get(), keyring);
        if (differs && !targetIsCopy) {
            throw ArchiveCopy.refused(
                    "it holds the keyring of another archive, or one that was replaced since a copy was begun",
                    "choose another place, or remove that keyring if nothing else is there");
        }
        if (differs) {
            replace(KeyringJson.KEY, keyring);
        } else if (there.isEmpty()) {
            put(KeyringJson.KEY, keyring);
        }
        NavigableMap<String, Long> ours = list(source, Keys.DATA_KEYS);
        NavigableMap<String, Long> theirs = list(target, Keys.DATA_KEYS);
        for (Map.Entry<String, Long> key : ours.entrySet()) {
            Long size = theirs.remove(key.getKey());
            if (size == null) {
                copy(key.getKey());
            } else if (compareAll || !size.equals(key.getValue())) {
                refresh(key.getKey());
            }
        }
        keysBeyond.addAll(theirs.keySet());
    }

    /** Destroys in the copy, too, the keys of tenants that were erased. */
    void eraseKeys(History history) {
        for (Entry.Erasure erasure : history.erasures()) {
            for (int generation = 0; isExecuted(erasure) && generation <= erasure.generation(); generation++) {
                String key = Keys.dataKey(erasure.tenant(), generation);
                if (target.size(key).isPresent()) {
                    target.delete(key);
                    keysErased++;
                    keysBeyond.remove(key);
                }
            }
        }
    }

    private static boolean isExecuted(Entry.Erasure erasure) {
        return erasure.step() == Entry.ErasureStep.EXECUTED;
    }

    private void refresh(String key) {
        byte[] content = source.get(key);
        Sealed.open(key, content);
        if (!Arrays.equals(content, target.get(key))) {
            replace(key, content);
        }
    }

    private void replace(String key, byte[] content) {
        target.replace(key, content);
        copied++;
    }

    /** Those the target does not have. */
    void copyReceipts() {
        copyMissing(Keys.RECEIPTS);
    }

    /** The newest one that is of the manifests copied, and what it points to; older ones go as they do in an archive. */
    void copyCheckpoint(long lastManifest) {
        List<String> checkpoints = Chain.checkpointKeys(source).stream()
                .filter(key -> key.compareTo(Keys.checkpoint(lastManifest)) <= 0)
                .toList();
        if (checkpoints.isEmpty() || target.size(checkpoints.getLast()).isPresent()) {
            return;
        }
        copyMissing(Keys.PAGES);
        copy(checkpoints.getLast());
        List<String> there = Chain.checkpointKeys(target);
        there.subList(0, Math.max(0, there.size() - CHECKPOINTS_KEPT)).forEach(target::delete);
    }

    private void copyMissing(String prefix) {
        NavigableMap<String, Long> theirs = list(target, prefix);
        list(source, prefix).keySet().stream()
                .filter(key -> !theirs.containsKey(key))
                .forEach(this::copy);
    }

    /** It may be gone since it was listed (a checkpoint). */
    private void copy(String key) {
        source.find(key).ifPresent(content -> {
            Sealed.open(key, content);
            put(key, content);
        });
    }

    private void put(String key, byte[] content) {
        if (target.putIfAbsent(key, content)) {
            copied++;
        }
    }

    private static NavigableMap<String, Long> list(ArchiveObjects objects, String prefix) {
        NavigableMap<String, Long> found = new TreeMap<>();
        List<ObjectStore.ObjectSummary> page = objects.listPage(prefix, "");
        while (!page.isEmpty()) {
            page.forEach(summary -> found.put(summary.key(), summary.sizeBytes()));
            page = objects.listPage(prefix, page.getLast().key());
        }
        return found;
    }
}
