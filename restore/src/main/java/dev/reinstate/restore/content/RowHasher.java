package dev.reinstate.restore.content;

import dev.reinstate.model.Tuple;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a row: of the encoding of those of its columns that count, in their order. Not thread-safe. */
public final class RowHasher {
    private final MessageDigest digest = sha256();

    /** Of all columns. */
    public byte[] hash(Tuple row) {
        return digest.digest(row.encoded());
    }

    /** Of those columns. */
    public byte[] hash(Tuple row, int[] columns) {
        for (int column : columns) {
            digest.update(row.encoded(), row.columnOffset(column), row.columnLength(column));
        }
        return digest.digest();
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
