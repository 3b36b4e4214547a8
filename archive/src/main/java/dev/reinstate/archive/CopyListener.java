package dev.reinstate.archive;

/** Told how far a copy has come. May be called by several threads. */
@FunctionalInterface
public interface CopyListener {
    /** Hears nothing. */
    CopyListener SILENT = (manifestsDone, manifestsTotal, bytesCopied) -> {};

    /** @param manifestsTotal of those the copy did not have when it began */
    void progress(long manifestsDone, long manifestsTotal, long bytesCopied);
}
