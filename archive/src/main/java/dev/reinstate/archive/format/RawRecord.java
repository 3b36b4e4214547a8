package dev.reinstate.archive.format;

import dev.reinstate.model.Partition;
import java.util.Arrays;

/**
 * One record on its way, pointing into someone else's bytes: filled again and again, so that a million rows are not a
 * million objects. A structure without behaviour, therefore with fields.
 */
public final class RawRecord {
    /** For {@link #commit}: the record is of an image and names no commit. */
    public static final int NO_COMMIT = -1;

    private static final byte[] NO_BYTES = new byte[0];

    public long tokenHigh;
    public long tokenLow;
    public Partition partition = Partition.SHARED;
    public int oid;
    public byte[] keyBytes = NO_BYTES;
    public int keyOffset;
    public int keyLength;
    public long lsn;
    public long ordinal;
    /** Index in the schema table of whoever fills this. */
    public int schema;
    /** Index in the commit table of whoever fills this, or {@link #NO_COMMIT}. */
    public int commit;

    public byte operation;
    public byte[] tupleBytes = NO_BYTES;
    public int tupleOffset;
    public int tupleLength;
    /** Whether nobody but this record refers to {@link #tupleBytes}, which is exactly the tuple. */
    public boolean tupleIsUnshared;

    public void token(Token token) {
        tokenHigh = token.high();
        tokenLow = token.low();
    }

    public Token token() {
        return new Token(tokenHigh, tokenLow);
    }

    public void key(byte[] bytes) {
        keyBytes = bytes;
        keyOffset = 0;
        keyLength = bytes.length;
    }

    public void tuple(byte[] bytes) {
        tupleBytes = bytes;
        tupleOffset = 0;
        tupleLength = bytes.length;
    }

    public byte[] copyOfKey() {
        return Arrays.copyOfRange(keyBytes, keyOffset, keyOffset + keyLength);
    }

    /** The tuple's bytes for the caller alone: a copy, unless the record is the only one who has them. */
    public byte[] ownTuple() {
        return tupleIsUnshared ? tupleBytes : Arrays.copyOfRange(tupleBytes, tupleOffset, tupleOffset + tupleLength);
    }

    /** Lets go of the tuple, which may be 64 MB. */
    public void dropTuple() {
        tuple(NO_BYTES);
    }

    /** By token, table, key. */
    public int compareRow(RawRecord other) {
        int byToken = Token.compare(tokenHigh, tokenLow, other.tokenHigh, other.tokenLow);
        if (byToken != 0) {
            return byToken;
        }
        int byTable = Integer.compareUnsigned(oid, other.oid);
        return byTable != 0
                ? byTable
                : Arrays.compareUnsigned(
                        keyBytes,
                        keyOffset,
                        keyOffset + keyLength,
                        other.keyBytes,
                        other.keyOffset,
                        other.keyOffset + other.keyLength);
    }

    /** The order of records in an object: by token, table, key, commit LSN, ordinal. */
    public int compareRecord(RawRecord other) {
        int byRow = compareRow(other);
        if (byRow != 0) {
            return byRow;
        }
        int byLsn = Long.compareUnsigned(lsn, other.lsn);
        return byLsn != 0 ? byLsn : Long.compareUnsigned(ordinal, other.ordinal);
    }
}
