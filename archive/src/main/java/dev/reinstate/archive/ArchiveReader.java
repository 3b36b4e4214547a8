package dev.reinstate.archive;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads an archive as of one manifest; safe beside the writer and for several threads. Reading one partition costs in
 * proportion to its own data and the number of objects since the image, never to the database. Every byte read is
 * verified; what does not match is {@code DAMAGED}.
 */
public interface ArchiveReader {
    ArchiveState state();

    /** Follows the manifests to the newest; what was returned before stays valid. */
    void refresh();

    /** The archive's end, as of the newest manifest read. */
    ArchiveHead head();

    /**
     * Whether the archive still holds what it held when {@code known} was its head; empty when it does. One request, none
     * when the head is the same.
     */
    Optional<ArchiveLoss> lossSince(ArchiveHead known);

    /** The restorable stretches, oldest first. */
    List<ArchiveState.Range> ranges();

    /** Those of one tenant: more than {@link #ranges} if it is held and retention let go of others' history. */
    List<ArchiveState.Range> ranges(TenantId tenant);

    /** How far back the archive reaches, and what waits to be removed. */
    RetentionState retention();

    /**
     * The last commit such that it and every commit before it has a commit time at or before {@code time} (running
     * maximum); {@link ArchiveState.Range#firstPosition} when no commit after the image is that old. {@code
     * NOT_RESTORABLE} outside the ranges, naming them.
     */
    Lsn positionAt(Instant time);

    /**
     * {@code NOT_RESTORABLE}, naming the nearest restorable positions, unless a fold at that position is possible: from
     * {@link ArchiveState.Range#firstPosition} to {@link ArchiveState.Range#lastPosition} of one of the ranges. The end
     * LSN of the range itself is not: the next commit may begin there.
     */
    void requireRestorable(Lsn position);

    /**
     * The exact rows of a partition right after every commit at or before {@code position}, sorted by (table oid as
     * unsigned, row key), in bounded memory. {@code NOT_RESTORABLE} where the partition's rows are no longer kept, and while
     * iterating when a row's values were too large to be kept; {@code DAMAGED} when a row's history does not add up.
     *
     * @param tables those asked for, by the newest shape under which the partition's rows were written: its oid is sure, its
     *     name may be an earlier one, or one that no catalogue history has
     */
    RowStream fold(Partition partition, Lsn position, Predicate<TableSchema> tables);

    /**
     * The same rows; before the first of them, those that the fold begins with are held against the content hashes kept with
     * their images, which reads the partition's rows of an image once more, once for each reader. If they are others than
     * were written, an older image serves instead, which is told as any damage; {@code DAMAGED} if none can. Where no
     * hashes were kept it is as {@link #fold}.
     */
    RowStream verifiedFold(Partition partition, Lsn position, Predicate<TableSchema> tables);

    /** The content of all that {@link #verifiedFold} yields. Costs as much as that. */
    Content content(Partition partition, Lsn position);

    /** Changes, of those that are kept, of a partition with {@code after < commit LSN <= upTo}, ordered by (commit LSN, ordinal). */
    ChangeStream changes(Partition partition, Lsn after, Lsn upTo);

    /** All transactions with {@code after < commit LSN <= upTo}, in order. */
    List<Commit> commits(Lsn after, Lsn upTo);

    /** What the catalogue is known to have been, oldest first by position. Read when first asked for. */
    List<TableVersion> catalogueHistory();

    /** As much of it as can be read, for whoever can do without the rest. */
    SalvagedHistory salvagedCatalogueHistory();

    /** What made the tables as they were at the position, as far as that was noticed by then; empty before the first. */
    Optional<Definitions> definitionsAt(Lsn position);

    /** Every tenant the archive has ever seen, by id. */
    List<TenantSummary> tenants();

    /**
     * Those that {@link #tenants} does not name, in their order. Where there are none it costs as little as finding where the
     * rows of each are; otherwise as much as {@link #tenants}. {@code DAMAGED} if something that may name one of them cannot be
     * read.
     */
    List<TenantId> unknown(List<TenantId> wanted);

    /** The erasure of a tenant that is scheduled or was executed last. */
    Optional<Erasure> erasureOf(TenantId tenant);

    /** Erasures that are scheduled or were executed; of an executed one the tenant's id is not told any more. */
    List<Erasure> erasures();

    /** What the archive holds of a tenant; reads no block. */
    Footprint footprint(TenantId tenant);

    /**
     * Legal holds in force, in the order they were placed.
     *
     * @return a hold's tenant is empty when none that the archive knows has its token
     */
    List<Hold> holds();

    /**
     * Partitions that the transactions with these xids touched within {@code after < commit LSN <= upTo}; proof of what
     * a restore wrote.
     */
    Set<Partition> touchedBy(Set<Long> xids, Lsn after, Lsn upTo);

    /**
     * One tenant over all of the archive.
     *
     * @param rows rows alive at the newest durable position, from counts of the objects' directories; rows too large
     *     to be kept may be missing from it
     * @param roots as {@code rows}, of the tenant table alone, unless that was called otherwise at some time: then 0; of an
     *     archive without one the same as {@code rows}
     * @param lastChange commit LSN of its newest change; the image's position when there was none
     */
    record TenantSummary(TenantId tenant, long rows, long roots, Lsn lastChange, Instant lastChangeTime) {}

    /**
     * What could be read of the catalogue history.
     *
     * @param versions oldest first by position
     * @param lost what is missing or damaged, a line each; none where the history is whole
     */
    record SalvagedHistory(List<TableVersion> versions, List<String> lost) {
        public SalvagedHistory {
            versions = List.copyOf(versions);
            lost = List.copyOf(lost);
        }
    }

    /** A legal hold in force since then. */
    record Hold(Optional<TenantId> tenant, Instant since, String reason) {}

    /**
     * Rows as hashes.
     *
     * @param tables those with rows, by name; hashed over all columns as the archive has them
     * @param verifiedAgainst position of the image that the fold began with, if its rows and those of table images since are
     *     those whose content hashes were kept when they were written; empty if there are none of the partition, or if they
     *     were written before hashes were kept
     */
    record Content(List<Table> tables, Optional<Lsn> verifiedAgainst) {
        public Content {
            tables = List.copyOf(tables);
        }

        /**
         * One table.
         *
         * @param table the newest name it has at that position
         * @param rows how many, at least 1
         * @param sha256 of them one after another, each with its key, in the order of keys: 64 hexadecimal digits. No other
         *     rows with the same hash can be found, whoever chooses them
         */
        public record Table(TableName table, long rows, String sha256) {}
    }

    /**
     * The erasure of a tenant.
     *
     * @param tenant empty when none that the archive knows has its token
     * @param executed whether the tenant's key is destroyed; otherwise it may be from {@code due} on
     * @param durableTo if executed: nothing of before it can be restored
     */
    record Erasure(
            Optional<TenantId> tenant, boolean executed, Instant due, Instant time, Lsn durableTo, String reason) {}

    /**
     * What of an archive is one tenant's.
     *
     * @param objects images' parts and segments that hold something of it
     * @param sizeBytes of its blocks in them
     */
    record Footprint(long objects, long sizeBytes) {}

    /** Rows one by one. Not thread-safe. */
    interface RowStream extends java.util.Iterator<FoldedRow>, AutoCloseable {
        @Override
        void close();
    }

    /** Changes one by one. Not thread-safe. */
    interface ChangeStream extends java.util.Iterator<Change>, AutoCloseable {
        @Override
        void close();
    }
}
