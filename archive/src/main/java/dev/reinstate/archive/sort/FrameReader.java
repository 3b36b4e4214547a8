package dev.reinstate.archive.sort;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;

/** Reads frames of all the runs that are merged: what one of them needs for a moment only is there once. Not thread-safe. */
final class FrameReader implements AutoCloseable {
    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final byte[] head = new byte[RunWriter.FRAME_HEAD_BYTES];
    private byte[] stored = new byte[RunWriter.FRAME_BYTES];

    /** Where a frame lies in its file, and how long it is raw. */
    record Frame(long position, int storedLength, int rawLength) {
        long end() {
            return position + storedLength;
        }
    }

    /** The frame whose head is there. */
    Frame find(RunFile file, long position) throws IOException {
        file.read(position, head, head.length);
        return new Frame(
                position + head.length, (int) RunWriter.INT.get(head, 0), (int) RunWriter.INT.get(head, Integer.BYTES));
    }

    /** Decompresses a frame to a place in an array. */
    void read(RunFile file, Frame frame, byte[] target, int offset) throws IOException {
        if (stored.length < frame.storedLength) {
            stored = new byte[frame.storedLength];
        }
        file.read(frame.position, stored, frame.storedLength);
        try {
            int length = context.decompressByteArray(target, offset, frame.rawLength, stored, 0, frame.storedLength);
            if (length != frame.rawLength) {
                throw new IOException("a temporary file was changed");
            }
        } catch (ZstdException e) {
            throw new IOException("a temporary file was changed", e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
