package dev.reinstate.restore.export;

import dev.reinstate.model.Column;
import dev.reinstate.model.Tuple;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON object a line. Integers and booleans are JSON's own, {@code json} and {@code jsonb} values stand as they
 * are, everything else is PostgreSQL's text of it, so that nothing is rounded.
 */
final class JsonRows implements RowWriter {
    private final OutputStream output;
    private final List<Column> columns;
    private final JsonFactory factory =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    JsonRows(OutputStream output, List<Column> columns) {
        this.output = output;
        this.columns = columns;
    }

    @Override
    public void begin() {
        // lines of JSON have no header
    }

    @Override
    public void add(Tuple row) throws IOException {
        try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), output, JsonEncoding.UTF8)) {
            json.writeStartObject();
            for (int i = 0; i < columns.size(); i++) {
                json.writeName(columns.get(i).name());
                value(json, row, i);
            }
            json.writeEndObject();
        }
        output.write('\n');
    }

    private void value(JsonGenerator json, Tuple row, int column) {
        if (row.isNull(column)) {
            json.writeNull();
            return;
        }
        String text =
                new String(row.encoded(), row.valueOffset(column), row.valueLength(column), StandardCharsets.UTF_8);
        switch (columns.get(column).typeName()) {
            case "smallint", "integer", "bigint" -> json.writeNumber(Long.parseLong(text));
            case "boolean" -> json.writeBoolean(text.equals("t"));
            case "json", "jsonb" -> json.writeRawValue(text.replace('\n', ' ').replace('\r', ' '));
            default -> json.writeString(text);
        }
    }

    @Override
    public void end() {
        // nothing is open between two lines
    }
}
