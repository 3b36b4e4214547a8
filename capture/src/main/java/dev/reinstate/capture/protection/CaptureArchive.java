package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveWriter;

/** How capture reaches the store's archive, which must exist. May be asked again after a failure. */
public interface CaptureArchive {
    /** Fences every writer opened before. */
    ArchiveWriter openWriter();

    ArchiveReader openReader();
}
