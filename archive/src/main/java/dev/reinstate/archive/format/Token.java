package dev.reinstate.archive.format;

import java.util.HexFormat;

/** 16 opaque bytes that stand for a partition, ordered as unsigned bytes. */
public record Token(long high, long low) implements Comparable<Token> {
    public static final int BYTES = 16;

    public static int compare(long high, long low, long otherHigh, long otherLow) {
        int byHigh = Long.compareUnsigned(high, otherHigh);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, otherLow);
    }

    public static Token parse(String hex) {
        ByteSource source = new ByteSource(HexFormat.of().parseHex(hex));
        return new Token(source.u64(), source.u64());
    }

    @Override
    public int compareTo(Token other) {
        return compare(high, low, other.high, other.low);
    }

    /** As a record's own would say; written out because a JVM that has just started is slow with those. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Token token && high == token.high && low == token.low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high ^ low);
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
