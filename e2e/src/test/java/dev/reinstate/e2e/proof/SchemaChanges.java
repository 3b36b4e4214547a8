package dev.reinstate.e2e.proof;

import dev.reinstate.e2e.proof.ProofTable.Column;
import dev.reinstate.model.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/** Makes up changes of a schema that the log does not repeat. */
final class SchemaChanges {
    private static final String[] CONSTANTS = {" DEFAULT 7", " NOT NULL DEFAULT 0"};
    private static final int RANGE = 250_000;

    private final Random random;
    private final ProofSchema schema;
    private int number;

    SchemaChanges(Random random, ProofSchema schema) {
        this.random = random;
        this.schema = schema;
    }

    /** What there is of changes; all of them come up over a few seeds. */
    enum Kind {
        COLUMN_ADDED,
        COLUMN_WITH_CONSTANT,
        COLUMN_WITH_VOLATILE,
        COLUMN_DROPPED,
        COLUMN_RENAMED,
        TYPE_REWRITTEN,
        TYPE_RELABELLED,
        TABLE_RENAMED,
        TABLE_MADE_AGAIN,
        TABLE_ADDED,
        PARTITION_ADDED,
        PARTITION_ATTACHED,
        PARTITION_DETACHED
    }

    /**
     * Statements, and what is to be remembered when the last was carried out.
     *
     * @param keepsNames whether statements made before it fit afterwards
     */
    record SchemaChange(Kind kind, List<String> statements, boolean keepsNames, Consumer<ProofSchema> afterwards) {}

    /** Empty when the schema has nothing that the change could be about. */
    Optional<SchemaChange> next() {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        return switch (kind) {
            case COLUMN_ADDED -> Optional.of(add(kind, ""));
            case COLUMN_WITH_CONSTANT -> Optional.of(add(kind, CONSTANTS[random.nextInt(CONSTANTS.length)]));
            case COLUMN_WITH_VOLATILE -> Optional.of(add(kind, " DEFAULT (random() * 1000)::integer"));
            case COLUMN_DROPPED, COLUMN_RENAMED, TYPE_REWRITTEN, TYPE_RELABELLED -> alter(kind);
            case TABLE_RENAMED, TABLE_MADE_AGAIN -> leaf(kind);
            case TABLE_ADDED -> Optional.of(table(kind));
            case PARTITION_ADDED, PARTITION_ATTACHED, PARTITION_DETACHED -> partition(kind);
        };
    }

    private ProofTable any(List<ProofTable> tables) {
        return tables.get(random.nextInt(tables.size()));
    }

    private SchemaChange add(Kind kind, String definition) {
        ProofTable table = any(schema.tables());
        Column column = new Column("new " + ++number, dev.reinstate.e2e.proof.Kind.INT, definition);
        return new SchemaChange(
                kind,
                List.of("ALTER TABLE " + table.sql() + " ADD COLUMN " + ProofTable.quote(column.name()) + " integer"
                        + definition),
                true,
                schema -> table.payload.add(column));
    }

    /** Of the last column that means nothing; the first may be what a generated column is made of. */
    private Optional<SchemaChange> alter(Kind kind) {
        ProofTable table = any(schema.tables());
        if (table.payload.size() < 2) {
            return Optional.empty();
        }
        Column column = table.payload.getLast();
        String name = ProofTable.quote(column.name());
        boolean isNumber = column.kind() == dev.reinstate.e2e.proof.Kind.INT;
        String change;
        Optional<Column> becomes;
        switch (kind) {
            case COLUMN_DROPPED -> {
                change = " DROP COLUMN " + name;
                becomes = Optional.empty();
            }
            case COLUMN_RENAMED -> {
                Column renamed = new Column("ren " + ++number, column.kind(), column.definition());
                change = " RENAME COLUMN " + name + " TO " + ProofTable.quote(renamed.name());
                becomes = Optional.of(renamed);
            }
            case TYPE_REWRITTEN -> {
                change = isNumber
                        ? " ALTER COLUMN " + name + " DROP DEFAULT, ALTER COLUMN " + name + " TYPE text USING 'n' || "
                                + name
                        : " ALTER COLUMN " + name + " TYPE integer USING length(" + name + "::text)";
                becomes = Optional.of(new Column(
                        column.name(),
                        isNumber ? dev.reinstate.e2e.proof.Kind.PROSE : dev.reinstate.e2e.proof.Kind.INT,
                        column.definition().contains("NOT NULL") ? " NOT NULL" : ""));
            }
            default -> {
                if (column.kind() != dev.reinstate.e2e.proof.Kind.PROSE) {
                    return Optional.empty();
                }
                change = " ALTER COLUMN " + name + " TYPE " + (random.nextBoolean() ? "text" : "character varying");
                becomes = Optional.of(column);
            }
        }
        return Optional.of(new SchemaChange(
                kind, List.of("ALTER TABLE " + table.sql() + change), kind == Kind.TYPE_RELABELLED, schema -> {
                    table.payload.remove(column);
                    becomes.ifPresent(table.payload::add);
                }));
    }

