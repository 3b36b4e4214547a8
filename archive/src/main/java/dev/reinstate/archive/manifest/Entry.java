package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import java.time.Instant;
import java.util.List;

/** What one manifest adds to the archive. */
public sealed interface Entry {
    /**
     * The first.
     *
     * @param tokenCheck what the keyring's token key must yield (INV-14)
     */
    record ArchiveCreated(StoreIdentity store, TenancyMap tenancyMap, Token tokenCheck) implements Entry {}

    /** Fences the writers before. */
    record WriterOpened() implements Entry {}

    /** Rows are attributed by this map from here on. */
    record TenancyMapChanged(TenancyMap tenancyMap) implements Entry {}

    /** All rows as of a position. */
    record Image(Lsn position, Instant time, long rows, List<Part> parts) implements Entry {
        public Image {
            parts = List.copyOf(parts);
        }

        public long sizeBytes() {
            return parts.stream().mapToLong(part -> part.object().sizeBytes()).sum();
        }
    }

    /** One object of an image, with the tokens it begins and ends with. */
    record Part(StoredObject object, long rows, Token firstToken, Token lastToken) {}

    /**
     * History between two end LSNs.
     *
     */
    record Segment(Lsn from, Lsn to, StoredObject object, long changes, Commits commits) implements Entry {}

    /** A segment's transactions; at least one. */
    record Commits(long count, Lsn first, Lsn last, Instant minTime, Instant maxTime) {}

    /** Nothing was committed up to here. */
    record Position(Lsn to, Instant time) implements Entry {}

    /** History from here on is lost until the next image. */
    record Gap(Lsn from, Instant time, String reason) implements Entry {}
}
