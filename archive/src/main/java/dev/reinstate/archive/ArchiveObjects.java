package dev.reinstate.archive;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.ObjectWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** The object store in the archive's words: its failures become the kinds that say who must act. */
final class ArchiveObjects {
    private static final int LIST_PAGE = 1000;

    private final ObjectStore store;

    ArchiveObjects(ObjectStore store) {
        this.store = store;
    }

    /** An object that a manifest names; its absence is damage. */
    byte[] get(String key) {
        return named(key, () -> store.get(key));
    }

    /** A part of an object that a manifest names. */
    byte[] getRange(String key, long offset, long length) {
        if (offset < 0 || length < 0 || length > Integer.MAX_VALUE - 16) {
            throw Damage.of("INV-9", "Object " + key, "a part of it is said to have " + length + " bytes");
        }
        return named(key, () -> store.getRange(key, offset, (int) length));
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
    void replace(String key, byte[] content) {
        run(() -> store.replace(key, content));
    }

    void delete(String key) {
        run(() -> store.delete(key));
    }

    void requireFencing() {
        if (!call(() -> store.capabilities().putIfAbsent())) {
            throw ReinstateException.refused(
                    "This object store cannot hold an archive",
                    store + " cannot write an object only if its key is free, which keeps two writers apart",
                    "use a store that can");
        }
    }

    private byte[] named(String key, Supplier<byte[]> read) {
        try {
            return read.get();
        } catch (ObjectStoreException e) {
            throw switch (e.kind()) {
                case ABSENT -> Damage.of("INV-3", "Object " + key, "it is named by a manifest but is not there");
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
