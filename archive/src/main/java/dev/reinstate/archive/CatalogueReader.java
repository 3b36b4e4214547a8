package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.CatalogueJson;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The catalogue history, each object of it read once. Thread-safe. */
final class CatalogueReader {
    private final ArchiveObjects objects;
    private final Map<String, List<TableVersion>> known = new ConcurrentHashMap<>();

    CatalogueReader(ArchiveObjects objects) {
        this.objects = objects;
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

    List<TableVersion> read(Entry.CatalogueObject object) {
        byte[] bytes = objects.get(object.key());
        if (bytes.length != object.sizeBytes() || !Checksum.sha256Hex(bytes).equals(object.sha256())) {
            throw Damage.of("INV-3", "Object " + object.key(), "it is not the one its manifest means");
        }
        List<TableVersion> versions = CatalogueJson.read(object.key(), bytes);
        if (versions.size() != object.versions()) {
            throw Damage.of("INV-3", "Object " + object.key(), "its manifest counts other versions");
        }
        return versions;
    }
}
