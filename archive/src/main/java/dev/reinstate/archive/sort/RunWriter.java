package dev.reinstate.archive.sort;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.reinstate.archive.format.ByteSink;
import dev.reinstate.archive.format.PartitionLabel;
import dev.reinstate.archive.format.RawRecord;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes a sorted run to a local file: what partition and table a record is of is written when it changes. */
final class RunWriter implements AutoCloseable {
    private static final int LEVEL = 1;
    private static final int FLUSH_BYTES = 64 << 10;

    private final ZstdOutputStreamNoFinalizer stream;
    private final ByteSink buffer = new ByteSink(FLUSH_BYTES * 2);
    private boolean first = true;
    private long tokenHigh;
    private long tokenLow;
    private int oid;

    RunWriter(RunFile file) throws IOException {
        stream = new ZstdOutputStreamNoFinalizer(new OpenOutput(file.output()), LEVEL);
        stream.setCloseFrameOnFlush(false);
        stream.setChecksum(true);
        stream.setWindowLog(17); // merging holds many of these open: a small window each
    }

    void write(RawRecord record) throws IOException {
        boolean sameGroup = !first && record.tokenHigh == tokenHigh && record.tokenLow == tokenLow && record.oid == oid;
        buffer.u8(sameGroup ? RunReader.SAME_GROUP : RunReader.NEW_GROUP);
        if (!sameGroup) {
            first = false;
            tokenHigh = record.tokenHigh;
            tokenLow = record.tokenLow;
            oid = record.oid;
            ByteSink label = new ByteSink(32);
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
        if (record.tupleLength > FLUSH_BYTES) {
            flush();
            stream.write(record.tupleBytes, record.tupleOffset, record.tupleLength);
        } else {
            buffer.raw(record.tupleBytes, record.tupleOffset, record.tupleLength);
        }
        if (buffer.size() >= FLUSH_BYTES) {
            flush();
        }
    }

    void finish() throws IOException {
        buffer.u8(RunReader.END);
        flush();
    }

    private void flush() throws IOException {
        stream.write(buffer.array(), 0, buffer.size());
        buffer.reset();
    }

    /** Ends the compressed stream; the file stays open for reading. */
    @Override
    public void close() throws IOException {
        stream.close();
    }

    /** Keeps the file open when the stream over it is closed. */
    private static final class OpenOutput extends FilterOutputStream {
        private OpenOutput(OutputStream target) {
            super(target);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
