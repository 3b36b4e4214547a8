package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.manifest.CatalogueJson;
import dev.reinstate.archive.manifest.DefinitionsJson;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.TableVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes table versions and definitions durable, then the manifest that names them. Not thread-safe. */
final class CatalogueWriter {
    /** Bounds what reading one of them takes: about 10 MB of JSON for tables of 100 columns. */
    private static final int OBJECT_VERSIONS = 1000;

    private final StoredArchiveWriter archive;
    private @Nullable Unfinished unfinished;

    CatalogueWriter(StoredArchiveWriter archive) {
        this.archive = archive;
    }

    void publish(List<TableVersion> versions, Optional<Definitions> definitions) {
        ManifestLog log = archive.log();
        log.settle();
        Unfinished publishing = unfinished;
        if (publishing == null
                || !publishing.versions.equals(versions)
                || !publishing.definitions.equals(definitions)) {
            publishing = new Unfinished(List.copyOf(versions), definitions, write(versions, definitions));
            unfinished = publishing;
        }
        // Called again after a failure, the manifest may have come through: it was in doubt, and is settled now.
        if (!log.chain().history().catalogue().contains(publishing.entry)) {
            log.append(publishing.entry);
        }
        unfinished = null;
    }

    private Entry.Catalogue write(List<TableVersion> versions, Optional<Definitions> definitions) {
        List<Entry.CatalogueObject> objects = new ArrayList<>();
        for (int from = 0; from < versions.size(); from += OBJECT_VERSIONS) {
            objects.add(writeObject(versions.subList(from, Math.min(versions.size(), from + OBJECT_VERSIONS))));
        }
        return new Entry.Catalogue(objects, definitions.map(this::writeObject));
    }

    private Entry.DefinitionsObject writeObject(Definitions definitions) {
        byte[] bytes = DefinitionsJson.write(definitions, archive.keys().documents());
        String key = Keys.definitions(archive.log().chain().number() + 1, archive.random());
        archive.objects().putIfAbsent(key, bytes);
        return new Entry.DefinitionsObject(definitions.position(), key, Checksum.sha256Hex(bytes), bytes.length);
    }

    private Entry.CatalogueObject writeObject(List<TableVersion> versions) {
        byte[] bytes = CatalogueJson.write(versions, archive.keys().documents());
        String key = Keys.catalogue(archive.log().chain().number() + 1, archive.random());
        archive.objects().putIfAbsent(key, bytes);
        return new Entry.CatalogueObject(key, Checksum.sha256Hex(bytes), bytes.length, versions.size());
    }

    /** What has durable objects and may not have its manifest yet. */
    private record Unfinished(List<TableVersion> versions, Optional<Definitions> definitions, Entry.Catalogue entry) {}
}
