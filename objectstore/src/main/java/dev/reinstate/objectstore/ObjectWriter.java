package dev.reinstate.objectstore;

/**
 * An object being written. Not thread-safe.
 *
 * <pre>
 * open --write*--> open --publish--> published (whole, durable, visible)
 *   \---------close, or a failed call--------> abandoned (never visible, but see publish)
 * </pre>
 */
public interface ObjectWriter extends AutoCloseable {
    /** Appends bytes. Not promised: that they are anywhere but in memory before {@link #publish}. */
    void write(byte[] bytes, int offset, int length);

    /** Bytes written so far. */
    long sizeBytes();

    /**
     * Makes the object visible and durable, in one step, if its key is free: {@code EXISTS} if it is taken, and nothing
     * changed. After {@code UNAVAILABLE} the object may exist, whole, or not at all.
     */
    void publish();

    /** Abandons what is not published; otherwise only frees resources. */
    @Override
    void close();
}
