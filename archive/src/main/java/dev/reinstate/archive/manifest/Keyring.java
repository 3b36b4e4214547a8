package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.TokenKey;

/** The keys an archive keeps of itself. */
public sealed interface Keyring {
    /** Of an archive that is not encrypted. */
    record Open(TokenKey tokenKey) implements Keyring {}

    /**
     * Of an encrypted archive. Keys are wrapped: the archive key by the master key, the others by the archive key.
     *
     * @param archive random id, 32 hexadecimal digits, that ties all that is encrypted to this archive
     * @param rotations how often the master key was changed
     * @param masterKey id of the master key
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Locked(
            String archive, long rotations, String masterKey, byte[] archiveKey, byte[] tokenKey, byte[] metadataKey)
            implements Keyring {}
}
