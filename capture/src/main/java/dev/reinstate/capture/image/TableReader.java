package dev.reinstate.capture.image;

import dev.reinstate.archive.ImageWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.OwnerResolver;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Column;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.copy.CopyOut;
import java.sql.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads tables into an image, parents before children, so that every row finds its owner. */
final class TableReader {
    private static final int ROWS_BETWEEN_REPORTS = 4096;

    private final Connection connection;
    private final ImageWriter image;
    private final ImageOwners owners;
    private final List<Table> tables;
    private final Ownership ownership;
    private final OwnerResolver resolver;
    private final Lsn position;
    private final long rowLimitBytes;
    private final Pace pace;
    private final CaptureListener listener;
    private long bytes;
    private long keylessRows;

    TableReader(
            ImageSnapshot snapshot,
            ImageWriter image,
            ImageOwners owners,
            SourceTables tables,
            CaptureSettings.Limits limits,
            CaptureListener listener) {
        this.connection = snapshot.session();
        this.image = image;
        this.owners = owners;
        this.tables = tables.captured();
        this.ownership = tables.ownership();
        this.resolver = new OwnerResolver(ownership);
        this.position = snapshot.position();
        this.rowLimitBytes = limits.rowBytes();
        this.pace = new Pace(limits.imageBytesPerSecond(), listener);
        this.listener = listener;
    }

    /** Reads a table; false when it was asked to stop. */
    boolean read(Table table, BooleanSupplier stop) {
        TableSchema schema = table.toSchema();
        TableOwnership owned = ownership.of(schema);
        if (!ownership.isTree(owned)) {
            owners.endTree();
        } else if (!owners.hasLearnt(owned.indexOid()) && !learn(owned, stop)) {
            return false;
        }
        Map<TableSchema, Long> unattributed = new HashMap<>();
        long severalTenants = 0;
        listener.imageProgress(table.name(), image.rows(), bytes);
        try (RowsAhead copy = copy(schema)) {
            long rows = 0;
            for (Tuple row = copy.next(); row != null; row = copy.next()) {
                if (add(owned, row) instanceof Partition.Unattributed) {
                    unattributed.merge(schema, 1L, Long::sum);
                }
                severalTenants += namesSeveralTenants(owned, row) ? 1 : 0;
                if (++rows % ROWS_BETWEEN_REPORTS == 0) {
                    listener.imageProgress(table.name(), image.rows(), bytes);
                    pace.keep(bytes, stop);
                    if (stop.getAsBoolean()) {
                        return false;
                    }
                }
            }
        }
        pace.keep(bytes, stop);
        owners.writePending();
        unattributed.forEach((shape, rows) -> listener.unattributed(shape.name(), rows));
        if (severalTenants > 0) {
            listener.severalTenants(table.name(), severalTenants);
        }
        return true;
    }

    private boolean namesSeveralTenants(TableOwnership table, Tuple row) {
        List<OwnerRecord> named = table.ownersOf(row);
        return !named.isEmpty()
                && named.stream()
                                .map(owner -> resolver.resolve(table, owner, owners))
                                .filter(Partition.OfTenant.class::isInstance)
                                .distinct()
                                .count()
                        > 1;
    }

    /**
     * Rows of a table, with all of its parts, that belong to others of the same table come in any order: what they name is
     * read first, for all of them. False when it was asked to stop.
     */
    private boolean learn(TableOwnership tree, BooleanSupplier stop) {
        owners.learn(tree.indexOid());
        for (Table part : tables) {
            TableOwnership owned = ownership.of(part.toSchema());
            if (owned.indexOid() != tree.indexOid() || !owned.isStored()) {
                continue;
            }
            try (RowsAhead copy = copy(owned.schema())) {
                long rows = 0;
                for (Tuple row = copy.next(); row != null; row = copy.next()) {
                    OwnerRecord named = owned.ownerOf(row);
                    if (named != null) {
                        owners.learn(owned.ownerKey(RowKey.of(owned.schema(), row)), named);
                    }
                    if (++rows % ROWS_BETWEEN_REPORTS == 0 && stop.getAsBoolean()) {
                        return false;
                    }
                }
            }
        }
        owners.learnt(tree, resolver);
        return true;
    }

    private RowsAhead copy(TableSchema schema) {
        String columns =
                Sql.identifiers(schema.columns().stream().map(Column::name).toList());
        return RowsAhead.of(CopyOut.start(
                connection,
                "SELECT " + columns + " FROM ONLY " + Sql.table(schema.name()),
                schema.columns().size()));
    }

    private Partition add(TableOwnership table, Tuple row) {
        TableSchema schema = table.schema();
        // no commit of the stream has the LSN before the image's, so that its made-up keys are never these
        RowKey key = schema.hasKey() ? RowKey.of(schema, row) : RowKey.keyless(position.previous(), keylessRows++);
        Partition partition = partition(table, key, row);
        if (table.isOwned() && table.hasUniqueValues()) {
            table.forEachUniqueValue(key, row, value -> owners.hold(value, key, partition));
        }
        if (row.encoded().length > rowLimitBytes) {
            listener.oversizedRow(schema.name());
            return partition;
        }
        bytes += row.encoded().length;
        image.add(partition, schema, key, row);
        return partition;
    }

    private Partition partition(TableOwnership table, RowKey key, Tuple row) {
        return switch (table.kind()) {
            case OWNED ->
                table.isStored()
                        ? remember(table, table.ownerKey(key), table.ownerOf(row))
                        : resolver.resolve(table, table.ownerOf(row), owners);
            case SHARED -> Partition.SHARED;
            case UNKNOWN -> Partition.UNATTRIBUTED;
        };
    }

    /** A row that names nobody, or somebody who is not there, stays with the owner that is known of it. */
    private Partition remember(TableOwnership table, OwnerKey row, @Nullable OwnerRecord named) {
        Partition there = named == null ? null : resolver.resolvePresent(table, named, owners);
        if (named != null && there != null) {
            owners.put(row, named);
            return there;
        }
        OwnerRecord known = owners.known(row);
        if (named != null && named.equals(known)) {
            owners.put(row, named);
            return resolver.resolve(table, named, owners);
        }
        Partition kept = known == null ? Partition.UNATTRIBUTED : resolver.resolve(table, known, owners);
        owners.put(row, named == null ? OwnerRecord.keptBy(kept) : OwnerRecord.left(kept, named));
        if (named != null) {
            resolver.leave(table, named, kept, owners, owners::put);
        }
        return kept;
    }

    /**
     * Whether the table, which is read, still lies in the file it had at the snapshot. If not, it was rewritten or emptied
     * before it could be read, and what was read is not what it was.
     */
    boolean isUntouched(Table table) {
        return Query.one(
                connection,
                "Cannot see where table " + table.name() + " lies",
                "SELECT coalesce(pg_relation_filenode(?::bigint::oid::regclass), 0)::bigint = ?",
                row -> row.getBoolean(1),
                Integer.toUnsignedLong(table.oid()),
                table.storage().fileNode());
    }

    long bytes() {
        return bytes;
    }
}
