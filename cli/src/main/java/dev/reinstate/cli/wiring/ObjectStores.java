package dev.reinstate.cli.wiring;

import dev.reinstate.archive.Archive;
import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.LockPolicy;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.s3.ObjectLock;
import dev.reinstate.objectstore.s3.S3ObjectStore;
import dev.reinstate.objectstore.s3.S3Settings;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/** Opens the stores archives are kept in. */
public final class ObjectStores {
    private ObjectStores() {}

    /** The store at that place; a folder is made if there is none. */
    public static ObjectStore open(ArchivePlace place) {
        return switch (place) {
            case ArchivePlace.Folder folder -> FileObjectStore.open(folder.path());
            case ArchivePlace.Bucket bucket -> S3ObjectStore.open(bucket.location(), settings(bucket.lock()));
        };
    }

    /** The same, but no folder is made only to look into it. */
    static Optional<ObjectStore> openExisting(ArchivePlace place) {
        boolean missing = place instanceof ArchivePlace.Folder folder && !Files.isDirectory(folder.path());
        return missing ? Optional.empty() : Optional.of(open(place));
    }

    private static S3Settings settings(Optional<ArchivePlace.Lock> wanted) {
        S3Settings settings = S3Settings.defaults();
        return wanted.map(lock -> settings.withLock(new ObjectLock(lock.mode(), policy(lock.days()))))
                .orElse(settings);
    }

    private static LockPolicy policy(int days) {
        return key -> Archive.mayBeLocked(key) ? Optional.of(Duration.ofDays(days)) : Optional.empty();
    }
}
