package dev.reinstate.model;

import java.util.Locale;

/**
 * A place in a PostgreSQL server's write-ahead log: an unsigned 64-bit byte offset, written {@code 16/B374D848}.
 * Ordered as unsigned. A <em>position</em> of a store is the LSN of a commit.
 *
 * @param value the offset, all 64 bits used
 */
public record Lsn(long value) implements Comparable<Lsn> {
    /** Before every real place in the log. */
    public static final Lsn ZERO = new Lsn(0);

    /** Reads PostgreSQL's own text form, two hexadecimal halves of at most 8 digits; anything else is {@code INVALID}. */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        try {
            if (slash > 0 && slash <= 8 && text.length() - slash - 1 <= 8 && text.indexOf('+') < 0) {
                long high = Long.parseUnsignedLong(text, 0, slash, 16);
                long low = Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
                return new Lsn((high << 32) | low);
            }
        } catch (NumberFormatException e) {
            // said below, together with every other malformed text
        }
        throw ReinstateException.invalid(
                "\"" + text + "\" is not a position",
                "a position is two hexadecimal numbers with a slash between, such as 16/B374D848",
                "copy one from `reinstate history` or `reinstate status`");
    }

    public Lsn previous() {
        return new Lsn(value - 1);
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    public static Lsn max(Lsn a, Lsn b) {
        return a.isAfter(b) ? a : b;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%X/%X", value >>> 32, value & 0xFFFF_FFFFL);
    }
}
