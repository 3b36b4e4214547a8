package dev.reinstate.cli.wiring;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.protection.CaptureArchive;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;

/** The archive of a configuration, as capture writes it. */
public final class CaptureStore implements CaptureArchive {
    private final Configuration configuration;
    private final ArchiveSettings settings;

    public CaptureStore(Configuration configuration) {
        this.configuration = configuration;
        this.settings = ArchiveSettings.defaults(configuration.stateDirectory().resolve("sort"));
    }

    private ObjectStore objects() {
        return FileObjectStore.open(configuration.archive());
    }

    /** Makes the archive for that store when there is none in the folder. */
    public void createIfAbsent(StoreIdentity store, TenancyMap map) {
        ObjectStore objects = objects();
        if (!Archive.exists(objects)) {
            Archive.create(objects, store, map, settings);
        }
    }

    /** The same archive for maintenance beside capture, with a quarter of the memory. */
    public StoredArchive forMaintenance() {
        return new StoredArchive(objects(), settings).sharedBy(4);
    }

    @Override
    public ArchiveWriter openWriter() {
        return Archive.openWriter(objects(), settings);
    }

    @Override
    public ArchiveReader openReader() {
        return Archive.openReader(objects(), settings);
    }
}
