package dev.reinstate.objectstore;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What failed, why, and what to do next. The store is as valid as before. */
public final class ObjectStoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller can do about it. */
    public enum Kind {
        /** The key is taken. */
        EXISTS,
        /** There is no such object. */
        ABSENT,
        /** A disk or network failed, is full or read-only; the same call may work later. */
        UNAVAILABLE,
        /** The object is under a retention lock; the same call may work when that has run out. */
        LOCKED,
        /** This store cannot do that, ever. */
        UNSUPPORTED,
        /** The call is wrong: a key or a range that cannot be. */
        INVALID
    }

    private final Kind kind;
    private final String what;
    private final String why;
    private final String next;

    public ObjectStoreException(Kind kind, String what, String why, String next, @Nullable Throwable cause) {
        super(what + ": " + why + ". Next: " + next, cause);
        this.kind = kind;
        this.what = what;
        this.why = why;
        this.next = next;
    }

    public static ObjectStoreException exists(String key) {
        return new ObjectStoreException(
                Kind.EXISTS, "Object " + key + " exists", "objects are never overwritten", "choose another key", null);
    }

    public static ObjectStoreException absent(String key) {
        return new ObjectStoreException(
                Kind.ABSENT, "Object " + key + " is not there", "it was never written, or removed", "list keys", null);
    }

    /** Something that is not among the store's {@link ObjectStore.Capabilities}. */
    public static ObjectStoreException unsupported(String what, String why) {
        return new ObjectStoreException(
                Kind.UNSUPPORTED, what, why, "use a store that can, or configure this one so that it does", null);
    }

    public static ObjectStoreException locked(String key, Instant until) {
        return new ObjectStoreException(
                Kind.LOCKED, "Object " + key + " stays", "it is locked until " + until, "wait until then", null);
    }

    public static ObjectStoreException invalid(String what, String why) {
        return new ObjectStoreException(Kind.INVALID, what, why, "correct the call", null);
    }

    public Kind kind() {
        return kind;
    }

    public String what() {
        return what;
    }

    public String why() {
        return why;
    }

    public String next() {
        return next;
    }
}
