package dev.reinstate.archive.format;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes schemas. Keeps the schemas it has read, so that equal ones in thousands of objects are one object in
 * memory, decoded once. Thread-safe.
 */
public final class SchemaCodec {
    private final Map<ByteBuffer, TableSchema> known = new ConcurrentHashMap<>();
    /** Objects that were written one after another mostly have the very same schemas. */
    private volatile @Nullable Section last;

    @SuppressWarnings("ArrayRecordComponent") // compared as an array
    private record Section(byte[] raw, Schemas schemas) {}

    static void writeSection(ByteSink sink, List<TableSchema> schemas) {
        sink.varint(schemas.size());
        ByteSink one = new ByteSink(512);
        for (TableSchema schema : schemas) {
            one.reset();
            write(one, schema);
            sink.varint(one.size()).raw(one.array(), 0, one.size());
        }
    }

    private static void write(ByteSink sink, TableSchema schema) {
        sink.u32(schema.oid())
                .string(schema.name().schema())
                .string(schema.name().name());
        sink.varint(schema.columns().size());
        for (Column column : schema.columns()) {
            sink.zigzag(column.attnum())
                    .string(column.name())
                    .u32(column.typeOid())
                    .string(column.typeName());
        }
        sink.varint(schema.keyColumns().size());
        schema.keyColumns().forEach(sink::varint);
    }

    /** The schemas of a section; each is decoded when first asked for. */
    public Schemas readSection(byte[] raw) {
        Section same = last;
        if (same != null && Arrays.equals(same.raw, raw)) {
            return same.schemas;
        }
        Schemas schemas = newSection(raw);
        last = new Section(raw, schemas);
        return schemas;
    }

    private Schemas newSection(byte[] raw) {
        ByteSource source = new ByteSource(raw);
        int count = source.length();
        List<ByteBuffer> encoded = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = source.length();
            encoded.add(ByteBuffer.wrap(raw, source.position(), length));
            source.skip(length);
        }
        source.requireEnd("A schema section");
        return new Schemas(encoded, new TableSchema[count]);
    }

    private TableSchema decode(ByteBuffer encoded) {
        TableSchema schema = known.get(encoded);
        if (schema == null) {
            byte[] copy = new byte[encoded.remaining()];
            encoded.duplicate().get(copy);
            TableSchema read = read(new ByteSource(copy));
            schema = known.computeIfAbsent(ByteBuffer.wrap(copy), key -> read);
        }
        return schema;
    }

    private static TableSchema read(ByteSource source) {
        int oid = source.u32();
        TableName name = new TableName(source.string(), source.string());
        int columnCount = source.length();
        List<Column> columns = new ArrayList<>(columnCount);
        for (int i = 0; i < columnCount; i++) {
            columns.add(new Column((int) source.zigzag(), source.string(), source.u32(), source.string()));
        }
        int keyCount = source.length();
        List<Integer> keyColumns = new ArrayList<>(keyCount);
        for (int i = 0; i < keyCount; i++) {
            keyColumns.add(source.index(columnCount));
        }
        source.requireEnd("The schema of " + name);
        return new TableSchema(oid, name, columns, keyColumns);
    }

    /** The schemas of an object, or of several that have the same, by number. Thread-safe. */
    public final class Schemas {
        private final List<ByteBuffer> encoded;
        private final TableSchema[] decoded;

        private Schemas(List<ByteBuffer> encoded, TableSchema[] decoded) {
            this.encoded = encoded;
            this.decoded = decoded;
        }

        public int size() {
            return decoded.length;
        }

        @SuppressWarnings("NullAway") // slots are empty until first asked for
        public TableSchema get(int number) {
            TableSchema schema = decoded[number];
            if (schema == null) {
                schema = decode(encoded.get(number));
                decoded[number] = schema;
            }
            return schema;
        }
    }
}
