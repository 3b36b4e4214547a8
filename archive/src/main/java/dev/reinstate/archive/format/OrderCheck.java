package dev.reinstate.archive.format;

import dev.reinstate.model.ReinstateException;

/** Watches that records ascend strictly (INV-7). Not thread-safe. */
public final class OrderCheck {
    private final RawRecord previous = new RawRecord();
    private byte[] key = new byte[64];
    private boolean any;

    /** Whether the record comes after the one given before, which it becomes. */
    public boolean accepts(RawRecord record) {
        boolean ascends = !any || previous.compareRecord(record) < 0;
        any = true;
        if (key.length < record.keyLength) {
            key = new byte[record.keyLength * 2];
        }
        System.arraycopy(record.keyBytes, record.keyOffset, key, 0, record.keyLength);
        previous.keyBytes = key;
        previous.keyLength = record.keyLength;
        previous.tokenHigh = record.tokenHigh;
        previous.tokenLow = record.tokenLow;
        previous.oid = record.oid;
        previous.lsn = record.lsn;
        previous.ordinal = record.ordinal;
        return ascends;
    }

    void require(RawRecord record) {
        if (!accepts(record)) {
            throw ReinstateException.bug(
                    "Two records of table " + Integer.toUnsignedString(record.oid) + " with one key and place",
                    "a row was added twice, or records came out of order (INV-7)");
        }
    }
}
