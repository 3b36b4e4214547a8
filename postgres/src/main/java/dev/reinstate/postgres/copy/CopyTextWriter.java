package dev.reinstate.postgres.copy;

import dev.reinstate.model.Tuple;

/** Writes rows as COPY text through a buffer of fixed size. Not thread-safe. */
final class CopyTextWriter {
    /** Takes the buffer's first bytes, before they are overwritten. */
    @FunctionalInterface
    interface Sink {
        void write(byte[] bytes, int length);
    }

    /** What follows the backslash for each byte that needs one; 0 for the others. */
    private static final byte[] ESCAPES = new byte[256];

    static {
        ESCAPES['\b'] = 'b';
        ESCAPES['\t'] = 't';
        ESCAPES['\n'] = 'n';
        ESCAPES[0x0B] = 'v';
        ESCAPES['\f'] = 'f';
        ESCAPES['\r'] = 'r';
        ESCAPES['\\'] = '\\';
    }

    private final byte[] buffer;
    private final Sink sink;
    private int size;

    CopyTextWriter(int bufferBytes, Sink sink) {
        this.buffer = new byte[bufferBytes];
        this.sink = sink;
    }

    void writeRow(Tuple row) {
        for (int column = 0; column < row.columnCount(); column++) {
            writeColumn(row, column, column == 0);
        }
        writeByte((byte) '\n');
    }

    void writeRow(Tuple row, int[] columns) {
        for (int i = 0; i < columns.length; i++) {
            writeColumn(row, columns[i], i == 0);
        }
        writeByte((byte) '\n');
    }

    void flush() {
        if (size > 0) {
            sink.write(buffer, size);
            size = 0;
        }
    }

    private void writeColumn(Tuple row, int column, boolean first) {
        if (!first) {
            writeByte((byte) '\t');
        }
        if (row.isUnchanged(column)) {
            throw new IllegalArgumentException("column " + column + " is unchanged: it has no value to write");
        }
        if (row.isNull(column)) {
            writeByte((byte) '\\');
            writeByte((byte) 'N');
        } else {
            int offset = row.valueOffset(column);
            writeEscaped(row.encoded(), offset, offset + row.valueLength(column));
        }
    }

    private void writeEscaped(byte[] bytes, int start, int end) {
        int from = start;
        for (int at = start; at < end; at++) {
            byte escape = ESCAPES[bytes[at] & 0xFF];
            if (escape != 0) {
                writeBytes(bytes, from, at);
                writeByte((byte) '\\');
                writeByte(escape);
                from = at + 1;
            }
        }
        writeBytes(bytes, from, end);
    }

    private void writeBytes(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end) {
            if (size == buffer.length) {
                flush();
            }
            int length = Math.min(end - at, buffer.length - size);
            System.arraycopy(bytes, at, buffer, size, length);
            size += length;
            at += length;
        }
    }

    private void writeByte(byte value) {
        if (size == buffer.length) {
            flush();
        }
        buffer[size++] = value;
    }
}
