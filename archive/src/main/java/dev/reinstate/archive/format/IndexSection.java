package dev.reinstate.archive.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Which blocks are a partition's: rows of 40 bytes in token order, searched where they lie. Thread-safe. */
public final class IndexSection {
    static final int ENTRY_BYTES = 40;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] raw;

    IndexSection(byte[] raw) {
        if (raw.length % ENTRY_BYTES != 0) {
            throw Damage.of("INV-9", "An index section", raw.length + " bytes are not rows of " + ENTRY_BYTES);
        }
        this.raw = raw;
    }

    public int size() {
        return raw.length / ENTRY_BYTES;
    }

    public Entry get(int row) {
        ByteSource source = new ByteSource(raw, row * ENTRY_BYTES, ENTRY_BYTES);
        Token token = new Token(source.u64(), source.u64());
        return new Entry(token, source.u64(), source.u64(), source.u32(), source.u32());
    }

    /** The partition's blocks, or {@link Entry#NONE}. */
    public Entry find(Token token) {
        int low = 0;
        int high = size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int at = middle * ENTRY_BYTES;
            int order = Token.compare(
                    (long) LONG.get(raw, at), (long) LONG.get(raw, at + Long.BYTES), token.high(), token.low());
            if (order == 0) {
                return get(middle);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Entry.NONE;
    }

    /** A partition's run of blocks. */
    public record Entry(Token token, long offset, long length, int firstBlock, int blockCount) {
        public static final Entry NONE = new Entry(new Token(0, 0), 0, 0, 0, 0);

        void write(ByteSink sink) {
            sink.u64(token.high())
                    .u64(token.low())
                    .u64(offset)
                    .u64(length)
                    .u32(firstBlock)
                    .u32(blockCount);
        }
    }
}
