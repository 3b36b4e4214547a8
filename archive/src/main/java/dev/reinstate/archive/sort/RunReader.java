package dev.reinstate.archive.sort;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.reinstate.archive.format.ByteSource;
import dev.reinstate.archive.format.PartitionLabel;
import dev.reinstate.archive.format.RawRecord;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads a run. A record's tuple is read only when it is wanted: of many runs being merged, each may stand at a row of
 * 64 MB.
 */
final class RunReader implements AutoCloseable {
    static final int END = 0;
    static final int SAME_GROUP = 1;
    static final int NEW_GROUP = 2;
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int SMALL_TUPLE_BYTES = 64 << 10;

    /** Less than the buffer, through which it then goes: zstd's stream remembers the array it saw last. */
    private static final int PIECE_BYTES = 32 << 10;

    private final DataInputStream stream;
    private final RawRecord record = new RawRecord();
    private byte[] key = new byte[64];
    private byte[] tuple = new byte[256];
    private boolean tuplePending;

    RunReader(RunFile file) throws IOException {
        stream = new DataInputStream(
                new BufferedInputStream(new ZstdInputStreamNoFinalizer(file.input()), BUFFER_BYTES));
    }

    RawRecord record() {
        return record;
    }

    /** Moves to the next record, whose tuple is not there before {@link #loadTuple}. */
    boolean next() throws IOException {
        if (tuplePending) {
            stream.skipNBytes(record.tupleLength);
            tuplePending = false;
        }
        record.dropTuple();
        record.tupleIsUnshared = false;
        int mark = stream.readUnsignedByte();
        if (mark == END) {
            return false;
        }
        if (mark == NEW_GROUP) {
            readGroup();
        }
        record.lsn = stream.readLong();
        record.ordinal = stream.readLong();
        record.schema = stream.readInt();
        record.commit = stream.readInt();
        record.operation = stream.readByte();
        record.keyLength = stream.readInt();
        record.tupleLength = stream.readInt();
        if (key.length < record.keyLength) {
            key = new byte[record.keyLength * 2];
        }
        stream.readFully(key, 0, record.keyLength);
        record.keyBytes = key;
        record.keyOffset = 0;
        tuplePending = true;
        return true;
    }

    private void readGroup() throws IOException {
        record.tokenHigh = stream.readLong();
        record.tokenLow = stream.readLong();
        record.oid = stream.readInt();
        byte[] label = new byte[stream.readInt()];
        stream.readFully(label);
        record.partition = PartitionLabel.read(new ByteSource(label));
    }

    void loadTuple() throws IOException {
        if (!tuplePending) {
            return;
        }
        tuplePending = false;
        if (record.tupleLength > SMALL_TUPLE_BYTES) {
            byte[] large = new byte[record.tupleLength]; // not kept beyond this record
            for (int at = 0; at < large.length; at += PIECE_BYTES) {
                stream.readFully(large, at, Math.min(PIECE_BYTES, large.length - at));
            }
            record.tuple(large);
            record.tupleIsUnshared = true;
            return;
        }
        if (tuple.length < record.tupleLength) {
            tuple = Arrays.copyOf(tuple, record.tupleLength * 2);
        }
        stream.readFully(tuple, 0, record.tupleLength);
        record.tupleBytes = tuple;
        record.tupleOffset = 0;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
