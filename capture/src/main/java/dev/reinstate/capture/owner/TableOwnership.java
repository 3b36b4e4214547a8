package dev.reinstate.capture.owner;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of one table, in one shape, say about their owner.
 *
 * @param schema the shape
 * @param indexOid the oid its records are filed under: of a partition the topmost table's, because that is what foreign
 *     keys refer to; else its own
 * @param kind whether rows have owners at all
 * @param ownerColumns columns of the tuple that name the owner: the tenant's id, or the parent's key in its order
 * @param ownerKeyColumns the same columns as places in the row key; empty unless the key holds all of them and, along
 *     the whole path, the parents' keys do, so that the key alone leads to the tenant
 * @param parent the table whose row owns this table's rows; empty when {@code ownerColumns} name the tenant itself
 * @param descendants tables whose paths lead through this one
 */
public record TableOwnership(
        TableSchema schema,
        int indexOid,
        Kind kind,
        List<Integer> ownerColumns,
        List<Integer> ownerKeyColumns,
        Optional<TableName> parent,
        Set<TableName> descendants) {

    /** Whose rows a table holds. */
    public enum Kind {
        OWNED,
        SHARED,
        /** The tenancy map does not know the table, or the columns it names are gone. */
        UNKNOWN
    }

    public TableOwnership {
        ownerColumns = List.copyOf(ownerColumns);
        ownerKeyColumns = List.copyOf(ownerKeyColumns);
        descendants = Set.copyOf(descendants);
    }

    public boolean isOwned() {
        return kind == Kind.OWNED;
    }

    /** Whether a row's key alone names its owner, so that nothing has to be stored. */
    public boolean keyNamesOwner() {
        return !ownerKeyColumns.isEmpty();
    }

    /** Whether rows have records in the index. */
    public boolean isStored() {
        return kind == Kind.OWNED && schema.hasKey() && ownerKeyColumns.isEmpty();
    }

    public boolean hasDescendants() {
        return !descendants.isEmpty();
    }

    /** Whether the tuple leaves open what names the owner (an unchanged TOASTed value). */
    public boolean leavesOwnerOpen(Tuple row) {
        for (int i = 0; i < ownerColumns.size(); i++) {
            if (row.isUnchanged(ownerColumns.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** What the row says of its owner; null when it says nothing (a NULL). */
    public @Nullable OwnerRecord ownerOf(Tuple row) {
        return recordOf(row, ownerColumns);
    }

    /** What the row's key says of its owner; only where {@link #keyNamesOwner}. */
    public @Nullable OwnerRecord ownerOf(RowKey key) {
        return recordOf(key.values(schema.keyColumns().size()), ownerKeyColumns);
    }

    private @Nullable OwnerRecord recordOf(Tuple tuple, List<Integer> columns) {
        for (int i = 0; i < columns.size(); i++) {
            int column = columns.get(i);
            if (tuple.isNull(column) || tuple.isUnchanged(column)) {
                return null;
            }
        }
        if (parent.isPresent()) {
            return OwnerRecord.parent(RowKey.ofColumns(tuple, columns).encoded());
        }
        int column = columns.getFirst();
        return OwnerRecord.tenant(tuple.encoded(), tuple.valueOffset(column), tuple.valueLength(column));
    }

    /** The row's key in the index. */
    public OwnerKey ownerKey(RowKey key) {
        return OwnerKey.of(indexOid, key);
    }
}
