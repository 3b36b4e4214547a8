package dev.reinstate.archive.format;

import dev.reinstate.model.ContentHash;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The content hash of a table's rows of one partition in one object.
 *
 * @param sum 32 bytes, the most significant first
 */
@SuppressWarnings("ArrayRecordComponent") // compared by isSame
public record TableContent(int oid, long rows, byte[] sum) {
    boolean isSame(TableContent other) {
        return oid == other.oid && rows == other.rows && Arrays.equals(sum, other.sum);
    }

    public ContentHash hash() {
        return new ContentHash(rows, HexFormat.of().formatHex(sum));
    }
}
