package dev.reinstate.postgres.copy;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.Tuple;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Rows of COPY's text format (PostgreSQL documentation, COPY, "Text Format": tab-delimited, {@code \N} for NULL,
 * backslash escapes) to tuples and back. Bytes are looked at and copied, never decoded: UTF-8 never has a delimiter's
 * byte within a character.
 */
public final class CopyText {
    private static final int SHORTEST_BUFFER_BYTES = 64;
    private static final int LONGEST_BUFFER_BYTES = 64 << 10;

    private CopyText() {}

    /** Reads one line, with or without its line feed. {@code BUG} when it has not that many columns. */
    public static Tuple parse(byte[] bytes, int offset, int length, int columnCount) {
        return new Parser(columnCount).parse(bytes, offset, length);
    }

    /** Writes the line of a tuple, line feed included. A tuple with an unchanged column is refused. */
    public static void write(Tuple tuple, OutputStream output) throws IOException {
        try {
            CopyTextWriter writer = new CopyTextWriter(
                    Math.clamp(tuple.encoded().length, SHORTEST_BUFFER_BYTES, LONGEST_BUFFER_BYTES),
                    (bytes, length) -> {
                        try {
                            output.write(bytes, 0, length);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            writer.writeRow(tuple);
            writer.flush();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Reads lines of one width, one after another. Not thread-safe. */
    public static final class Parser {
        private static final int LEAST_BYTES = 256;
        private static final int KEPT_BYTES = 1 << 20;
        private static final int LONGEST_TAG_BYTES = 5;

        private final int columnCount;
        private final Tuple.Builder row = new Tuple.Builder(512);
        private byte[] unescaped = new byte[LEAST_BYTES];

        public Parser(int columnCount) {
            this.columnCount = columnCount;
        }

        /** Reads one line, with or without its line feed. {@code BUG} when it has not that many columns. */
        public Tuple parse(byte[] bytes, int offset, int length) {
            int end = offset + length;
            if (length > 0 && bytes[end - 1] == '\n') {
                end--;
            }
            if (columnCount == 0 && end == offset) {
                return Tuple.EMPTY;
            }
            row.reserve(length + LONGEST_TAG_BYTES * columnCount);
            int at = offset;
            int columns = 0;
            while (at <= end) {
                at = parseColumn(bytes, at, end) + 1;
                columns++;
            }
            Tuple tuple = row.build();
            if (columns != columnCount) {
                throw ReinstateException.bug(
                        "Cannot read a row of " + columnCount + " columns", "the line has " + columns);
            }
            return tuple;
        }

        /** Adds the column that begins there; returns where it ends. */
        private int parseColumn(byte[] bytes, int start, int end) {
            int at = start;
            while (at < end) {
                byte next = bytes[at];
                if (next == '\t') {
                    break;
                }
                if (next == '\\') {
                    return parseEscaped(bytes, start, at, end);
                }
                at++;
            }
            row.addText(bytes, start, at - start);
            return at;
        }

        private int parseEscaped(byte[] bytes, int start, int firstEscape, int end) {
            int columnEnd = firstEscape;
            while (columnEnd < end && bytes[columnEnd] != '\t') {
                columnEnd += bytes[columnEnd] == '\\' ? 2 : 1;
            }
            columnEnd = Math.min(columnEnd, end);
            if (columnEnd - start == 2 && bytes[start] == '\\' && bytes[start + 1] == 'N') {
                row.addNull();
                return columnEnd;
            }
            if (unescaped.length < columnEnd - start) {
                unescaped = new byte[Math.max(columnEnd - start, unescaped.length * 2)];
            }
            int prefix = firstEscape - start;
            System.arraycopy(bytes, start, unescaped, 0, prefix);
            row.addText(unescaped, 0, unescape(bytes, firstEscape, columnEnd, prefix));
            if (unescaped.length > KEPT_BYTES) {
                unescaped = new byte[LEAST_BYTES];
            }
            return columnEnd;
        }

        /** Unescapes to {@link #unescaped} from {@code out} on; returns where that ends. */
        private int unescape(byte[] bytes, int start, int end, int out) {
            int at = start;
            int length = out;
            while (at < end) {
                byte next = bytes[at++];
                if (next != '\\' || at == end) {
                    unescaped[length++] = next;
                    continue;
                }
                byte escape = bytes[at++];
                int digits = 0;
                int code = 0;
                if (escape >= '0' && escape <= '7') {
                    at--;
                    for (; digits < 3 && at < end && bytes[at] >= '0' && bytes[at] <= '7'; digits++) {
                        code = code * 8 + bytes[at++] - '0';
                    }
                } else if (escape == 'x') {
                    for (; digits < 2 && at < end && Character.digit(bytes[at], 16) >= 0; digits++) {
                        code = code * 16 + Character.digit(bytes[at++], 16);
                    }
                }
                unescaped[length++] = digits > 0 ? (byte) code : single(escape);
            }
            return length;
        }

        private static byte single(byte escape) {
            return switch (escape) {
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'v' -> 0x0B;
                default -> escape;
            };
        }
    }
}
