package dev.reinstate.archive;

import dev.reinstate.archive.format.EncryptionKey;
import dev.reinstate.archive.format.ObjectKeys;
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Keyring;
import dev.reinstate.archive.manifest.KeyringJson;
import dev.reinstate.archive.signing.SigningKey;
import dev.reinstate.model.ReinstateException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an archive's objects are read and written with, once its keyring is opened. Thread-safe.
 *
 * @param partitions empty if the archive is not encrypted
 * @param signing empty if the archive is not encrypted: then it has no secret
 */
record ArchiveKeys(
        TokenKey tokenKey, DocumentCipher documents, Optional<PartitionKeys> partitions, Optional<SigningKey> signing) {
    private static final int ARCHIVE_ID_BYTES = 16;

    /**
     * Opens the keyring. {@code INVALID} if the archive is encrypted and no master key was given, or another one; {@code
     * DAMAGED} if the keyring is.
     */
    static ArchiveKeys open(ArchiveObjects objects, ArchiveSettings settings) {
        byte[] sealed = objects.find(KeyringJson.KEY).orElseThrow(ArchiveKeys::lost);
        return switch (KeyringJson.read(sealed)) {
            case Keyring.Open open ->
                new ArchiveKeys(open.tokenKey(), DocumentCipher.none(), Optional.empty(), Optional.empty());
            case Keyring.Locked locked -> unlock(objects, settings, locked);
        };
    }

    static KeyringSummary summary(ArchiveObjects objects) {
        if (!Chain.exists(objects)) {
            throw Chain.absent();
        }
        return switch (KeyringJson.read(objects.find(KeyringJson.KEY).orElseThrow(ArchiveKeys::lost))) {
            case Keyring.Open open -> new KeyringSummary(Optional.empty(), 0, 0);
            case Keyring.Locked locked ->
                new KeyringSummary(
                        Optional.of(locked.masterKey()),
                        locked.rotations(),
                        objects.all(Keys.DATA_KEYS).size());
        };
    }

    static void changeMasterKey(ArchiveObjects objects, ArchiveSettings settings, MasterKey next) {
        byte[] sealed = objects.find(KeyringJson.KEY).orElseThrow(ArchiveKeys::lost);
        switch (KeyringJson.read(sealed)) {
            case Keyring.Open open ->
                throw ReinstateException.refused(
                        "The archive has no master key",
                        "it is not encrypted, from its first byte on",
                        "make a new archive to have an encrypted one");
            case Keyring.Locked locked -> {
                if (!locked.masterKey().equals(next.id())) {
                    objects.replace(KeyringJson.KEY, KeyringJson.write(rewrapped(locked, settings, next)));
                }
            }
        }
    }

    private static Keyring.Locked rewrapped(Keyring.Locked old, ArchiveSettings settings, MasterKey next) {
        EncryptionKey archiveKey = archiveKey(old, master(old, settings));
        byte[] wrapped = next.wrap(archiveKey.bytes(), archiveKeyContext(old.archive()));
        return new Keyring.Locked(
                old.archive(), old.rotations() + 1, next.id(), wrapped, old.tokenKey(), old.metadataKey());
    }

    private static MasterKey master(Keyring.Locked keyring, ArchiveSettings settings) {
        return settings.masterKey().orElseThrow(() -> noKey(keyring)).get();
    }

    private static ArchiveKeys unlock(ArchiveObjects objects, ArchiveSettings settings, Keyring.Locked keyring) {
        String archive = keyring.archive();
        EncryptionKey archiveKey = archiveKey(keyring, master(keyring, settings));
        byte[] tokenKey = archiveKey.open(keyring.tokenKey(), tokenKeyContext(archive), "The wrapped token key");
        EncryptionKey metadataKey = new EncryptionKey(
                archiveKey.open(keyring.metadataKey(), metadataKeyContext(archive), "The wrapped metadata key"));
        PartitionKeys partitions = new PartitionKeys(objects, settings.random(), archive, archiveKey, metadataKey);
        return new ArchiveKeys(
                new TokenKey(tokenKey),
                DocumentCipher.of(metadataKey, archive, settings.random()),
                Optional.of(partitions),
                Optional.of(SigningKey.of(metadataKey, archive)));
    }

    private static EncryptionKey archiveKey(Keyring.Locked keyring, MasterKey master) {
        if (!master.id().equals(keyring.masterKey())) {
            throw ReinstateException.invalid(
                    "The master key is of another archive",
                    "this one is encrypted with " + keyring.masterKey() + ", and " + master.id() + " was given",
                    "name the right key file with --key-file or REINSTATE_KEY_FILE, or the right key in reinstate.yaml");
        }
        return new EncryptionKey(master.unwrap(keyring.archiveKey(), archiveKeyContext(keyring.archive())));
    }

    /** A new keyring: encrypted if there is a master key. */
    static byte[] newKeyring(ArchiveSettings settings) {
        byte[] tokenKey = random(settings, TokenKey.BYTES);
        if (settings.masterKey().isEmpty()) {
            return KeyringJson.write(tokenKey);
        }
        MasterKey master = settings.masterKey().map(Supplier::get).orElseThrow();
        String archive = HexFormat.of().formatHex(random(settings, ARCHIVE_ID_BYTES));
        EncryptionKey archiveKey = EncryptionKey.random(settings.random());
        EncryptionKey metadataKey = EncryptionKey.random(settings.random());
        return KeyringJson.write(new Keyring.Locked(
                archive,
                0,
                master.id(),
                master.wrap(archiveKey.bytes(), archiveKeyContext(archive)),
                archiveKey.seal(tokenKey, tokenKeyContext(archive), random(settings, EncryptionKey.SALT_BYTES)),
                archiveKey.seal(
                        metadataKey.bytes(), metadataKeyContext(archive), random(settings, EncryptionKey.SALT_BYTES))));
    }

    Optional<ObjectKeys> objects() {
        return partitions.map(keys -> keys);
    }

    private static byte[] random(ArchiveSettings settings, int bytes) {
        byte[] random = new byte[bytes];
        settings.random().nextBytes(random);
        return random;
    }

    private static String archiveKeyContext(String archive) {
        return "reinstate/archive-key/" + archive;
    }

    private static String tokenKeyContext(String archive) {
        return "reinstate/token-key/" + archive;
    }

    private static String metadataKeyContext(String archive) {
        return "reinstate/metadata-key/" + archive;
    }

    private static ReinstateException lost() {
        return ReinstateException.damaged(
                "The archive's keyring is not there",
                "no object can be found, and of an encrypted archive none can be read, without it (INV-14)",
                "put back a copy of the object `" + KeyringJson.KEY + "`, from a copy of the archive");
    }

    private static ReinstateException noKey(Keyring.Locked keyring) {
        return ReinstateException.invalid(
                "The archive is encrypted, and no master key is named",
                "it is encrypted with " + keyring.masterKey(),
                "name its key file with --key-file or REINSTATE_KEY_FILE, or in reinstate.yaml under encryption");
    }
}
