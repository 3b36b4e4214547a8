package dev.reinstate.model;

import java.util.List;

/**
 * The shape of a table at some time: what a {@link Tuple} of it means. Generated columns are not part of it.
 *
 * @param oid the relation's oid in the source; a table that is dropped and created again is another table
 * @param name schema and name at that time
 * @param columns in the order of tuples' values, at least one
 * @param keyColumns indexes into {@code columns} of the row key, in key order; empty for a table without a usable key,
 *     of which only inserts are captured and whose rows get the key {@link RowKey#keyless}
 */
public record TableSchema(int oid, TableName name, List<Column> columns, List<Integer> keyColumns) {
    public TableSchema {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
        int count = columns.size();
        if (keyColumns.stream().anyMatch(i -> i < 0 || i >= count)) {
            throw new IllegalArgumentException("key columns " + keyColumns + " of " + name + ", which has " + count);
        }
    }

    public boolean hasKey() {
        return !keyColumns.isEmpty();
    }

    /** Index of the column of that name, or -1. */
    public int indexOf(String columnName) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(columnName)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Index of what a column of another version of this table is here: the column of its number; where that is not known
     * of it or of all of these, the column of its name; or -1.
     */
    public int indexOf(Column column) {
        if (column.attnum() != 0) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).attnum() == column.attnum()) {
                    return i;
                }
            }
        }
        int named = indexOf(column.name());
        boolean toldApart =
                named >= 0 && column.attnum() != 0 && columns.get(named).attnum() != 0;
        return toldApart ? -1 : named;
    }

    /** Whether every column's number is known. */
    public boolean knowsNumbers() {
        return columns.stream().allMatch(column -> column.attnum() != 0);
    }
}
