package dev.reinstate.e2e.proof;

import dev.reinstate.e2e.proof.ProofTable.Column;
import dev.reinstate.e2e.proof.ProofTable.Reference;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;

/** Makes up statements over the rows that one connection sees; keys are written out, so that they can be read. */
final class StatementMaker {
    private static final int TENANTS = 8;

    private final Connection connection;
    private final Random random;
    private final ProofSchema schema;

    StatementMaker(Connection connection, Random random, ProofSchema schema) {
        this.connection = connection;
        this.random = random;
        this.schema = schema;
    }

    /** Statements that belong together: more than one wants a transaction. None when nothing fits. */
    List<String> next() throws SQLException {
        ProofTable table = schema.tables().get(random.nextInt(schema.tables().size()));
        if (table == schema.tenant() && random.nextInt(3) > 0) {
            table = schema.tables().get(random.nextInt(schema.tables().size()));
        }
        int dice = random.nextInt(100);
        if (dice < 30 || table.isKeyless()) {
            return dice % 6 == 0 ? copy(table) : inserts(table);
        } else if (dice < 48) {
            return update(table, assignment(table));
        } else if (dice < 52) {
            String column = ProofTable.quote(table.payload.getFirst().name());
            return update(table, column + " = " + column);
        } else if (dice < 66) {
            return move(table);
        } else if (dice < 72) {
            return rekey(table);
        } else if (dice < 75) {
            return unlink(table);
        } else if (dice < 89) {
            return delete(table);
        } else if (dice < 90) {
            return truncate(table);
        } else if (dice < 92) {
            String part = "left(md5(" + ProofTable.quote(table.key.getFirst()) + "::text), 1) = '"
                    + Integer.toHexString(random.nextInt(16)) + "'";
            return List.of(
                    random.nextBoolean()
                            ? "UPDATE " + table.sql() + " SET " + assignment(table)
                            : "DELETE FROM " + table.sql() + " WHERE " + part);
        } else if (dice < 96) {
            return reborn(table);
        }
        return childFirst(table);
    }

    /** One row of that table, if there is a row that it could hang on. */
    List<String> inserts(ProofTable table) throws SQLException {
        return insert(table).map(List::of).orElse(List.of());
    }

