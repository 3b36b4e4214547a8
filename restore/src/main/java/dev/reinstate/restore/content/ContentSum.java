package dev.reinstate.restore.content;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Adds up rows into a {@link ContentHash}. Sums of disjoint sets can be added, so that what a table must hold after a
 * change is known before it is made. Not thread-safe.
 */
public final class ContentSum {
    private static final int HASH_BYTES = 32;

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
        StringBuilder hex = new StringBuilder(2 * HASH_BYTES);
        for (int i = words.length - 1; i >= 0; i--) {
            hex.append(String.format(Locale.ROOT, "%016x", words[i]));
        }
        return new ContentHash(rows, hex.toString());
    }
}
