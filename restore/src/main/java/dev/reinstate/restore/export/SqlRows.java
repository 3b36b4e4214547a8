package dev.reinstate.restore.export;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.copy.CopyText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A COPY block. */
final class SqlRows implements RowWriter {
    private final OutputStream output;
    private final TableName table;
    private final List<Column> columns;

    SqlRows(OutputStream output, TableName table, List<Column> columns) {
        this.output = output;
        this.table = table;
        this.columns = columns;
    }

    @Override
    public void begin() throws IOException {
        String names = Sql.identifiers(columns.stream().map(Column::name).toList());
        write("COPY " + Sql.table(table) + " (" + names + ") FROM stdin;\n");
    }

    @Override
    public void add(Tuple row) throws IOException {
        CopyText.write(row, output);
    }

    @Override
    public void end() throws IOException {
        write("\\.\n\n");
    }

    private void write(String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