    String tenantInsert(int number) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("id", schema.tenant().kindOf("id").key(number));
        schema.tenant().payload.forEach(c -> row.put(c.name(), c.kind().value(random)));
        return insertSql(schema.tenant(), row);
    }

    private Optional<String> insert(ProofTable table) throws SQLException {
        Optional<Map<String, String>> row = row(table);
        String conflict = !table.isKeyless() && random.nextInt(10) < 8 ? " ON CONFLICT DO NOTHING" : "";
        return row.map(values -> insertSql(table, values) + conflict);
    }

    private static String insertSql(ProofTable table, Map<String, String> row) {
        String values = String.join(", ", row.values());
        String into = "INSERT INTO " + table.sql() + " (" + ProofTable.quoteAll(List.copyOf(row.keySet())) + ") ";
        if (!(table.belonging instanceof Belonging.Type type)) {
            return into + "VALUES (" + values + ")";
        }
        Optional<String> parent = named(type, row);
        boolean isRoot = named(type.without(table), row).isPresent();
        return isRoot || !table.isTree()
                ? into + parent.map(named -> "SELECT " + values + named).orElse("VALUES (" + values + ")")
                : into + "SELECT " + values
                        + parent.map(named ->
                                        named.replace(" FOR KEY", " AND " + unnamed(table, type, row) + " FOR KEY"))
                                .orElse(" WHERE " + unnamed(table, type, row));
    }

    /** No row of the tree names it already: trees have no circles, and nothing that was left behind becomes nobody's. */
    private static String unnamed(ProofTable tree, Belonging.Type type, Map<String, String> row) {
        return "NOT EXISTS (SELECT FROM " + tree.sql() + " c WHERE c." + ProofTable.quote(type.typeColumn()) + " = "
                + Kind.quoted(type.textOf(tree).orElseThrow()) + " AND c." + ProofTable.quote(type.idColumn()) + " = "
                + row.get(tree.key.getFirst()) + "::text)";
    }

    /** The row that a type and a key name, held until the commit: no foreign key does that. */
    private static Optional<String> named(Belonging.Type type, Map<String, String> row) {
        return type.parents().entrySet().stream()
                .filter(e -> Kind.quoted(e.getKey()).equals(row.get(type.typeColumn())))
                .findFirst()
                .map(Map.Entry::getValue)
                .map(parent -> " FROM " + parent.sql() + " p WHERE p." + ProofTable.quote(parent.key.getFirst())
                        + "::text = " + row.get(type.idColumn()) + " FOR KEY SHARE OF p");
    }

    /** A row to insert; empty when there is no row it could hang on. */
    private Optional<Map<String, String>> row(ProofTable table) throws SQLException {
        Map<String, String> row = new LinkedHashMap<>();
        for (Reference reference : table.references) {
            Optional<List<String>> target = target(reference);
            if (target.isEmpty() && !reference.optional()) {
                return Optional.empty();
            }
            for (int i = 0; i < reference.columns().size(); i++) {
                row.put(
                        reference.columns().get(i),
                        target.isEmpty() ? "NULL" : target.get().get(i));
            }
        }
        if (table.belonging instanceof Belonging.Type type) {
            row.putAll(typed(type));
        }
        for (Column column : table.columns) {
            if (!row.containsKey(column.name()) && !column.definition().contains("GENERATED")) {
                row.put(column.name(), fresh(table, column));
            }
        }
        table.payload.forEach(column -> row.put(column.name(), column.kind().value(random)));
        return Optional.of(row);
    }

    private String fresh(ProofTable table, Column column) {
        int keys = table == schema.tenant() ? TENANTS : column.name().equals("no") ? 6 : Kind.KEYS;
        return column.kind().key(random.nextInt(keys));
    }

    private Optional<List<String>> target(Reference reference) throws SQLException {
        if (reference.optional() && random.nextInt(3) == 0) {
            return Optional.empty();
        }
        if (reference.constraint().isEmpty() && random.nextInt(15) == 0) {
            return Optional.of(List.of(schema.tenant().kindOf("id").key(TENANTS + 1))); // nobody's row says so
        }
        return pick(reference.target(), reference.targetColumns());
    }

    private Map<String, String> typed(Belonging.Type type) throws SQLException {
        List<Map.Entry<String, ProofTable>> types = List.copyOf(type.parents().entrySet());
        Map.Entry<String, ProofTable> chosen = types.get(random.nextInt(types.size()));
        String text = chosen.getKey();
        ProofTable parent = chosen.getValue();
        Optional<List<String>> key = pick(parent, parent.key);
        boolean elsewhere = key.isEmpty() || random.nextInt(20) == 0;
        return Map.of(
                type.typeColumn(), elsewhere ? "'Nothing'" : Kind.quoted(text),
                type.idColumn(), elsewhere ? "'1'" : key.get().getFirst());
    }

    /** Any row, told by those columns as literals. */
    private Optional<List<String>> pick(ProofTable table, List<String> columns) throws SQLException {
        List<String> literals = columns.stream()
                .map(c -> "quote_nullable(" + ProofTable.quote(c) + "::text)")
                .toList();
        String sql = "SELECT " + String.join(", ", literals) + " FROM " + table.sql() + " ORDER BY md5(concat("
                + ProofTable.quoteAll(columns) + ", " + random.nextInt(1_000_000) + ")) LIMIT 1";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                return Optional.empty();
            }
            List<String> values = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                values.add(rows.getString(i));
            }
            return Optional.of(values);
        }
    }

    private String assignment(ProofTable table) {
        Column column = table.payload.get(random.nextInt(table.payload.size()));
        return ProofTable.quote(column.name()) + " = " + column.kind().value(random);
    }

    private List<String> update(ProofTable table, String assignments) throws SQLException {
        return where(table)
                .map(where -> List.of("UPDATE " + table.sql() + " SET " + assignments + where))
                .orElse(List.of());
    }

    /** Two updates of one row, of columns that mean nothing; none where nothing fits. */
    List<String> updatesOfOneRow() throws SQLException {
        ProofTable table = schema.tables().get(random.nextInt(schema.tables().size()));
        if (table.isKeyless()) {
            return List.of();
        }
        Optional<String> where = where(table);
        return where.isEmpty()
                ? List.of()
                : List.of(
                        "UPDATE " + table.sql() + " SET " + assignment(table) + where.get(),
                        "UPDATE " + table.sql() + " SET " + assignment(table) + where.get());
    }

    private Optional<String> where(ProofTable table) throws SQLException {
        return pick(table, table.key).map(key -> where(table, key));
    }

    private static String where(ProofTable table, List<String> key) {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            conditions.add(ProofTable.quote(table.key.get(i)) + " = " + key.get(i));
        }
        return " WHERE " + String.join(" AND ", conditions);
    }

    /** To another parent, another tenant or another row that a type names; often along with a payload column. */
    private List<String> move(ProofTable table) throws SQLException {
        Map<String, String> row = new LinkedHashMap<>();
        String guard = "";
        if (table.belonging instanceof Belonging.Type type) {
            // within a tree it might hang below itself then
            row.putAll(typed(type.without(table)));
            Optional<String> named = named(type, row);
            if (named.isEmpty()) {
                return List.of();
            }
            guard = " AND EXISTS (SELECT" + named.get() + ")";
        } else if (table.references.isEmpty()) {
            return List.of();
        } else {
            Reference reference = table.references.get(random.nextInt(table.references.size()));
            Optional<List<String>> target = pick(reference.target(), reference.targetColumns());
            for (int i = 0; target.isPresent() && i < reference.columns().size(); i++) {
                row.put(reference.columns().get(i), target.get().get(i));
            }
        }
        String sets = row.entrySet().stream()
                .map(e -> ProofTable.quote(e.getKey()) + " = " + e.getValue())
                .collect(Collectors.joining(", "));
        return sets.isEmpty() || (table.keepsKeys && row.keySet().stream().anyMatch(table.key::contains))
                ? List.of()
                : guarded(update(table, random.nextInt(3) == 0 ? sets + ", " + assignment(table) : sets), guard);
    }

    private static List<String> guarded(List<String> statements, String guard) {
        return statements.stream().map(statement -> statement + guard).toList();
    }

    private List<String> rekey(ProofTable table) throws SQLException {
        if (table.keepsKeys) {
            return List.of();
        }
        String last = table.key.getLast();
        Column column = table.columns.stream()
                .filter(c -> c.name().equals(last))
                .findFirst()
                .orElseThrow();
        boolean linked = table.references.stream().anyMatch(r -> r.columns().contains(last));
        return linked ? move(table) : update(table, ProofTable.quote(last) + " = " + fresh(table, column));
    }

    private List<String> unlink(ProofTable table) throws SQLException {
        List<Reference> optional =
                table.references.stream().filter(Reference::optional).toList();
        if (optional.isEmpty()) {
            return List.of();
        }
        Reference reference = optional.get(random.nextInt(optional.size()));
        return update(
                table,
                reference.columns().stream()
                        .map(c -> ProofTable.quote(c) + " = NULL")
                        .collect(Collectors.joining(", ")));
    }

    private List<String> delete(ProofTable table) throws SQLException {
        boolean spared = table == schema.tenant() && random.nextInt(3) > 0;
        return spared
                ? List.of()
                : where(table)
                        .map(where -> List.of("DELETE FROM " + table.sql() + where))
                        .orElse(List.of());
    }

    /** Not where rows without a foreign key would be left behind. */
    private List<String> truncate(ProofTable table) {
        return table == schema.tenant() || table.keepsKeys || table.name.name().startsWith("country")
                ? List.of()
                : List.of("TRUNCATE " + table.sql() + " CASCADE");
    }

    /** The same key, deleted and used again for another row. */
    private List<String> reborn(ProofTable table) throws SQLException {
        Optional<List<String>> key = pick(table, table.key);
        Optional<Map<String, String>> row = row(table);
        if (key.isEmpty() || row.isEmpty() || table == schema.tenant()) {
            return List.of();
        }
        for (int i = 0; i < table.key.size(); i++) {
            row.get().put(table.key.get(i), key.get().get(i));
        }
        return List.of("DELETE FROM " + table.sql() + where(table, key.get()), insertSql(table, row.get()));
    }

    /** A row before the one it hangs on, where that is not checked before the commit. */
    private List<String> childFirst(ProofTable child) throws SQLException {
        Optional<Reference> deferrable = child.references.stream()
                .filter(r -> r.constraint().contains("DEFERRABLE") && r.target() != child && !r.optional())
                .findFirst();
        if (deferrable.isEmpty()) {
            return List.of();
        }
        Reference reference = deferrable.get();
        Optional<Map<String, String>> parentRow = row(reference.target());
        Optional<Map<String, String>> childRow = row(child);
        if (parentRow.isEmpty() || childRow.isEmpty()) {
            return List.of();
        }
        for (int i = 0; i < reference.columns().size(); i++) {
            childRow.get()
                    .put(
                            reference.columns().get(i),
                            parentRow.get().get(reference.targetColumns().get(i)));
        }
        return List.of(
                "SET CONSTRAINTS ALL DEFERRED",
                insertSql(child, childRow.get()) + " ON CONFLICT DO NOTHING",
                insertSql(reference.target(), parentRow.get()) + " ON CONFLICT DO NOTHING");
    }

    /** Many rows at once, with keys of their own. */
    private List<String> copy(ProofTable table) throws SQLException {
        if (table.belonging instanceof Belonging.Type) {
            return List.of();
        }
        StringBuilder lines = new StringBuilder();
        List<String> columns = List.of();
        for (int i = 2 + random.nextInt(6); i > 0; i--) {
            Optional<Map<String, String>> row = row(table);
            if (row.isEmpty() || table == schema.tenant()) {
                return List.of();
            }
            columns = List.copyOf(row.get().keySet());
            lines.append(row.get().entrySet().stream()
                            .map(e -> copied(table, e.getKey(), e.getValue()))
                            .collect(Collectors.joining("\t")))
                    .append('\n');
        }
        return List.of("COPY " + table.sql() + " (" + ProofTable.quoteAll(columns) + ") FROM STDIN\n" + lines);
    }

    private String copied(ProofTable table, String column, String literal) {
        boolean own = table.key.contains(column)
                && table.references.stream().noneMatch(r -> r.columns().contains(column));
        String value =
                own && random.nextInt(4) > 0 ? table.kindOf(column).key(1000 + random.nextInt(1_000_000)) : literal;
        if (value.equals("NULL") || !value.startsWith("'")) {
            return "\\N";
        }
        return value.substring(1, value.length() - 1)
                .replace("''", "'")
                .replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\t", "\\t");
    }
}
