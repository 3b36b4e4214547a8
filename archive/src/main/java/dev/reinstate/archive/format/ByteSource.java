package dev.reinstate.archive.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the format's number encodings; running over the end is damage. Not thread-safe. */
public final class ByteSource {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int at;

    public ByteSource(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
    }

    public ByteSource(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    public int u8() {
        require(1);
        return bytes[at++] & 0xFF;
    }

    public int u16() {
        return u8() << 8 | u8();
    }

    public int u32() {
        require(4);
        int value = (int) INT.get(bytes, at);
        at += 4;
        return value;
    }

    public long u64() {
        require(8);
        long value = (long) LONG.get(bytes, at);
        at += 8;
        return value;
    }

    public long varint() {
        long result = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = u8();
            result |= (next & 0x7FL) << shift;
            if (next < 0x80) {
                return result;
            }
        }
        throw Damage.of("INV-9", "A number in an object", "it has more than ten bytes");
    }

    public long zigzag() {
        long value = varint();
        return (value >>> 1) ^ -(value & 1);
    }

    /** A count or length, which cannot be more than the bytes left. */
    public int length() {
        long value = varint();
        if (value < 0 || value > remaining()) {
            throw Damage.of("INV-9", "A length in an object", value + " is more than the bytes that are left");
        }
        return (int) value;
    }

    /** An index below {@code bound}. */
    public int index(int bound) {
        long value = varint();
        if (value < 0 || value >= bound) {
            throw Damage.of("INV-9", "An index in an object", value + " is not below " + bound);
        }
        return (int) value;
    }

    public String string() {
        int length = length();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    public byte[] raw(int length) {
        require(length);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    public void skip(int length) {
        require(length);
        at += length;
    }

    /** Index of the next byte in the array this reads from. */
    public int position() {
        return at;
    }

    public byte[] array() {
        return bytes;
    }

    public int remaining() {
        return end - at;
    }

    public void requireEnd(String what) {
        if (at != end) {
            throw Damage.of("INV-9", what, remaining() + " bytes are left over");
        }
    }

    private void require(int length) {
        if (length < 0 || length > end - at) {
            throw Damage.of("INV-9", "An object's content", "it ends within a value");
        }
    }
}
