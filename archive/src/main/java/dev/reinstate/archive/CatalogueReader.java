package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.CatalogueJson;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.TableVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The catalogue history, each object of it read once. Thread-safe. */
final class CatalogueReader {
    private final ArchiveObjects objects;
    private final DocumentCipher documents;
    private final Map<String, List<TableVersion>> known = new ConcurrentHashMap<>();

    CatalogueReader(ArchiveObjects objects, DocumentCipher documents) {
        this.objects = objects;
        this.documents = documents;
    }

    /** By position; versions of one position as they were published. */
    List<TableVersion> read(History history) {
        List<TableVersion> versions = new ArrayList<>();
        for (Entry.Catalogue catalogue : history.catalogue()) {
            for (Entry.CatalogueObject object : catalogue.objects()) {
                versions.addAll(known.computeIfAbsent(object.key(), key -> List.copyOf(read(object))));
            }
        }
        versions.sort(Comparator.comparing(TableVersion::position));
        return List.copyOf(versions);
    }

    List<TableVersion> read(Entry.CatalogueObject object) {
        byte[] bytes = objects.get(object.key());
        if (bytes.length != object.sizeBytes() || !Checksum.sha256Hex(bytes).equals(object.sha256())) {
            throw Damage.of("INV-3", "Object " + object.key(), "it is not the one its manifest means");
        }
        List<TableVersion> versions = CatalogueJson.read(object.key(), bytes, documents);
        if (versions.size() != object.versions()) {
            throw Damage.of("INV-3", "Object " + object.key(), "its manifest counts other versions");
        }
        return versions;
    }
}
