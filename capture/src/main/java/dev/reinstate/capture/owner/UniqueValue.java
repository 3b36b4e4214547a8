package dev.reinstate.capture.owner;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Columns of a table, other than its row key, by which rows of other tables name its rows. What a row has in them leads,
 * in the index, to the row's key.
 *
 * @param names of the columns: they are what partitions have in common
 * @param columns where they are in a tuple
 */
record UniqueValue(List<String> names, List<Integer> columns) {
    UniqueValue {
        names = List.copyOf(names);
        columns = List.copyOf(columns);
    }

    /** What the row has there; empty when some of it is NULL, or left open as unchanged. */
    Optional<Tuple> of(Tuple row) {
        Tuple.Builder values = new Tuple.Builder(32);
        for (int column : columns) {
            if (row.isNull(column) || row.isUnchanged(column)) {
                return Optional.empty();
            }
            values.addColumn(row, column);
        }
        return Optional.of(values.build());
    }

    boolean isLeftOpen(Tuple row) {
        return columns.stream().anyMatch(row::isUnchanged);
    }

    /** Where those values lead from in the index. */
    static OwnerKey key(int parentOid, List<String> names, byte[] values) {
        return OwnerKey.ofValues(parentOid, encoded(names), values);
    }

    /** Where the index keeps what that row has there. */
    OwnerKey held(int oid, RowKey row) {
        return OwnerKey.ofHeld(oid, encoded(names), row);
    }

    private static byte[] encoded(List<String> names) {
        Tuple.Builder builder = new Tuple.Builder(32);
        names.forEach(name -> builder.addText(name.getBytes(StandardCharsets.UTF_8)));
        return builder.build().encoded();
    }
}
