package dev.reinstate.restore.export;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes rows of one table and one list of columns. Does not close the stream. */
interface RowWriter {
    void begin() throws IOException;

    /** A row whose columns are those of the writer. */
    void add(Tuple row) throws IOException;

    void end() throws IOException;

    static RowWriter of(ExportFormat format, OutputStream output, TableName table, List<Column> columns) {
        return switch (format) {
            case SQL -> new SqlRows(output, table, columns);
            case CSV -> new CsvRows(output, columns);
            case JSON -> new JsonRows(output, columns);
        };
    }
}