    /** Of a table that no other refers to. */
    private Optional<SchemaChange> leaf(Kind kind) {
        List<ProofTable> leaves = schema.tables().stream()
                .filter(table ->
                        schema.without(table).tables().size() == schema.tables().size() - 1)
                .filter(table -> !table.outlivesParent
                        && table != schema.tenant()
                        && !table.partitioning.startsWith(" PARTITION")
                        && !(table.belonging instanceof Belonging.Schema))
                .toList();
        if (leaves.isEmpty()) {
            return Optional.empty();
        }
        ProofTable table = any(leaves);
        if (kind == Kind.TABLE_MADE_AGAIN) {
            List<String> statements = new ArrayList<>(List.of("DROP TABLE " + table.sql()));
            statements.addAll(table.statements());
            return Optional.of(new SchemaChange(kind, statements, true, schema -> {}));
        }
        TableName other = table.otherName();
        return Optional.of(new SchemaChange(
                kind,
                List.of("ALTER TABLE " + table.sql() + " RENAME TO " + ProofTable.quote(other.name())),
                false,
                schema -> table.name = other));
    }

    /** A table whose rule is one for many. */
    private SchemaChange table(Kind kind) {
        ProofTable table = new ProofTable(new TableName("public", ProofSchema.PATTERN_PREFIX + ++number));
        table.isLater = true;
        Column tenant = new Column("of_tenant", schema.tenant().kindOf("id"), "");
        table.columns.add(new Column("id", dev.reinstate.e2e.proof.Kind.INT, ""));
        table.columns.add(tenant);
        table.key.add("id");
        table.payload.add(new Column("c1", dev.reinstate.e2e.proof.Kind.PROSE, ""));
        table.belonging = new Belonging.Column(tenant.name());
        table.references.add(
                new ProofTable.Reference(List.of(tenant.name()), schema.tenant(), List.of("id"), "", false));
        return new SchemaChange(
                kind, table.statements(), true, schema -> schema.tables().add(table));
    }

    private Optional<SchemaChange> partition(Kind kind) {
        Optional<ProofTable> found = schema.tables().stream()
                .filter(table -> table.partitioning.startsWith(" PARTITION BY RANGE"))
                .findFirst();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ProofTable table = found.get();
        int range = random.nextInt(4);
        String part = ProofTable.quote("event range " + range);
        String bounds = " FOR VALUES FROM (" + table.kindOf("id").key(1000 + range * RANGE) + ") TO ("
                + table.kindOf("id").key(1000 + (range + 1) * RANGE) + ")";
        return Optional.of(
                switch (kind) {
                    case PARTITION_ADDED ->
                        new SchemaChange(
                                kind,
                                List.of("CREATE TABLE " + part + " PARTITION OF " + table.sql() + bounds),
                                true,
                                schema -> {});
                    case PARTITION_ATTACHED -> new SchemaChange(kind, attach(table, range, bounds), true, schema -> {});
                    default ->
                        new SchemaChange(
                                kind,
                                List.of(
                                        "ALTER TABLE " + table.sql() + " DETACH PARTITION " + part,
                                        "DROP TABLE " + part),
                                true,
                                schema -> {});
                });
    }

    /** A table that is full of rows before it is a part of another. */
    private List<String> attach(ProofTable table, int range, String bounds) {
        String part = ProofTable.quote("event range " + range);
        String tenant = ((Belonging.Column) table.belonging).column();
        List<String> statements = new ArrayList<>(
                List.of("CREATE TABLE " + part + " (LIKE " + table.sql() + " INCLUDING GENERATED INCLUDING INDEXES)"));
        for (int i = 1; i <= 3; i++) {
            statements.add("INSERT INTO " + part + " (" + ProofTable.quoteAll(List.of("id", tenant)) + ") VALUES ("
                    + table.kindOf("id").key(1000 + range * RANGE + random.nextInt(RANGE)) + ", "
                    + schema.tenant().kindOf("id").key(i) + ")");
        }
        statements.add("ALTER TABLE " + table.sql() + " ATTACH PARTITION " + part + bounds);
        return statements;
    }
}
