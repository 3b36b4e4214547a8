package dev.reinstate.archive;

/** Told how far a check has come. Called by the checking thread. */
@FunctionalInterface
public interface CheckListener {
    /** Hears nothing. */
    CheckListener SILENT = (objectsDone, objectsTotal, bytesDone, bytesTotal) -> {};

    void progress(long objectsDone, long objectsTotal, long bytesDone, long bytesTotal);
}
