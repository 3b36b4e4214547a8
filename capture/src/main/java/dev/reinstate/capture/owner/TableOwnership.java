package dev.reinstate.capture.owner;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of one table, in one shape, say about their owner.
 *
 * @param schema the shape
 * @param indexOid the oid its records are filed under: of a partition the topmost table's, because that is what foreign
 *     keys refer to; else its own
 * @param kind whether rows have owners at all
 * @param naming what names the owner
 * @param uniqueValues by which rows of other tables name this table's rows
 * @param descendants tables whose paths lead through this one
 */
public record TableOwnership(
        TableSchema schema,
        int indexOid,
        Kind kind,
        Naming naming,
        List<UniqueValue> uniqueValues,
        Set<TableName> descendants) {

    /** Whose rows a table holds. */
    public enum Kind {
        OWNED,
        SHARED,
        /** The tenancy map does not know the table, or the columns it names are gone. */
        UNKNOWN
    }

    /**
     * What names the owner of a table's rows.
     *
     * @param columns of the tuple: the tenant's id, or what names the parent, in its order; empty where all rows have one
     *     owner or none
     * @param keyColumns the same columns as places in the row key; empty unless the key holds all of them and, along
     *     the whole path, the parents' keys do, so that the key alone leads to the tenant
     * @param parent what the columns name a parent by; empty when they name the tenant itself
     * @param owner the one owner of all rows
     */
    record Naming(
            List<Integer> columns,
            List<Integer> keyColumns,
            Optional<ParentReference> parent,
            Optional<OwnerRecord> owner) {
        static final Naming NONE = new Naming(List.of(), List.of(), Optional.empty(), Optional.empty());

        Naming {
            columns = List.copyOf(columns);
            keyColumns = List.copyOf(keyColumns);
        }

        static Naming of(OwnerRecord owner) {
            return new Naming(List.of(), List.of(), Optional.empty(), Optional.of(owner));
        }
    }

    public TableOwnership {
        uniqueValues = List.copyOf(uniqueValues);
        descendants = Set.copyOf(descendants);
    }

    public boolean isOwned() {
        return kind == Kind.OWNED;
    }

    /** Whether a row's key alone names its owner, so that nothing has to be stored. */
    public boolean keyNamesOwner() {
        return !naming.keyColumns().isEmpty() || naming.owner().isPresent();
    }

    /** Whether rows have records in the index. */
    public boolean isStored() {
        return kind == Kind.OWNED && schema.hasKey() && !keyNamesOwner();
    }

    /** Whether it is a part of another table, under whose oid its records are filed. */
    public boolean isPartition() {
        return indexOid != schema.oid();
    }

    public boolean hasDescendants() {
        return !descendants.isEmpty();
    }

    /** Whether the tuple leaves open what names the owner (an unchanged TOASTed value). */
    public boolean leavesOwnerOpen(Tuple row) {
        if (naming.parent().orElse(null) instanceof ParentReference.First first) {
            return first.isLeftOpen(row);
        }
        List<Integer> columns = naming.columns();
        for (int i = 0; i < columns.size(); i++) {
            if (row.isUnchanged(columns.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** What the row says of its owner; null when it says nothing (a NULL). */
    public @Nullable OwnerRecord ownerOf(Tuple row) {
        return recordOf(row, naming.columns());
    }

    /** What the row says of its owner by each of several ways that are set; nothing where one or none is. */
    public List<OwnerRecord> ownersOf(Tuple row) {
        if (!(naming.parent().orElse(null) instanceof ParentReference.First first)) {
            return List.of();
        }
        List<OwnerRecord> owners = IntStream.range(0, first.ways().size())
                .filter(place -> first.ways().get(place).isSet(row))
                .mapToObj(place -> OwnerRecord.parent(first.reference(place, row)))
                .toList();
        return owners.size() > 1 ? owners : List.of();
    }

    /** What the row's key says of its owner; only where {@link #keyNamesOwner}. */
    public @Nullable OwnerRecord ownerOf(RowKey key) {
        return recordOf(key.values(schema.keyColumns().size()), naming.keyColumns());
    }

    private @Nullable OwnerRecord recordOf(Tuple tuple, List<Integer> columns) {
        if (naming.owner().isPresent()) {
            return naming.owner().get();
        }
        if (naming.parent().orElse(null) instanceof ParentReference.First first) {
            byte[] reference = first.reference(tuple);
            return reference == null ? null : OwnerRecord.parent(reference);
        }
        for (int i = 0; i < columns.size(); i++) {
            int column = columns.get(i);
            if (tuple.isNull(column) || tuple.isUnchanged(column)) {
                return null;
            }
        }
        if (naming.parent().isPresent()) {
            return OwnerRecord.parent(RowKey.ofColumns(tuple, columns).encoded());
        }
        int column = columns.getFirst();
        return OwnerRecord.tenant(tuple.encoded(), tuple.valueOffset(column), tuple.valueLength(column));
    }

    /** The row's key in the index. */
    public OwnerKey ownerKey(RowKey key) {
        return OwnerKey.of(indexOid, key);
    }

    /** Whether rows are named by other values than their keys, so that these have records of their own. */
    public boolean hasUniqueValues() {
        return !uniqueValues.isEmpty();
    }

    /** For each way to name a row by unique values, but those that the row leaves open: what it has. */
    public void forEachUniqueValue(RowKey key, Tuple row, Consumer<HeldValue> values) {
        for (UniqueValue value : uniqueValues) {
            if (!value.isLeftOpen(row)) {
                values.accept(new HeldValue(
                        value.held(indexOid, key),
                        value.of(row).map(held -> UniqueValue.key(indexOid, value.names(), held.encoded()))));
            }
        }
    }

    /** For each way to name a row by unique values: where the index keeps what the row of that key has. */
    public void forEachHeld(RowKey key, Consumer<OwnerKey> held) {
        uniqueValues.forEach(value -> held.accept(value.held(indexOid, key)));
    }

    /** The same under an old key and a new one. */
    void forEachMoved(RowKey oldKey, RowKey key, BiConsumer<OwnerKey, OwnerKey> held) {
        uniqueValues.forEach(value -> held.accept(value.held(indexOid, oldKey), value.held(indexOid, key)));
    }

    /**
     * What a row has in columns by which others name it.
     *
     * @param held where the index keeps what the row has
     * @param values where those values lead from; empty for NULL
     */
    public record HeldValue(OwnerKey held, Optional<OwnerKey> values) {}
}
