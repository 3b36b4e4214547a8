package dev.reinstate.postgres.pgoutput;

import dev.reinstate.model.Tuple;
import java.nio.ByteBuffer;

/**
 * Turns a row of the stream into a {@link Tuple}: measured first, then copied once into an array of exactly that size.
 */
final class TupleDecoder {
    private static final int LENGTH_BIAS = 2;

    private TupleDecoder() {}

    static Tuple decode(ByteBuffer in) {
        int columns = Short.toUnsignedInt(in.getShort());
        int start = in.position();
        byte[] encoded = new byte[measure(in, columns)];
        in.position(start);
        fill(in, columns, encoded);
        return Tuple.ofEncoded(encoded, columns);
    }

    private static int measure(ByteBuffer in, int columns) {
        long size = 0;
        for (int column = 0; column < columns; column++) {
            byte kind = in.get();
            if (kind == 't') {
                int length = in.getInt();
                if (length < 0 || length > in.remaining()) {
                    throw new MalformedMessage("column " + column + " of " + length + " bytes");
                }
                in.position(in.position() + length);
                size += tagLength(length + LENGTH_BIAS) + length;
            } else if (kind == 'n' || kind == 'u') {
                size++;
            } else {
                throw new MalformedMessage("column " + column + " of unknown kind " + kind);
            }
        }
        return Math.toIntExact(size);
    }

    private static void fill(ByteBuffer in, int columns, byte[] encoded) {
        int at = 0;
        for (int column = 0; column < columns; column++) {
            byte kind = in.get();
            if (kind == 't') {
                int length = in.getInt();
                int tag = length + LENGTH_BIAS;
                while ((tag & ~0x7F) != 0) {
                    encoded[at++] = (byte) (tag | 0x80);
                    tag >>>= 7;
                }
                encoded[at++] = (byte) tag;
                in.get(encoded, at, length);
                at += length;
            } else {
                encoded[at++] = (byte) (kind == 'n' ? 0 : 1);
            }
        }
    }

    private static int tagLength(int tag) {
        return tag < 0x80 ? 1 : (38 - Integer.numberOfLeadingZeros(tag)) / 7;
    }
}
