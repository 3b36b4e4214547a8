package dev.reinstate.e2e.proof;

import dev.reinstate.e2e.proof.ProofTable.Column;
import java.util.List;
import java.util.Random;

/** Makes up changes of a schema that the log does not repeat: columns added with and without a default, and dropped. */
final class SchemaChanges {
    private static final String[] DEFAULTS = {"", " DEFAULT 7", " NOT NULL DEFAULT 0"};

    private final Random random;
    private final ProofSchema schema;
    private int number;

    SchemaChanges(Random random, ProofSchema schema) {
        this.random = random;
        this.schema = schema;
    }

    /** A statement, and what is to be remembered when it was carried out. */
    record SchemaChange(String sql, Runnable afterwards) {}

    SchemaChange next() {
        ProofTable table = schema.tables().get(random.nextInt(schema.tables().size()));
        List<Column> payload = table.payload;
        // the first may be what a generated column is made of
        if (payload.size() > 1 && random.nextInt(3) == 0) {
            Column column = payload.getLast();
            return new SchemaChange(
                    "ALTER TABLE " + table.sql() + " DROP COLUMN " + ProofTable.quote(column.name()),
                    () -> payload.remove(column));
        }
        Column column = new Column("new " + ++number, Kind.INT, DEFAULTS[random.nextInt(DEFAULTS.length)]);
        return new SchemaChange(
                "ALTER TABLE " + table.sql() + " ADD COLUMN " + ProofTable.quote(column.name()) + " integer"
                        + column.definition(),
                () -> payload.add(column));
    }
}
