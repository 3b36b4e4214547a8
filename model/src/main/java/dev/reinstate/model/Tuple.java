package dev.reinstate.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The values of one row in PostgreSQL's text form, in the order of its {@link TableSchema}'s columns.
 *
 * <p>Kept as it is stored: per column an unsigned LEB128 number (0: NULL, 1: unchanged, n: n - 2 bytes of UTF-8 text
 * follow), so that a row goes from the stream to the archive with one copy. Build one with {@link Builder}.
 */
public final class Tuple {
    /** No columns. */
    public static final Tuple EMPTY = new Tuple(new byte[0], 0);

    private static final int NULL_TAG = 0;
    private static final int UNCHANGED_TAG = 1;
    private static final int LENGTH_BIAS = 2;

    private final byte[] encoded;
    private final int[] starts; // of each column's tag, and the end
    private final boolean hasUnchanged;

    private Tuple(byte[] encoded, int columnCount) {
        this.encoded = encoded;
        this.starts = new int[columnCount + 1];
        boolean unchanged = false;
        int at = 0;
        for (int column = 0; column < columnCount; column++) {
            starts[column] = at;
            int tag = tagAt(at);
            unchanged |= tag == UNCHANGED_TAG;
            at += lengthOfTag(tag) + Math.max(0, tag - LENGTH_BIAS);
        }
        if (at != encoded.length) {
            throw new IllegalArgumentException(
                    columnCount + " columns take " + at + " bytes, the tuple has " + encoded.length);
        }
        starts[columnCount] = at;
        this.hasUnchanged = unchanged;
    }

    /** The tuple of those encoded bytes, which are not copied and must not change afterwards. */
    public static Tuple ofEncoded(byte[] encoded, int columnCount) {
        try {
            return new Tuple(encoded, columnCount);
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("the tuple ends within a column", e);
        }
    }

    /** A tuple of texts; an empty Optional is NULL. */
    public static Tuple ofTexts(List<Optional<String>> values) {
        Builder builder = new Builder(64);
        values.forEach(value -> value.ifPresentOrElse(
                text -> builder.addText(text.getBytes(StandardCharsets.UTF_8)), builder::addNull));
        return builder.build();
    }

    public int columnCount() {
        return starts.length - 1;
    }

    /** The stored form; not to be changed. */
    public byte[] encoded() {
        return encoded;
    }

    public boolean isNull(int column) {
        return tagAt(starts[column]) == NULL_TAG;
    }

    /** Whether the stream said only that this column did not change (a TOASTed value). */
    public boolean isUnchanged(int column) {
        return tagAt(starts[column]) == UNCHANGED_TAG;
    }

    public boolean hasUnchanged() {
        return hasUnchanged;
    }

    /** The tuple of the first columns. */
    public Tuple first(int columnCount) {
        return columnCount == columnCount()
                ? this
                : new Tuple(Arrays.copyOf(encoded, starts[columnCount]), columnCount);
    }

    /** Where the column, its length included, begins in {@link #encoded}. */
    public int columnOffset(int column) {
        return starts[column];
    }

    /** How many bytes the column takes in {@link #encoded}. */
    public int columnLength(int column) {
        return starts[column + 1] - starts[column];
    }

    /** Where the value's bytes begin in {@link #encoded}. */
    public int valueOffset(int column) {
        return starts[column] + lengthOfTag(tagAt(starts[column]));
    }

    /** The value's length in bytes; 0 for NULL and unchanged. */
    public int valueLength(int column) {
        return Math.max(0, tagAt(starts[column]) - LENGTH_BIAS);
    }

    /** The value's text; empty for NULL. An unchanged column has none to give and is refused. */
    public Optional<String> text(int column) {
        if (isUnchanged(column)) {
            throw new IllegalStateException("column " + column + " is unchanged: its value is in an earlier version");
        }
        return isNull(column)
                ? Optional.empty()
                : Optional.of(new String(encoded, valueOffset(column), valueLength(column), StandardCharsets.UTF_8));
    }

    private int tagAt(int offset) {
        int result = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = encoded[offset++];
            result |= (next & 0x7F) << shift;
            if (next >= 0 && result >= 0) {
                return result;
            }
        }
        throw new IllegalArgumentException("a column's length is no number below 2 GB");
    }

    private static int lengthOfTag(int tag) {
        return Math.max(1, (38 - Integer.numberOfLeadingZeros(tag)) / 7);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tuple tuple
                && columnCount() == tuple.columnCount()
                && Arrays.equals(encoded, tuple.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    /** Shape only: values belong to a tenant and are never printed. */
    @Override
    public String toString() {
        return "Tuple[" + columnCount() + " columns, " + encoded.length + " bytes]";
    }

    /** Builds one tuple after another; {@link #build} empties it for the next. Not thread-safe. */
    public static final class Builder {
        private static final int KEPT_BYTES = 1 << 20;
        private static final int LEAST_BYTES = 16;

        private byte[] bytes;
        private int size;
        private int columns;

        public Builder(int capacityBytes) {
            bytes = new byte[Math.max(LEAST_BYTES, capacityBytes)];
        }

        public Builder addNull() {
            ensure(1);
            bytes[size++] = NULL_TAG;
            columns++;
            return this;
        }

        public Builder addUnchanged() {
            ensure(1);
            bytes[size++] = UNCHANGED_TAG;
            columns++;
            return this;
        }

        public Builder addText(byte[] source, int offset, int length) {
            ensure(5 + length);
            int tag = length + LENGTH_BIAS;
            while ((tag & ~0x7F) != 0) {
                bytes[size++] = (byte) ((tag & 0x7F) | 0x80);
                tag >>>= 7;
            }
            bytes[size++] = (byte) tag;
            System.arraycopy(source, offset, bytes, size, length);
            size += length;
            columns++;
            return this;
        }

        public Builder addText(byte[] text) {
            return addText(text, 0, text.length);
        }

        /** Appends a column of another tuple as it is there. */
        public Builder addColumn(Tuple source, int column) {
            int from = source.starts[column];
            int length = source.starts[column + 1] - from;
            ensure(length);
            System.arraycopy(source.encoded, from, bytes, size, length);
            size += length;
            columns++;
            return this;
        }

        /** Makes room for so many bytes at once, their lengths included. */
        public void reserve(int sizeBytes) {
            ensure(sizeBytes);
        }

        public int columnCount() {
            return columns;
        }

        public Tuple build() {
            Tuple tuple = new Tuple(Arrays.copyOf(bytes, size), columns);
            if (bytes.length > KEPT_BYTES) {
                bytes = new byte[LEAST_BYTES]; // a row may be 64 MB: that much is not kept for the next
            }
            size = 0;
            columns = 0;
            return tuple;
        }

        private void ensure(int more) {
            if (size + more > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length + Math.min(bytes.length, KEPT_BYTES)));
            }
        }
    }
}
