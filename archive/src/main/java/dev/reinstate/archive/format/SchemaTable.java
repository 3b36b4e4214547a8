package dev.reinstate.archive.format;

import dev.reinstate.model.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers the schemas that records refer to, in order of first use. Not thread-safe. */
public final class SchemaTable {
    /** Bounds what is kept of sources that are done with. */
    private static final int MOST_SEEN = 1 << 14;

    private final List<TableSchema> schemas = new ArrayList<>();
    private final Map<TableSchema, Integer> numbers = new HashMap<>();
    /** Of schemas that came as those very objects, as all of one source do: this spares hashing all columns. */
    private final IdentityHashMap<TableSchema, Integer> seen = new IdentityHashMap<>();

    private @Nullable TableSchema last;
    private int lastNumber;

    @SuppressWarnings("ReferenceEquality") // only a short cut; equal schemas get equal numbers
    public int numberOf(TableSchema schema) {
        if (schema == last) {
            return lastNumber;
        }
        Integer known = seen.get(schema);
        if (known == null) {
            known = intern(schema);
            if (seen.size() == MOST_SEEN) {
                seen.clear();
            }
            seen.put(schema, known);
        }
        last = schema;
        lastNumber = known;
        return known;
    }

    private int intern(TableSchema schema) {
        Integer known = numbers.get(schema);
        if (known == null) {
            known = schemas.size();
            schemas.add(schema);
            numbers.put(schema, known);
        }
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
