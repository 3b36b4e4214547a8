package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.CatalogueJson;
import dev.reinstate.archive.manifest.DefinitionsJson;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

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
        objectsOf(history).forEach(object -> versions.addAll(readOnce(object)));
        versions.sort(Comparator.comparing(TableVersion::position));
        return List.copyOf(versions);
    }

    /** The same of the objects that can be read. */
    ArchiveReader.SalvagedHistory salvage(History history) {
        List<TableVersion> versions = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        objectsOf(history).forEach(object -> {
            try {
                versions.addAll(readOnce(object));
            } catch (ReinstateException e) {
                if (e.kind() != FailureKind.DAMAGED) {
                    throw e;
                }
                lost.add(e.what() + ": " + e.why());
            }
        });
        versions.sort(Comparator.comparing(TableVersion::position));
        return new ArchiveReader.SalvagedHistory(versions, lost);
    }

    private static Stream<Entry.CatalogueObject> objectsOf(History history) {
        return history.catalogue().stream().flatMap(catalogue -> catalogue.objects().stream());
    }

    private List<TableVersion> readOnce(Entry.CatalogueObject object) {
        return known.computeIfAbsent(object.key(), key -> List.copyOf(read(object)));
    }

    /** The newest that were read at or before the position. */
    Optional<Definitions> definitionsAt(History history, Lsn position) {
        return history.catalogue().stream()
                .flatMap(entry -> entry.definitions().stream())
                .filter(object -> !object.position().isAfter(position))
                .reduce((one, other) -> other.position().isBefore(one.position()) ? one : other)
                .map(this::read);
    }

    Definitions read(Entry.DefinitionsObject object) {
        Definitions definitions =
                DefinitionsJson.read(object.key(), named(object.key(), object.sizeBytes(), object.sha256()), documents);
        if (!definitions.position().equals(object.position())) {
            throw Damage.of("INV-3", "Object " + object.key(), "its manifest names another position");
        }
        return definitions;
    }

    private byte[] named(String key, long sizeBytes, String sha256) {
        byte[] bytes = objects.get(key);
        if (bytes.length != sizeBytes || !Checksum.sha256Hex(bytes).equals(sha256)) {
            throw Damage.of("INV-3", "Object " + key, "it is not the one its manifest means");
        }
        return bytes;
    }

    List<TableVersion> read(Entry.CatalogueObject object) {
        byte[] bytes = named(object.key(), object.sizeBytes(), object.sha256());
        List<TableVersion> versions = CatalogueJson.read(object.key(), bytes, documents);
        if (versions.size() != object.versions()) {
            throw Damage.of("INV-3", "Object " + object.key(), "its manifest counts other versions");
        }
        return versions;
    }
}
