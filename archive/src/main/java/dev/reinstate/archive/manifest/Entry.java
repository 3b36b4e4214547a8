package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyMap;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What one manifest adds to the archive. */
public sealed interface Entry {
    /** May be appended by anybody, beside the writer, and fences nobody. */
    sealed interface Maintenance extends Entry {}

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

    /**
     * All rows as of a position.
     *
     * @param base of a synthetic image: the position of the image it was made from
     */
    record Image(Lsn position, Instant time, long rows, List<Part> parts, Optional<Lsn> base) implements Entry {
        public Image {
            parts = List.copyOf(parts);
        }

        public long sizeBytes() {
            return sizeOf(parts);
        }
    }

    /**
     * All rows of some tables as of a position.
     *
     * @param durableTo how far history reached when it was published
     */
    record TableImage(Lsn position, Instant time, Lsn durableTo, long rows, List<Reimaged> tables, List<Part> parts)
            implements Entry {
        public TableImage {
            tables = List.copyOf(tables);
            parts = List.copyOf(parts);
        }

        public long sizeBytes() {
            return sizeOf(parts);
        }

        public boolean isOf(int oid) {
            return tables.stream().anyMatch(table -> table.oid() == oid);
        }
    }

    /** A table of a table image; {@code uncertainFrom} is at or before the position (INV-18). */
    record Reimaged(int oid, TableName table, Lsn uncertainFrom, String reason) {}

    /** One object of an image, with the tokens it begins and ends with. */
    record Part(StoredObject object, long rows, Token firstToken, Token lastToken) {
        /** Whether a partition's rows are here, if they are in the image. */
        public boolean mayHold(Token token) {
            return firstToken.compareTo(token) <= 0 && lastToken.compareTo(token) >= 0;
        }
    }

    /** History between two end LSNs. */
    record Segment(Lsn from, Lsn to, StoredObject object, long changes, Commits commits) implements Entry {}

    /** A segment's transactions; at least one. */
    record Commits(long count, Lsn first, Lsn last, Instant minTime, Instant maxTime) {}

    /** Nothing was committed up to here. */
    record Position(Lsn to, Instant time) implements Entry {}

    /** More of the catalogue history, and what makes the tables from a position on. */
    record Catalogue(List<CatalogueObject> objects, Optional<DefinitionsObject> definitions) implements Entry {
        public Catalogue {
            objects = List.copyOf(objects);
        }
    }

    /** A sealed document with table versions. */
    record CatalogueObject(String key, String sha256, long sizeBytes, long versions) {}

    /** A sealed document with the statements that make the tables as they were at the position. */
    record DefinitionsObject(Lsn position, String key, String sha256, long sizeBytes) {}

    /**
     * The store goes on in another timeline.
     *
     * @param fork up to where both are the same; if it is before durable-to, there is a gap from there on
     * @param reason of that gap, for people
     */
    record Timeline(int timeline, Lsn fork, Instant time, String reason) implements Entry {}

    /** History from here on is lost until the next image. */
    record Gap(Lsn from, Instant time, String reason) implements Entry {}

    /**
     * A legal hold: nothing of the tenant's history may be removed while it is in force.
     *
     * @param placed whether it is in force from here on, or no longer
     * @param reason for people; whoever reads manifests reads it
     */
    record Hold(Token tenant, boolean placed, Instant time, String reason) implements Maintenance {}

    /** An image made from another one and what came since; it has a base. */
    record SyntheticImage(Image image) implements Maintenance {}

    /**
     * One segment in place of several.
     *
     * @param time when it was merged
     * @param erasedChanges how many changes of erased tenants they had that it does not have
     * @param replaces oldest first
     */
    record MergedSegment(Segment segment, Instant time, long erasedChanges, List<Replaced> replaces)
            implements Maintenance {
        public MergedSegment {
            replaces = List.copyOf(replaces);
        }
    }

    /**
     * Objects are gone that these manifests replaced.
     *
     * @param manifests their numbers
     */
    record Removal(Instant time, List<Long> manifests) implements Maintenance {
        public Removal {
            manifests = List.copyOf(manifests);
        }
    }

    /**
     * Moments before a position are no longer kept, but for tenants that are held.
     *
     * @param from position of the image with which everything begins that is kept for everybody
     * @param held whose earlier moments are kept
     * @param removes objects that are before it and that nobody needs any more
     */
    record Retention(Instant time, Lsn from, List<Kept> held, List<Replaced> removes) implements Maintenance {
        public Retention {
            held = List.copyOf(held);
            removes = List.copyOf(removes);
        }
    }

    /**
     * The state after a manifest, from which on the chain can be followed without what is before it.
     *
     * @param number of that manifest
     * @param manifestSha256 of all its bytes
     * @param objects the state and its pages, in that order
     * @param first manifests before this one are not needed any more; 1 as long as all are
     */
    record Base(Instant time, long number, String manifestSha256, List<NamedObject> objects, long first)
            implements Maintenance {
        public Base {
            objects = List.copyOf(objects);
        }
    }

    /**
     * Objects that were there and that no entry names. Once a removal names this entry's manifest no entry may name them, and
     * they may be removed.
     */
    record Leftovers(Instant time, List<Replaced> objects) implements Maintenance {
        public Leftovers {
            objects = List.copyOf(objects);
        }
    }

    /** A tenant whose moments are kept from that image's position on. */
    record Kept(Token tenant, Lsn from) {}

    /** An object that is not needed any more by whoever reads the newest state. */
    record Replaced(String key, long sizeBytes) {}

    /**
     * A step in the erasure of a tenant, whose data key is destroyed in the end (INV-22).
     *
     * @param generation of the key to destroy
     * @param durableTo how far history reached when the step was taken
     * @param due from when on it may be executed
     */
    record Erasure(
            Token tenant, ErasureStep step, int generation, Lsn durableTo, Instant due, Instant time, String reason)
            implements Maintenance {}

    /** An erasure is scheduled, and then cancelled or executed. */
    enum ErasureStep {
        SCHEDULED,
        CANCELLED,
        EXECUTED
    }

    private static long sizeOf(List<Part> parts) {
        return parts.stream().mapToLong(part -> part.object().sizeBytes()).sum();
    }
}
