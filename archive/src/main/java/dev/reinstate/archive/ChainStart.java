package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.NamedObject;
import dev.reinstate.archive.manifest.Trail;
import dev.reinstate.model.ReinstateException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Where a copy of a chain begins: with manifest 1, or with the state that stands for manifests which are not kept. */
final class ChainStart {
    private final ArchiveObjects source;
    private final DocumentCipher documents;
    private final Trail trail;

    ChainStart(ArchiveObjects source, DocumentCipher documents, Trail trail) {
        this.source = source;
        this.documents = documents;
        this.trail = trail;
    }

    long first() {
        return trail.first();
    }

    /** Whether manifests after that one are left out. */
    boolean isAfter(long number) {
        return trail.first() > number + 1;
    }

    /** How many are to be copied of those after {@code common}. */
    long manifests(long common, long end) {
        return isAfter(common) ? end - trail.first() + (common == 0 ? 2 : 1) : end - common;
    }

    /** What the state consists of, after what it names. */
    List<NamedObject> objects() {
        Entry.Base base = base();
        NamedObject document = base.objects().getFirst();
        byte[] bytes = source.get(document.key());
        if (!Checksum.sha256Hex(bytes).equals(document.sha256())) {
            throw Damage.of("INV-41", "Object " + document.key(), "it is not the state that its manifest means");
        }
        History state = CheckpointJson.read(document.key(), bytes, documents).history();
        Set<NamedObject> objects = new LinkedHashSet<>();
        new SegmentCatalog(source, documents).all(state).forEach(segment -> objects.addAll(NamedObject.of(segment)));
        NamedObject.of(state).forEach(objects::add);
        base.objects().reversed().forEach(objects::add);
        return List.copyOf(objects);
    }

    /** What the manifest after that one must name as the one before it. */
    String previous(long number) {
        if (number == 0) {
            return Manifest.NO_PREVIOUS;
        }
        if (number + 1 != trail.first() || trail.first() == 1) {
            return Checksum.sha256Hex(source.get(Keys.manifest(number)));
        }
        String key = Keys.manifest(trail.first());
        byte[] bytes = source.get(key);
        if (!Checksum.sha256Hex(bytes).equals(base().manifestSha256())) {
            throw Damage.of("INV-2", "Object " + key, "it is not the manifest whose state the chain begins with");
        }
        return ManifestJson.read(key, bytes, documents).previous();
    }

    private Entry.Base base() {
        return trail.baseAt(trail.first())
                .orElseThrow(() -> ReinstateException.bug("Manifest " + trail.first(), "it has no base (INV-41)"));
    }
}
