package dev.reinstate.archive;

/**
 * The one key outside of an archive: without it nothing in the archive can be read. It wraps an archive's key and
 * nothing else, so it is used once when an archive is opened. Implementations are thread-safe and never tell the key.
 */
public interface MasterKey {
    /** Names the key, the same for ever, without telling anything of it: 1 to 2048 characters. */
    String id();

    /**
     * Wraps a key of 32 bytes; {@code UNAVAILABLE} if the key cannot be reached, {@code REFUSED} if it may not be used.
     *
     * @param context what is wrapped and for which archive; needed to unwrap it
     */
    byte[] wrap(byte[] key, String context);

    /** The key that was wrapped so; {@code DAMAGED} if it was wrapped by another key or in another context. */
    byte[] unwrap(byte[] wrapped, String context);
}
