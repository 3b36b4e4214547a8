package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.objectstore.ObjectStore;

/**
 * The door to an archive in an object store: immutable images and segments, and the chain of manifests that says what
 * exists. The caller keeps ownership of the object store and closes it after everything opened here.
 */
public final class Archive {
    private Archive() {}

    /**
     * Whether a store may lock the object of that key against deletion: manifests and what they name. Keys must stay
     * destroyable, checkpoints and pages are derived, receipts are written by whoever restores.
     */
    public static boolean mayBeLocked(String key) {
        return Keys.isLockable(key);
    }

    /** Whether the store holds an archive. */
    public static boolean exists(ObjectStore objects) {
        return Chain.exists(new ArchiveObjects(objects));
    }

    /** Tells an archive from every other: SHA-256 of its first manifest, in hex; of a copy it is the same. */
    public static String identity(ObjectStore objects) {
        return Checksum.sha256Hex(
                new ArchiveObjects(objects).find(Keys.manifest(1)).orElse(new byte[0]));
    }

    /**
     * Makes a new archive, encrypted if there is a master key; {@code CONFLICT} if there is one. An interruption leaves nothing or a keyring without an
     * archive, which the next attempt takes over.
     */
    public static void create(
            ObjectStore objects, StoreIdentity store, TenancyMap tenancyMap, ArchiveSettings settings) {
        Creation.create(new ArchiveObjects(objects), store, tenancyMap, settings);
    }

    /** {@code INVALID} if there is no archive. */
    public static ArchiveReader openReader(ObjectStore objects, ArchiveSettings settings) {
        return StoredArchiveReader.open(new ArchiveObjects(objects), settings);
    }

    /** Opens the one writer and fences every writer opened before; {@code INVALID} if there is no archive. */
    public static ArchiveWriter openWriter(ObjectStore objects, ArchiveSettings settings) {
        return StoredArchiveWriter.open(new ArchiveObjects(objects), settings);
    }

    /** {@code INVALID} if the archive is encrypted and the master key is not the one it needs. */
    public static ReceiptStore receipts(ObjectStore objects, ArchiveSettings settings) {
        ArchiveObjects stored = new ArchiveObjects(objects);
        return new StoredReceipts(stored, ArchiveKeys.open(stored, settings), settings);
    }

    /** What can be said of the archive's keys without the master key; {@code INVALID} if there is no archive. */
    public static KeyringSummary keyring(ObjectStore objects) {
        return ArchiveKeys.summary(new ArchiveObjects(objects));
    }

    /**
     * Puts the archive under another master key: only the keyring is written, at once; data is not. The old key opens
     * the archive until this returns, and only copies of the old keyring afterwards. No effect if it is under that key
     * already; {@code REFUSED} if it is not encrypted.
     *
     * @param settings with the master key it is under now
     */
    public static void changeMasterKey(ObjectStore objects, ArchiveSettings settings, MasterKey next) {
        ArchiveKeys.changeMasterKey(new ArchiveObjects(objects), settings, next);
    }

    /** Opens maintenance, beside a writer or without one; {@code INVALID} if there is no archive. */
    public static ArchiveMaintenance openMaintenance(ObjectStore objects, ArchiveSettings settings) {
        return StoredArchiveMaintenance.open(new ArchiveObjects(objects), settings, CompactionPlan.DEFAULT);
    }

    public static RowSorter rowSorter(ArchiveSettings settings) {
        return new SpillingRowSorter(settings);
    }

    /**
     * Reads the archive end to end: every checksum and every invariant. Damage is reported, not thrown; what is thrown
     * is that the object store cannot be read.
     *
     * @param foldEveryPartition also folds every partition of every range to its end, which proves that no change
     *     leans on a version that is not there; costs about as much again
     */
    public static CheckReport check(
            ObjectStore objects, ArchiveSettings settings, boolean foldEveryPartition, CheckListener listener) {
        CheckLevel level = foldEveryPartition ? CheckLevel.FULL : CheckLevel.CHECKSUMS;
        return check(objects, settings, level, new CheckScope.Everything(), listener);
    }

    /** Checks a part of the archive, or all of it. Damage is reported, not thrown. */
    public static CheckReport check(
            ObjectStore objects, ArchiveSettings settings, CheckLevel level, CheckScope scope, CheckListener listener) {
        return new ArchiveCheck(new ArchiveObjects(objects), settings, level, scope, listener).run();
    }
}
