package dev.reinstate.archive.sort;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.reinstate.archive.format.ByteSink;
import dev.reinstate.archive.format.PartitionLabel;
import dev.reinstate.archive.format.RawRecord;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Writes a sorted run to a local file: what partition and table a record is of is written when it changes. The file is
 * frames: two lengths, as stored and raw, and what compressed bytes there are. Records do not go beyond their frame, but
 * for large tuples, which have frames of their own behind the record's.
 */
final class RunWriter implements AutoCloseable {
    static final int FRAME_BYTES = 64 << 10;
    static final int FRAME_HEAD_BYTES = 8;
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final int LEVEL = 1;

    private final RunFile file;
    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private final ByteSink buffer = new ByteSink(FRAME_BYTES * 2);
    private final ByteSink label = new ByteSink(32);
    private byte[] packed = new byte[0];
    private boolean first = true;
    private long tokenHigh;
    private long tokenLow;
    private int oid;

    RunWriter(RunFile file) {
        this.file = file;
        context.setLevel(LEVEL);
        context.setChecksum(true);
    }

    void write(RawRecord record) throws IOException {
        boolean sameGroup = !first && record.tokenHigh == tokenHigh && record.tokenLow == tokenLow && record.oid == oid;
        buffer.u8(sameGroup ? RunReader.SAME_GROUP : RunReader.NEW_GROUP);
        if (!sameGroup) {
            first = false;
            tokenHigh = record.tokenHigh;
            tokenLow = record.tokenLow;
            oid = record.oid;
            label.reset();
            PartitionLabel.write(label, record.partition);
            buffer.u64(tokenHigh).u64(tokenLow).u32(oid).u32(label.size()).raw(label.array(), 0, label.size());
        }
        buffer.u64(record.lsn)
                .u64(record.ordinal)
                .u32(record.schema)
                .u32(record.commit)
                .u8(record.operation);
        buffer.u32(record.keyLength).u32(record.tupleLength);
        buffer.raw(record.keyBytes, record.keyOffset, record.keyLength);
        if (record.tupleLength > FRAME_BYTES) {
            flush();
            for (int at = 0; at < record.tupleLength; at += FRAME_BYTES) {
                int length = Math.min(FRAME_BYTES, record.tupleLength - at);
                writeFrame(record.tupleBytes, record.tupleOffset + at, length);
            }
        } else {
            buffer.raw(record.tupleBytes, record.tupleOffset, record.tupleLength);
            if (buffer.size() >= FRAME_BYTES) {
                flush();
            }
        }
    }

    void finish() throws IOException {
        buffer.u8(RunReader.END);
        flush();
    }

    private void flush() throws IOException {
        writeFrame(buffer.array(), 0, buffer.size());
        buffer.reset();
    }

    private void writeFrame(byte[] bytes, int offset, int length) throws IOException {
        int bound = FRAME_HEAD_BYTES + Math.toIntExact(Zstd.compressBound(length));
        if (packed.length < bound) {
            packed = new byte[bound];
        }
        int stored = context.compressByteArray(
                packed, FRAME_HEAD_BYTES, packed.length - FRAME_HEAD_BYTES, bytes, offset, length);
        INT.set(packed, 0, stored);
        INT.set(packed, Integer.BYTES, length);
        file.write(packed, FRAME_HEAD_BYTES + stored);
    }

    /** The file stays open for reading. */
    @Override
    public void close() {
        context.close();
    }
}
