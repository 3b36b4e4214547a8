package dev.reinstate.restore.receipt;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.content.ContentHash;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.SchemaEffect;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a restore did, for good; see {@code docs/concepts/receipt.md}.
 *
 * @param version of this document's form
 * @param store whose history was restored: system identifier, timeline, database
 * @param target the database restored into, without credentials
 * @param sameStore whether that is the store itself, so that the change stream can prove what was touched
 * @param damage what of the archive the run met that was damaged, and read something else instead of
 */
public record Receipt(
        int version,
        String id,
        Instant createdAt,
        String store,
        String target,
        boolean sameStore,
        RestorePolicy policy,
        List<Tenant> tenants,
        List<Damage> damage) {
    /** The newest form. */
    public static final int VERSION = 1;

    public Receipt {
        tenants = List.copyOf(tenants);
        damage = Objects.requireNonNullElse(damage, List.of()); // older receipts have none
    }

    /** The same, with what of the archive was damaged and passed over. */
    public Receipt withDamage(List<Damage> met) {
        return new Receipt(version, id, createdAt, store, target, sameStore, policy, tenants, List.copyOf(met));
    }

    /**
     * Something of the archive that could not be read, though the restore could do without.
     *
     * @param damaged names the object, and how it is damaged; no tenant
     * @param instead what was read in its place
     */
    public record Damage(String damaged, String instead) implements Comparable<Damage> {
        @Override
        public int compareTo(Damage other) {
            int order = damaged.compareTo(other.damaged);
            return order == 0 ? instead.compareTo(other.instead) : order;
        }
    }

    /** How a tenant fared. */
    public enum Outcome {
        RESTORED,
        /** Nothing had to be written. */
        ALREADY_RIGHT,
        REFUSED,
        CONFLICT,
        FAILED
    }

    /**
     * One tenant.
     *
     * @param shared rows of shared tables that came back in the same transaction
     * @param schema what changes of the schema since then meant for it
     * @param transaction absent when nothing was written
     * @param savedTo where live rows were saved before they were changed or deleted, and values that were left out
     * @param archived what the archive has of that moment; absent if nothing was restored, if it could not be read any
     *     more, and in older receipts
     */
    public record Tenant(
            TenantId tenant,
            Outcome outcome,
            Moment moment,
            List<Table> tables,
            List<Applied.Shared> shared,
            List<SchemaEffect> schema,
            Optional<Transaction> transaction,
            Optional<Applied.Timings> timings,
            Optional<String> savedTo,
            Optional<Failure> failure,
            Optional<Archived> archived) {
        public Tenant {
            tables = List.copyOf(tables);
            shared = Objects.requireNonNullElse(shared, List.of());
            schema = Objects.requireNonNullElse(schema, List.of()); // older receipts have none
            archived = Objects.requireNonNullElse(archived, Optional.empty());
        }

        /** The same, with what the archive has of that moment. */
        Tenant withArchived(Archived content) {
            return new Tenant(
                    tenant,
                    outcome,
                    moment,
                    tables,
                    shared,
                    schema,
                    transaction,
                    timings,
                    savedTo,
                    failure,
                    Optional.of(content));
        }
    }

    /**
     * One table of a tenant.
     *
     * @param then the archive's rows of that moment
     * @param now what was read back before the commit
     */
    public record Table(
            TableName table,
            long inserted,
            long updated,
            long deleted,
            long alreadyRight,
            ContentHash then,
            ContentHash now) {}

    /**
     * A tenant's rows of the moment as the archive has them, folded once more behind the restore.
     *
     * @param tables those with rows, hashed over all their columns
     * @param verifiedAgainst position of the image whose content hashes, kept when it was written, the rows were held
     *     against that the fold began with; absent if none were kept, or if it began with none
     */
    public record Archived(List<ArchivedTable> tables, Optional<Lsn> verifiedAgainst) {
        public Archived {
            tables = List.copyOf(tables);
        }

        static Archived of(ArchiveReader.Content content) {
            return new Archived(
                    content.tables().stream()
                            .map(table -> new ArchivedTable(table.table(), table.rows(), table.sha256()))
                            .toList(),
                    content.verifiedAgainst());
        }
    }

    /**
     * One table as the archive has it.
     *
     * @param table its name of then
     * @param rows how many
     * @param sha256 of them in the order of keys, as {@link ArchiveReader.Content.Table} has it
     */
    public record ArchivedTable(TableName table, long rows, String sha256) {}

    /** The transaction of a tenant's restore and the stretch of the log that its commit is in. */
    public record Transaction(long xid, Lsn begin, Lsn end, Instant committedAt) {}

    /** Why a tenant was not restored. */
    public record Failure(FailureKind kind, String what, String why, String next, List<String> details) {}
}
