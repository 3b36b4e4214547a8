package dev.reinstate.cli.wiring;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.DamageListener;
import dev.reinstate.archive.ReceiptStore;
import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Encryption;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.postgres.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Optional;

/** Opens archives. */
public final class Archives {
    private static final long LEAST_MEMORY_BYTES = 4L << 20;

    private final MasterKeys masterKeys;
    private final DamageListener damage;

    /** @param damage told what readers of archives work around */
    public Archives(MasterKeys masterKeys, DamageListener damage) {
        this.masterKeys = masterKeys;
        this.damage = damage;
    }

    public MasterKeys masterKeys() {
        return masterKeys;
    }

    /** An archive in its place, not yet read. */
    public record StoredArchive(ObjectStore objects, ArchiveSettings settings) {
        /** Opens it for reading, as of its newest manifest. */
        public ArchiveReader reader() {
            return Archive.openReader(objects, settings);
        }

        /** Its receipts. */
        public ReceiptStore receipts() {
            return Archive.receipts(objects, settings);
        }

        /** Tells it from every other archive: 64 hex digits. */
        public String identity() {
            return Archive.identity(objects);
        }

        /** Opens it for changes beside its writer. */
        public ArchiveMaintenance maintenance() {
            return Archive.openMaintenance(objects, settings);
        }

        /** The same archive for so many workers at once, with the memory of one between them. */
        public StoredArchive sharedBy(int workers) {
            long each = Math.max(LEAST_MEMORY_BYTES, settings.memoryBudgetBytes() / workers);
            return new StoredArchive(objects, settings.withMemoryBudgetBytes(each));
        }
    }

    /**
     * The archive in that place; {@code INVALID} when there is none.
     *
     * @param encryption where its key is, if it needs one
     */
    public StoredArchive open(ArchivePlace place, Encryption encryption, Path temporaryDirectory) {
        return find(place, encryption, temporaryDirectory)
                .orElseThrow(() -> ReinstateException.invalid(
                        "There is no archive in " + place,
                        "an archive begins with the first image",
                        "run `reinstate protect`, or name the archive's place with --archive"));
    }

    /** The archive in that place, if there is one. */
    public Optional<StoredArchive> find(ArchivePlace place, Encryption encryption, Path temporaryDirectory) {
        ArchiveSettings settings = ArchiveSettings.defaults(temporaryDirectory).withDamageListener(damage);
        return there(place)
                .map(objects -> new StoredArchive(
                        objects,
                        masterKeys.find(encryption).map(settings::withMasterKey).orElse(settings)));
    }

    public boolean exists(ArchivePlace place) {
        return there(place).isPresent();
    }

    private static Optional<ObjectStore> there(ArchivePlace place) {
        return ObjectStores.openExisting(place).filter(Archive::exists);
    }

    /**
     * {@code REFUSED} unless the database behind a connection is the one the archive is of: a position means nothing
     * anywhere else.
     */
    public static void requireSame(StoreIdentity recorded, Connection connection, Database database) {
        StoreIdentity found = Database.identity(connection);
        if (recorded.systemIdentifier() != found.systemIdentifier()
                || !recorded.database().equals(found.database())) {
            throw ReinstateException.refused(
                    "The archive is of another store than " + database.displayName(),
                    "the archive is of " + recorded + ", the database is " + found
                            + " (system identifier/timeline/database)",
                    "check url and archive in reinstate.yaml; to bring tenants of the archive into another database,"
                            + " restore with --to");
        }
    }
}
