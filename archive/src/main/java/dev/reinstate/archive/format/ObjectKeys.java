package dev.reinstate.archive.format;

/** The keys that the data objects of an encrypted archive are under. Thread-safe. */
public interface ObjectKeys {
    /** The largest generation that fits a block's header. */
    int MAX_GENERATION = 0xFFFF;

    /** A partition's key; generation 0 is its first, a further one follows each erasure. */
    record DataKey(EncryptionKey key, int generation) {}

    /** What the partition's next blocks are encrypted under, durable. */
    DataKey forWriting(Token token);

    /** Whether that key was destroyed, on purpose: what is under it counts as not there. */
    boolean isErased(Token token, int generation);

    /** Begins to find the partition's current key, for whoever will read many; failures come from {@link #forReading}. */
    void prepareReading(Token token);

    /** {@code DAMAGED} if the key is lost. */
    EncryptionKey forReading(Token token, int generation);

    /** What sections are encrypted under. */
    EncryptionKey metadata();
}
