package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.ObjectWriter;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The object store in the archive's words: its failures become the kinds that say who must act. */
final class ArchiveObjects {
    private static final int LIST_PAGE = 1000;
    private static final int WINDOW_BYTES = 4 << 20;

    private final ObjectStore store;
    private final Function<String, ReinstateException> absence;

    ArchiveObjects(ObjectStore store) {
        this(store, ArchiveObjects::missing);
    }

    private ArchiveObjects(ObjectStore store, Function<String, ReinstateException> absence) {
        this.store = store;
        this.absence = absence;
    }

    private static ReinstateException missing(String key) {
        return Damage.of("INV-3", "Object " + key, "it is named by a manifest but is not there");
    }

    /**
     * The same for somebody who reads a state that may be old: an object that the newest state does not name any more was
     * removed, and its absence is {@code UNAVAILABLE}.
     *
     * @param named whether the newest state names the object of that key
     */
    ArchiveObjects whileRemoved(Predicate<String> named) {
        return new ArchiveObjects(
                store,
                key -> named.test(key)
                        ? missing(key)
                        : ReinstateException.unavailable(
                                "Object " + key + " was removed while it was needed",
                                "others took its place, and this began to read before they did",
                                "run it again: what it held is read from those",
                                null));
    }

    /** An object that a manifest names; its absence is damage. */
    byte[] get(String key) {
        return existing(key, () -> store.get(key));
    }

    /** A part of an object that a manifest names. */
    byte[] getRange(String key, long offset, long length) {
        if (offset < 0 || length < 0 || length > Integer.MAX_VALUE - 16) {
            throw Damage.of("INV-9", "Object " + key, "a part of it is said to have " + length + " bytes");
        }
        return existing(key, () -> store.getRange(key, offset, (int) length));
    }

    /** Of all bytes of an object that a manifest names, which must be at least as many as it says; in hexadecimal digits. */
    String sha256(String key, long sizeBytes) {
        MessageDigest digest = Checksum.newSha256();
        for (long at = 0; at < sizeBytes; at += WINDOW_BYTES) {
            digest.update(getRange(key, at, Math.min(WINDOW_BYTES, sizeBytes - at)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Reads all of an object that a manifest names; how it is damaged, if it is not there or not what was written. */
    Optional<ReinstateException> damageOf(StoredObject object) {
        try {
            long size = size(object.key()).orElseThrow(() -> absence.apply(object.key()));
            boolean isWhole = size == object.sizeBytes()
                    && sha256(object.key(), object.sizeBytes()).equals(object.sha256());
            return isWhole
                    ? Optional.empty()
                    : Optional.of(Damage.of(
                            "INV-3",
                            "Object " + object.key(),
                            "its size or its SHA-256 is not the one its manifest says"));
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            return Optional.of(e);
        }
    }

    /**
     * What is to be said of an object that cannot be read: its damage, or, where the newest state does not name it any more,
     * that what took its place is to be read.
     */
    ReinstateException unreadable(String key, ReinstateException damage) {
        ReinstateException absent = absence.apply(key);
        return absent.kind() == damage.kind() ? damage : absent;
    }

    int readAhead() {
        return store.readAhead();
    }

    Optional<byte[]> find(String key) {
        try {
            return Optional.of(store.get(key));
        } catch (ObjectStoreException e) {
            if (e.kind() == ObjectStoreException.Kind.ABSENT) {
                return Optional.empty();
            }
            throw mapped(e);
        }
    }

    OptionalLong size(String key) {
        return call(() -> store.size(key));
    }

    /** Keys that begin with the prefix, after {@code startAfter}, up to the limit. */
    List<ObjectStore.ObjectSummary> list(String prefix, String startAfter, int limit) {
        return call(() -> store.list(prefix, startAfter, limit));
    }

    List<ObjectStore.ObjectSummary> listPage(String prefix, String startAfter) {
        return list(prefix, startAfter, LIST_PAGE);
    }

    /** All keys that begin with the prefix. */
    List<ObjectStore.ObjectSummary> all(String prefix) {
        List<ObjectStore.ObjectSummary> found = new ArrayList<>();
        List<ObjectStore.ObjectSummary> page = listPage(prefix, "");
        while (!page.isEmpty()) {
            found.addAll(page);
            page = listPage(prefix, page.getLast().key());
        }
        return found;
    }

    /** Whether the key was free and the object is durable now. */
    boolean putIfAbsent(String key, byte[] content) {
        try {
            store.putIfAbsent(key, content);
            return true;
        } catch (ObjectStoreException e) {
            if (e.kind() == ObjectStoreException.Kind.EXISTS) {
                return false;
            }
            throw mapped(e);
        }
    }

    ObjectWriter create(String key) {
        return call(() -> store.create(key));
    }

    void run(Runnable action) {
        call(() -> {
            action.run();
            return true;
        });
    }

    /** For the one mutable object. */
    void delete(String key) {
        run(() -> store.delete(key));
    }

    /** False if the store's lock keeps it, for now. */
    boolean deleteUnlessLocked(String key) {
        try {
            delete(key);
            return true;
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.REFUSED) {
                throw e;
            }
            return false;
        }
    }

    /** Tidies up what nobody will ever name. */
    void deleteIfPossible(String key) {
        try {
            delete(key);
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.BUG) {
                throw e;
            }
        }
    }

    void replace(String key, byte[] content) {
        run(() -> store.replace(key, content));
    }

    void requireFencing() {
        if (!call(() -> store.capabilities().putIfAbsent())) {
            throw ReinstateException.refused(
                    "This object store cannot hold an archive",
                    store + " cannot write an object only if its key is free, which keeps two writers apart",
                    "use a store that can");
        }
    }

    private byte[] existing(String key, Supplier<byte[]> read) {
        try {
            return read.get();
        } catch (ObjectStoreException e) {
            throw switch (e.kind()) {
                case ABSENT -> absence.apply(key);
                case INVALID -> Damage.of("INV-3", "Object " + key, "it is shorter than its manifest says");
                case EXISTS, UNAVAILABLE, LOCKED, UNSUPPORTED -> mapped(e);
            };
        }
    }

    private static <T> T call(Supplier<T> action) {
        try {
            return action.get();
        } catch (ObjectStoreException e) {
            throw mapped(e);
        }
    }

    private static ReinstateException mapped(ObjectStoreException e) {
        FailureKind kind = switch (e.kind()) {
            case UNAVAILABLE, ABSENT -> FailureKind.UNAVAILABLE;
            case UNSUPPORTED, LOCKED -> FailureKind.REFUSED;
            case EXISTS -> FailureKind.CONFLICT;
            case INVALID -> FailureKind.BUG;
        };
        return new ReinstateException(kind, e.what(), e.why(), e.next(), List.of(), e);
    }
}
