package dev.reinstate.archive.format;

import dev.reinstate.model.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers the schemas that records refer to, in order of first use. Not thread-safe. */
public final class SchemaTable {
    private final List<TableSchema> schemas = new ArrayList<>();
    private final Map<TableSchema, Integer> numbers = new HashMap<>();
    private final Map<Integer, Integer> newestOfTable = new HashMap<>();
    private @Nullable TableSchema last;
    private int lastNumber;

    @SuppressWarnings("ReferenceEquality") // only a short cut; equal schemas get equal numbers
    public int numberOf(TableSchema schema) {
        if (schema == last) {
            return lastNumber;
        }
        // The newest shape of a table is nearly always meant: comparing references spares hashing all columns.
        Integer newest = newestOfTable.get(schema.oid());
        int number = newest != null && schemas.get(newest) == schema ? newest : intern(schema);
        last = schema;
        lastNumber = number;
        return number;
    }

    private int intern(TableSchema schema) {
        Integer known = numbers.get(schema);
        if (known == null) {
            known = schemas.size();
            schemas.add(schema);
            numbers.put(schema, known);
        }
        newestOfTable.put(schema.oid(), known);
        return known;
    }

    public TableSchema get(int number) {
        return schemas.get(number);
    }

    public int size() {
        return schemas.size();
    }

    public List<TableSchema> all() {
        return List.copyOf(schemas);
    }
}
