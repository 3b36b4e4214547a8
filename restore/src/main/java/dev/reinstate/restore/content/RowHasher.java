package dev.reinstate.restore.content;

import dev.reinstate.model.Tuple;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a row: of the encoding of those of its columns that count, in their order. Not thread-safe. */
public final class RowHasher {
    private final MessageDigest digest = sha256();
    private final Tuple.Builder builder = new Tuple.Builder(256);

    /** Of all columns. */
    public byte[] hash(Tuple row) {
        return digest.digest(row.encoded());
    }

    /** Of those columns. */
    public byte[] hash(Tuple row, int[] columns) {
        if (isAll(columns, row.columnCount())) {
            return hash(row);
        }
        for (int column : columns) {
            builder.addColumn(row, column);
        }
        return hash(builder.build());
    }

    private static boolean isAll(int[] columns, int count) {
        if (columns.length != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (columns[i] != i) {
                return false;
            }
        }
        return true;
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
