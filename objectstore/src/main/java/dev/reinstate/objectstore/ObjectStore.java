package dev.reinstate.objectstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A flat, ordered space of immutable objects. Keys match {@code [a-z0-9._-]+(/[a-z0-9._-]+)*}, no part of them begins
 * with a dot, and they have at most 512 characters; any other key is refused with {@code INVALID}.
 *
 * <p>Promised to all callers, in this and other processes: an object is seen whole or not at all; once seen it is seen
 * by every later call (read-after-write, also in lists); its bytes never change, but for {@link #replace}. Safe for
 * several threads. Every failure is an {@link ObjectStoreException} and leaves the store valid.
 *
 * <p>Not promised: transactions over several keys, that a key can be the beginning of another's parts ({@code a} beside
 * {@code a/b}), modification times, protection from someone who writes around this
 * interface, or that bytes read are the bytes written (callers keep checksums).
 */
public interface ObjectStore extends AutoCloseable {
    /**
     * What this store can do; constant for its lifetime. What is not declared is refused with {@code UNSUPPORTED}. The
     * first call may try it out, with small requests of its own: whoever only reads need not ask.
     */
    Capabilities capabilities();

    /**
     * Begins an object. Nothing is visible before {@link ObjectWriter#publish}. Does not promise to notice already here
     * that the key is taken.
     */
    ObjectWriter create(String key);

    /**
     * Writes a small object, atomically and durably, if the key is free.
     *
     * <p>{@code EXISTS} if it is taken. After {@code UNAVAILABLE} the object may exist or not: read it back to know.
     */
    default void putIfAbsent(String key, byte[] content) {
        try (ObjectWriter writer = create(key)) {
            writer.write(content, 0, content.length);
            writer.publish();
        }
    }

    /** The whole object; {@code ABSENT} if there is none. For objects small enough for memory. */
    byte[] get(String key);

    /**
     * Exactly {@code length} bytes from {@code offset}; {@code ABSENT} if there is no such object, {@code INVALID} if
     * it ends before. One round trip.
     */
    byte[] getRange(String key, long offset, int length);

    /**
     * How many more reads it is worth asking for together with the one that is needed next; 0 where an answer is there at
     * once. A hint, which costs those who follow it the memory of as many answers.
     */
    default int readAhead() {
        return 0;
    }

    /** The object's size, or empty if there is none. */
    OptionalLong size(String key);

    /**
     * Keys that begin with {@code prefix} and come after {@code startAfter} (exclusive; empty for all) in the order of
     * their characters, at most {@code limit} of them. An object published or deleted during the call may be in it or
     * not.
     */
    List<ObjectSummary> list(String prefix, String startAfter, int limit);

    /**
     * Removes an object, durably, with earlier versions of it where the store keeps such; no effect if there is none.
     * {@code LOCKED} while a retention lock is on it, and nothing changed. Not promised: that its bytes are
     * unrecoverable.
     */
    void delete(String key);

    /**
     * Writes an object in place of what was there, atomically: a reader sees the old or the new one. Only for the one
     * objects of an archive that are mutable, its keys. Never locks it; {@code LOCKED} if it is. {@code UNSUPPORTED}
     * without {@link Capabilities#replace}. Earlier versions are removed where the store keeps such; after {@code
     * UNAVAILABLE} some may be left, and the same call again removes them. Not promised: order between two replacers.
     */
    void replace(String key, byte[] content);

    /**
     * Until when the object cannot be deleted; empty if it is not locked, or not any more. {@code ABSENT} if there is
     * none, {@code UNSUPPORTED} without {@link Capabilities#retention}.
     */
    Optional<Instant> lockedUntil(String key);

    /**
     * Removes what processes that died left of objects they did not publish, where it was begun before a moment. What
     * the living write must be younger: such a writer fails. Invisible in every other way, but it takes room.
     *
     * @return how many were removed
     */
    long removeUnfinished(Instant begunBefore);

    @Override
    void close();

    /**
     * What a store can do.
     *
     * @param putIfAbsent whether publishing fails when the key is taken; an archive's writers are fenced by it
     * @param replace whether {@link ObjectStore#replace} works
     * @param delete whether {@link ObjectStore#delete} works, for objects that are not locked
     * @param retention whether new objects are locked as the store's {@link LockPolicy} says, and the lock holds
     */
    record Capabilities(boolean putIfAbsent, boolean replace, boolean delete, boolean retention) {}

    /** A key and the size of its object. */
    record ObjectSummary(String key, long sizeBytes) {}
}
