package dev.reinstate.restore.apply;

import dev.reinstate.model.TenantId;

/** Told how a restore gets on, by the thread that does it; for several tenants at once by several threads. */
public interface ApplyListener {
    /** Nobody listens. */
    ApplyListener NONE = new ApplyListener() {};

    /** A step begins. */
    default void step(TenantId tenant, Step step) {}

    /** Rows handed to the database so far and altogether. */
    default void progress(TenantId tenant, Progress progress) {}

    /** How far the writing is. */
    record Progress(long rowsDone, long rowsTotal, long bytesDone, long bytesTotal) {}
}
