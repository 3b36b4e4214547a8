package dev.reinstate.cli.wiring;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.protection.CaptureArchive;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.Encryption;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.Optional;

/** The archive of a configuration, as capture writes it. */
public final class CaptureStore implements CaptureArchive {
    private final Configuration configuration;
    private final MasterKeys masterKeys;
    private final Encryption encryption;
    private final ArchiveSettings settings;

    /** @param encryption where the archive's key is; a new archive is encrypted with it */
    public CaptureStore(Configuration configuration, MasterKeys masterKeys, Encryption encryption) {
        this.configuration = configuration;
        this.masterKeys = masterKeys;
        this.encryption = encryption;
        ArchiveSettings defaults =
                ArchiveSettings.defaults(configuration.stateDirectory().resolve("sort"));
        this.settings = masterKeys.find(encryption).map(defaults::withMasterKey).orElse(defaults);
    }

    private ObjectStore objects() {
        return FileObjectStore.open(configuration.archive());
    }

    /**
     * Makes the archive for that store when there is none in the folder, and before it its key file when there is none.
     *
     * @return the key file, if it is new
     */
    public Optional<Path> createIfAbsent(StoreIdentity store, TenancyMap map) {
        ObjectStore objects = objects();
        if (Archive.exists(objects)) {
            return Optional.empty();
        }
        Optional<Path> keyFile = masterKeys.writeIfAbsent(encryption);
        Archive.create(objects, store, map, settings);
        return keyFile;
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
