package dev.reinstate.restore.export;

import dev.reinstate.model.Column;
import dev.reinstate.model.Tuple;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** RFC 4180, as PostgreSQL's own {@code COPY … CSV} reads it. */
final class CsvRows implements RowWriter {
    private final OutputStream output;
    private final List<Column> columns;

    CsvRows(OutputStream output, List<Column> columns) {
        this.output = output;
        this.columns = columns;
    }

    @Override
    public void begin() throws IOException {
        for (int i = 0; i < columns.size(); i++) {
            byte[] name = columns.get(i).name().getBytes(StandardCharsets.UTF_8);
            separate(i);
            field(name, 0, name.length);
        }
        endLine();
    }

    @Override
    public void add(Tuple row) throws IOException {
        for (int i = 0; i < row.columnCount(); i++) {
            separate(i);
            if (!row.isNull(i)) {
                field(row.encoded(), row.valueOffset(i), row.valueLength(i));
            }
        }
        endLine();
    }

    @Override
    public void end() {
        // a file ends with its last line
    }

    private void separate(int column) throws IOException {
        if (column > 0) {
            output.write(',');
        }
    }

    private void field(byte[] bytes, int offset, int length) throws IOException {
        if (!needsQuotes(bytes, offset, length)) {
            output.write(bytes, offset, length);
            return;
        }
        output.write('"');
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] == '"') {
                output.write('"');
            }
            output.write(bytes[i]);
        }
        output.write('"');
    }

    /** Empty texts are quoted to tell them from NULL; {@code \.} alone would end PostgreSQL's input. */
    private static boolean needsQuotes(byte[] bytes, int offset, int length) {
        if (length == 0 || bytes[offset] == ' ' || bytes[offset + length - 1] == ' ' || bytes[offset] == '\\') {
            return true;
        }
        for (int i = offset; i < offset + length; i++) {
            switch (bytes[i]) {
                case ',', '"', '\n', '\r' -> {
                    return true;
                }
                default -> {}
            }
        }
        return false;
    }

    private void endLine() throws IOException {
        output.write('\r');
        output.write('\n');
    }
}
