package dev.reinstate.model;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Adds up rows into a {@link ContentHash}. Sums of disjoint sets can be added, so that what a table must hold after a
 * change is known before it is made. Not thread-safe.
 */
public final class ContentSum {
    /** Length of a hash, and of a sum. */
    public static final int HASH_BYTES = 32;

    private final long[] words = new long[HASH_BYTES / Long.BYTES]; // least significant first
    private long rows;

    /** Adds one row by its hash of 32 bytes. */
    public void add(byte[] rowHash) {
        ByteBuffer bytes = ByteBuffer.wrap(rowHash);
        long carry = 0;
        for (int i = 0; i < words.length; i++) {
            long word = bytes.getLong(HASH_BYTES - (i + 1) * Long.BYTES);
            carry = addTo(i, word, carry);
        }
        rows++;
    }

    /** Adds all rows of another sum. */
    public void add(ContentSum other) {
        long carry = 0;
        for (int i = 0; i < words.length; i++) {
            carry = addTo(i, other.words[i], carry);
        }
        rows += other.rows;
    }

    private long addTo(int i, long word, long carry) {
        long partial = words[i] + word;
        long carryOut = Long.compareUnsigned(partial, word) < 0 ? 1 : 0;
        long sum = partial + carry;
        if (carry == 1 && sum == 0) {
            carryOut = 1;
        }
        words[i] = sum;
        return carryOut;
    }

    public long rows() {
        return rows;
    }

    public ContentHash toHash() {
        return new ContentHash(rows, HexFormat.of().formatHex(bytes()));
    }

    /** The sum as 32 bytes, the most significant first. */
    public byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(HASH_BYTES);
        for (int i = words.length - 1; i >= 0; i--) {
            bytes.putLong(words[i]);
        }
        return bytes.array();
    }
}
