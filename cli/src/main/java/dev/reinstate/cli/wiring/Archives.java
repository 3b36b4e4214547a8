package dev.reinstate.cli.wiring;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.postgres.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;

/** Opens archives. */
public final class Archives {
    /** An archive to read, with what it was opened with. */
    public record OpenArchive(ObjectStore objects, ArchiveSettings settings, ArchiveReader reader) {
        /**
         * {@code REFUSED} unless the database behind a connection is the one the archive is of: a position means
         * nothing anywhere else.
         */
        public void requireSourceIs(Connection connection, Database database) {
            StoreIdentity recorded = reader.state().store();
            StoreIdentity found = Database.identity(connection);
            if (recorded.systemIdentifier() != found.systemIdentifier()
                    || !recorded.database().equals(found.database())) {
                throw ReinstateException.refused(
                        "The archive is of another store than " + database.displayName(),
                        "the archive is of " + recorded + ", the database is " + found
                                + " (system identifier/timeline/database)",
                        "check url and archive in reinstate.yaml; to look at the archive's tenants in another database,"
                                + " restore with --to");
            }
        }
    }

    /** The archive in that folder; {@code INVALID} when there is none. */
    public OpenArchive open(Path folder, Path temporaryDirectory) {
        if (!Files.isDirectory(folder)) {
            throw none(folder);
        }
        ObjectStore objects = FileObjectStore.open(folder);
        if (!Archive.exists(objects)) {
            throw none(folder);
        }
        ArchiveSettings settings = ArchiveSettings.defaults(temporaryDirectory);
        return new OpenArchive(objects, settings, Archive.openReader(objects, settings));
    }

    /** Whether there is an archive in that folder. */
    public boolean exists(Path folder) {
        return Files.isDirectory(folder) && Archive.exists(FileObjectStore.open(folder));
    }

    private static ReinstateException none(Path folder) {
        return ReinstateException.invalid(
                "There is no archive in " + folder,
                "an archive begins with the first image",
                "run `reinstate protect`, or name the archive's folder with --archive");
    }
}
