package dev.reinstate.archive.format;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import java.security.MessageDigest;

/**
 * The SHA-256 of rows one after another, in the order of their keys: of each the length of its key and the key, the length
 * of its tuple and the tuple, lengths as {@code varint}. One hash of a long stream costs half of what a hash of each row
 * costs. Not thread-safe.
 */
public final class RowDigest {
    private static final int BUFFER_BYTES = 8 << 10;

    private final MessageDigest sha256 = Checksum.newSha256();
    private final ByteSink buffer = new ByteSink(BUFFER_BYTES + 32);

    public void add(RowKey key, Tuple tuple) {
        byte[] keyBytes = key.encoded();
        byte[] tupleBytes = tuple.encoded();
        add(keyBytes, 0, keyBytes.length);
        add(tupleBytes, 0, tupleBytes.length);
    }

    void add(RawRecord record) {
        add(record.keyBytes, record.keyOffset, record.keyLength);
        add(record.tupleBytes, record.tupleOffset, record.tupleLength);
    }

    private void add(byte[] bytes, int offset, int length) {
        buffer.varint(length);
        if (buffer.size() + length > BUFFER_BYTES) {
            flush();
        }
        if (length > BUFFER_BYTES) {
            sha256.update(bytes, offset, length);
        } else {
            buffer.raw(bytes, offset, length);
        }
    }

    private void flush() {
        sha256.update(buffer.array(), 0, buffer.size());
        buffer.reset();
    }

    /** The 32 bytes of the rows so far; begins anew. */
    public byte[] finish() {
        flush();
        return sha256.digest();
    }
}
