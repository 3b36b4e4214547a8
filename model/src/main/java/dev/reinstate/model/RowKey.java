package dev.reinstate.model;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A row's identity in its table: the key columns' texts, encoded as a {@link Tuple} of them. Ordered by unsigned bytes
 * of that encoding, which is one fixed order everywhere and not the order of the values.
 */
public final class RowKey implements Comparable<RowKey> {
    /** The key of what is not a row. */
    public static final RowKey EMPTY = new RowKey(new byte[0]);

    private static final int KEYLESS_LENGTH = 17;
    private static final byte KEYLESS_MARK = (byte) 0xFF;

    private final byte[] encoded;

    private RowKey(byte[] encoded) {
        this.encoded = encoded;
    }

    /** The key of that encoding, which is not copied and must not change afterwards. */
    public static RowKey ofEncoded(byte[] encoded) {
        return new RowKey(encoded);
    }

    /** The key of a whole row of that table. */
    public static RowKey of(TableSchema table, Tuple row) {
        return ofColumns(row, table.keyColumns());
    }

    /** The key made of those columns of a tuple, in that order. */
    public static RowKey ofColumns(Tuple tuple, List<Integer> columns) {
        int length = 0;
        for (int i = 0; i < columns.size(); i++) {
            length += tuple.columnLength(columns.get(i));
        }
        byte[] encoded = new byte[length];
        int at = 0;
        for (int i = 0; i < columns.size(); i++) {
            int column = columns.get(i);
            System.arraycopy(tuple.encoded(), tuple.columnOffset(column), encoded, at, tuple.columnLength(column));
            at += tuple.columnLength(column);
        }
        return new RowKey(encoded);
    }

    /** The made-up key of a row in a table that has none: where it came from keeps equal rows apart. */
    public static RowKey keyless(Lsn lsn, long ordinal) {
        return new RowKey(ByteBuffer.allocate(KEYLESS_LENGTH)
                .put(KEYLESS_MARK)
                .putLong(lsn.value())
                .putLong(ordinal)
                .array());
    }

    /** The stored form; not to be changed. */
    public byte[] encoded() {
        return encoded;
    }

    /** The key's values as a tuple of that many columns. */
    public Tuple values(int columnCount) {
        return Tuple.ofEncoded(encoded, columnCount);
    }

    @Override
    public int compareTo(RowKey other) {
        return Arrays.compareUnsigned(encoded, other.encoded);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowKey key && Arrays.equals(encoded, key.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    /** Shape only: key values belong to a tenant and are never printed by accident. */
    @Override
    public String toString() {
        return "RowKey[" + encoded.length + " bytes]";
    }
}
