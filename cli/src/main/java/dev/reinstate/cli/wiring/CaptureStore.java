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
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The archive of a configuration, as capture writes it. */
public final class CaptureStore implements CaptureArchive {
    /** No living process writes a single object for so long. */
    private static final Duration LEFTOVER_AGE = Duration.ofDays(7);

    private final Configuration configuration;
    private final MasterKeys masterKeys;
    private final Encryption encryption;
    private final ArchiveSettings settings;
    private @Nullable ObjectStore opened;

    /** @param encryption where the archive's key is; a new archive is encrypted with it */
    public CaptureStore(Configuration configuration, MasterKeys masterKeys, Encryption encryption) {
        this.configuration = configuration;
        this.masterKeys = masterKeys;
        this.encryption = encryption;
        ArchiveSettings defaults =
                ArchiveSettings.defaults(configuration.stateDirectory().resolve("sort"));
        this.settings = masterKeys.find(encryption).map(defaults::withMasterKey).orElse(defaults);
    }

    private synchronized ObjectStore objects() {
        if (opened == null) {
            opened = ObjectStores.open(configuration.archive());
        }
        return opened;
    }

    public boolean exists() {
        return Archive.exists(objects());
    }

    /**
     * Makes the archive for that store when there is none in its place, and before it its key file when there is none.
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
        ArchiveWriter writer = Archive.openWriter(objects(), settings);
        removeLeftovers();
        return writer;
    }

    /** They take room and nothing else: what fails is tried again when the next writer is opened. */
    private void removeLeftovers() {
        try {
            objects().removeUnfinished(settings.clock().instant().minus(LEFTOVER_AGE));
        } catch (ObjectStoreException e) {
            if (e.kind() == ObjectStoreException.Kind.INVALID) {
                throw e;
            }
        }
    }

    @Override
    public ArchiveReader openReader() {
        return Archive.openReader(objects(), settings);
    }
}
