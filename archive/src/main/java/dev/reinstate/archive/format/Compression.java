package dev.reinstate.archive.format;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Compresses block by block with one context. What compression does not make smaller is stored as it is. Not
 * thread-safe; close it to free native memory.
 */
public final class Compression implements AutoCloseable {
    static final int STORED = 0;
    static final int ZSTD = 1;
    private static final int LARGE_BYTES = 1 << 20;

    /** For decompressing: as many as did so at once, each of 160 KB, which would take as long to make as a small block. */
    private static final Queue<ZstdDecompressCtx> IDLE = new ConcurrentLinkedQueue<>();

    private final int level;
    private final ZstdCompressCtx context;
    private byte[] source = new byte[0];
    private byte[] target = new byte[0];

    public Compression(int level) {
        this.level = level;
        this.context = new ZstdCompressCtx();
        context.setLevel(level);
        context.setContentSize(true);
    }

    /** The three runs one after the other, compressed; the result is valid until the next call. */
    Packed pack(ByteSink head, ByteSink middle, byte[] rest, int restOffset, int restLength) {
        int rawLength = Math.addExact(Math.addExact(head.size(), middle.size()), restLength);
        if (rawLength > LARGE_BYTES) {
            return packLarge(head, middle, rest, restOffset, restLength);
        }
        if (source.length < rawLength) {
            source = new byte[Math.max(rawLength, Math.min(LARGE_BYTES, rawLength * 2))];
            target = new byte[(int) Zstd.compressBound(source.length)];
        }
        System.arraycopy(head.array(), 0, source, 0, head.size());
        System.arraycopy(middle.array(), 0, source, head.size(), middle.size());
        System.arraycopy(rest, restOffset, source, head.size() + middle.size(), restLength);
        int packed = context.compressByteArray(target, 0, target.length, source, 0, rawLength);
        return packed < rawLength
                ? new Packed(ZSTD, target, packed, rawLength)
                : new Packed(STORED, source, rawLength, rawLength);
    }

    Packed pack(ByteSink raw) {
        return pack(raw, new ByteSink(0), new byte[0], 0, 0);
    }

    /** As a stream, so that a row of 64 MB is not copied once more. Always zstd: its bound is near the raw length. */
    private Packed packLarge(ByteSink head, ByteSink middle, byte[] rest, int restOffset, int restLength) {
        int rawLength = head.size() + middle.size() + restLength;
        Buffer buffer = new Buffer(rawLength / 2);
        try (ZstdOutputStreamNoFinalizer stream = new ZstdOutputStreamNoFinalizer(buffer, level)) {
            stream.write(head.array(), 0, head.size());
            stream.write(middle.array(), 0, middle.size());
            stream.write(rest, restOffset, restLength);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Packed(ZSTD, buffer.array(), buffer.size(), rawLength);
    }

    static byte[] unpack(int codec, byte[] stored, int offset, int length, int rawLength) {
        byte[] raw = new byte[rawLength];
        switch (codec) {
            case STORED -> {
                if (length != rawLength) {
                    throw Damage.of("INV-9", "An uncompressed part", length + " bytes are not " + rawLength);
                }
                System.arraycopy(stored, offset, raw, 0, length);
            }
            case ZSTD -> inflate(stored, offset, length, raw);
            default -> throw Damage.of("INV-9", "A part of codec " + codec, "it may be of a newer version");
        }
        return raw;
    }

    private static void inflate(byte[] stored, int offset, int length, byte[] raw) {
        ZstdDecompressCtx found = IDLE.poll();
        ZstdDecompressCtx context = found == null ? new ZstdDecompressCtx() : found;
        try {
            int unpacked = context.decompressByteArray(raw, 0, raw.length, stored, offset, length);
            if (unpacked != raw.length) {
                throw Damage.of("INV-9", "A compressed part", unpacked + " bytes came out, not " + raw.length);
            }
        } catch (ZstdException e) {
            throw Damage.of("INV-9", "A compressed part", String.valueOf(e.getMessage()));
        } finally {
            IDLE.add(context);
        }
    }

    @Override
    public void close() {
        context.close();
    }

    /** Stored bytes: the first {@code length} of {@code bytes}. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packed(int codec, byte[] bytes, int length, int rawLength) {}

    /** Gives its bytes without a copy. */
    private static final class Buffer extends ByteArrayOutputStream {
        private Buffer(int capacity) {
            super(Math.max(32, capacity));
        }

        private byte[] array() {
            return buf;
        }
    }
}
