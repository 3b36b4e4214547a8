package dev.reinstate.capture.owner;

import dev.reinstate.model.RowKey;
import java.util.Arrays;

/**
 * Names one row of one table in the owner index: the table's oid, big-endian, then the row key; or, where rows are known
 * by other unique values too, those: the oid, a 0 (with which no row key begins), the columns' names, the values. Where
 * the values are kept that a row has in those columns: the oid, a 1 (likewise), the columns' names, the row key.
 */
public final class OwnerKey {
    static final int OID_LENGTH = 4;

    private static final byte VALUES_MARK = 0;
    private static final byte HELD_MARK = 1;

    private final byte[] bytes;
    private final int hash;

    private OwnerKey(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    public static OwnerKey of(int oid, RowKey key) {
        return of(oid, key.encoded());
    }

    static OwnerKey of(int oid, byte[] rowKey) {
        byte[] bytes = new byte[OID_LENGTH + rowKey.length];
        putOid(bytes, oid);
        System.arraycopy(rowKey, 0, bytes, OID_LENGTH, rowKey.length);
        return new OwnerKey(bytes);
    }

    static OwnerKey ofValues(int oid, byte[] names, byte[] values) {
        return of(oid, VALUES_MARK, names, values);
    }

    static OwnerKey ofHeld(int oid, byte[] names, RowKey row) {
        return of(oid, HELD_MARK, names, row.encoded());
    }

    private static OwnerKey of(int oid, byte mark, byte[] names, byte[] values) {
        byte[] bytes = new byte[OID_LENGTH + 1 + names.length + values.length];
        putOid(bytes, oid);
        bytes[OID_LENGTH] = mark;
        System.arraycopy(names, 0, bytes, OID_LENGTH + 1, names.length);
        System.arraycopy(values, 0, bytes, OID_LENGTH + 1 + names.length, values.length);
        return new OwnerKey(bytes);
    }

    static OwnerKey ofBytes(byte[] bytes) {
        return new OwnerKey(bytes);
    }

    /** The first bytes of the keys of that table's rows. */
    static byte[] prefix(int oid) {
        byte[] bytes = new byte[OID_LENGTH];
        putOid(bytes, oid);
        return bytes;
    }

    static int oidOf(byte[] bytes) {
        return (bytes[0] & 0xFF) << 24 | (bytes[1] & 0xFF) << 16 | (bytes[2] & 0xFF) << 8 | (bytes[3] & 0xFF);
    }

    private static void putOid(byte[] bytes, int oid) {
        bytes[0] = (byte) (oid >>> 24);
        bytes[1] = (byte) (oid >>> 16);
        bytes[2] = (byte) (oid >>> 8);
        bytes[3] = (byte) oid;
    }

    /** Whether what a row has in unique columns is kept there. */
    boolean isHeld() {
        return bytes.length > OID_LENGTH && bytes[OID_LENGTH] == HELD_MARK;
    }

    public int oid() {
        return oidOf(bytes);
    }

    /** The stored form; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OwnerKey key && hash == key.hash && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "OwnerKey[table " + Integer.toUnsignedString(oid()) + ", " + (bytes.length - OID_LENGTH) + " bytes]";
    }
}
