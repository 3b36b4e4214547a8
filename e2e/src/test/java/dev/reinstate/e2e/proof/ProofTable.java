package dev.reinstate.e2e.proof;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A made-up table. Built once by {@link SchemaGenerator}; its name and its payload columns follow the DDL that was committed. */
final class ProofTable {
    /** A column with the rest of its definition. */
    record Column(String name, Kind kind, String definition) {}

    /**
     * A foreign key, or the lack of one where {@code constraint} is empty.
     *
     * @param optional whether its columns may be NULL
     */
    record Reference(
            List<String> columns, ProofTable target, List<String> targetColumns, String constraint, boolean optional) {}

    /** Its name now. */
    TableName name;

    private final TableName firstName;
    final List<Column> columns = new ArrayList<>();
    final List<String> key = new ArrayList<>();
    final List<Reference> references = new ArrayList<>();
    /** Columns that mean nothing; DDL changes them. */
    final List<Column> payload = new ArrayList<>();
    /** What follows the closing parenthesis, and statements after the table's own. */
    String partitioning = "";

    final List<String> afterwards = new ArrayList<>();
    private final List<String> made = new ArrayList<>();
    private final List<Column> madeWith = new ArrayList<>();
    private final List<Column> leftOut = new ArrayList<>();
    final List<String> uniques = new ArrayList<>();
    Belonging belonging = new Belonging.Shared();
    /** Whether a row that loses its parent stays; it then has a column {@code tag}, by which the ledger knows it. */
    boolean outlivesParent;
    /** Whether rows name it without a foreign key, so that a key that changed would leave them behind. */
    boolean keepsKeys;
    /** Whether DDL of the history makes it, so that it is not there at first. */
    boolean isLater;

    ProofTable(TableName name) {
        this.name = name;
        this.firstName = name;
    }

    /** The name as SQL. */
    String sql() {
        return quote(name.schema()) + "." + quote(name.name());
    }

    static String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    static String quoteAll(List<String> names) {
        return names.stream().map(ProofTable::quote).collect(Collectors.joining(", "));
    }

    boolean isKeyless() {
        return key.isEmpty();
    }

    Kind kindOf(String column) {
        return columns.stream()
                .filter(c -> c.name().equals(column))
                .findFirst()
                .orElseThrow()
                .kind();
    }

    /** Every statement that makes it, as it was at first. */
    List<String> ddl() {
        if (made.isEmpty()) {
            made.addAll(statements());
            madeWith.addAll(payload);
        }
        return made;
    }

    /** Forgets what DDL did to it since {@link #ddl} was first asked for. */
    void reset() {
        if (!made.isEmpty()) {
            name = firstName;
            payload.clear();
            payload.addAll(madeWith);
            payload.removeAll(leftOut);
        }
    }

    /** Columns it was made with that mean nothing, and that nothing else of it is made of. */
    List<Column> removable() {
        return madeWith.stream()
                .filter(column -> columns.stream().noneMatch(c -> c.definition().contains(quote(column.name()))))
                .toList();
    }

    /** It is made without that column. */
    void leaveOut(Column column) {
        leftOut.add(column);
        makeAgain();
    }

    /** It is made with that column after all. */
    void putBack(Column column) {
        leftOut.remove(column);
        makeAgain();
    }

    private void makeAgain() {
        reset();
        payload.removeAll(leftOut);
        made.clear();
        statements().stream()
                .filter(statement -> statement.startsWith("CREATE TABLE")
                        || leftOut.stream().noneMatch(column -> statement.contains(quote(column.name()))))
                .forEach(made::add);
    }

    /** The name it takes when it is renamed, and gives up when it is renamed again. */
    TableName otherName() {
        TableName second = new TableName(firstName.schema(), firstName.name() + " II");
        return name.equals(firstName) ? second : firstName;
    }

    /** Whether a statement names it by a name it ever has. */
    boolean isNamedIn(String sql) {
        return sql.contains(sql())
                || sql.contains(
                        quote(otherName().schema()) + "." + quote(otherName().name()));
    }

    /** Every statement that makes it as it is now. */
    List<String> statements() {
        List<String> lines = new ArrayList<>();
        columns.forEach(c -> lines.add(quote(c.name()) + " " + c.kind().type() + c.definition()));
        payload.forEach(c -> lines.add(quote(c.name()) + " " + c.kind().type() + c.definition()));
        if (!isKeyless()) {
            lines.add("PRIMARY KEY (" + quoteAll(key) + ")");
        }
        uniques.forEach(column -> lines.add("UNIQUE (" + quote(column) + ")"));
        references.stream()
                .filter(r -> !r.constraint().isEmpty())
                .forEach(r -> lines.add("FOREIGN KEY (" + quoteAll(r.columns()) + ") REFERENCES "
                        + r.target().sql() + " (" + quoteAll(r.targetColumns()) + ") " + r.constraint()));
        List<String> statements = new ArrayList<>();
        statements.add("CREATE TABLE " + sql() + " (\n    " + String.join(",\n    ", lines) + ")" + partitioning);
        statements.addAll(afterwards);
        return statements;
    }

    /** An expression over {@code alias}: the id of the tenant whose row it is, or NULL. */
    String ownerSql(String alias) {
        return ownerSql(alias, true);
    }

    /**
     * The same.
     *
     * @param remembered whether rows that lost their parent are whose they were, by the ledger
     */
    String ownerSql(String alias, boolean remembered) {
        return switch (belonging) {
            case Belonging.Tenant tenant -> alias + "." + quote(key.getFirst()) + "::text";
            case Belonging.Column column -> alias + "." + quote(column.column()) + "::text";
            case Belonging.Path path -> kept(alias, pathSql(alias, path, remembered), remembered);
            case Belonging.Several several -> kept(alias, severalSql(alias, several, remembered), remembered);
            case Belonging.Type type -> kept(alias, named(alias, type, remembered), remembered);
            case Belonging.Schema schema -> Kind.quoted(schema.tenant());
            case Belonging.Shared shared -> "'" + Truth.SHARED + "'";
        };
    }

    private String kept(String alias, String owner, boolean remembered) {
        return outlivesParent && remembered
                ? "coalesce(" + owner + ", " + OwnerLedger.lookup(this, alias) + ")"
                : owner;
    }

    /** The owner as the row's own link tells it, without what the ledger remembers of the row. */
    String linkedOwnerSql(String alias) {
        return switch (belonging) {
            case Belonging.Path path -> pathSql(alias, path, true);
            case Belonging.Several several -> severalSql(alias, several, true);
            case Belonging.Type type -> named(alias, type, true);
            default -> ownerSql(alias);
        };
    }

    /** Whether rows may belong to others of the same table. */
    boolean isTree() {
        return belonging instanceof Belonging.Type type && type.textOf(this).isPresent();
    }

    /** In a tree it takes a function to go up from row to row. */
    private String named(String alias, Belonging.Type type, boolean remembered) {
        return isTree()
                ? OwnerLedger.treeFunction(this) + "(" + alias + "." + quote(type.typeColumn()) + ", " + alias + "."
                        + quote(type.idColumn()) + ", " + remembered + ")"
                : typeSql(alias, type, remembered);
    }

    /** Statements that make that function. */
    List<String> treeDdl() {
        if (!(belonging instanceof Belonging.Type type) || !isTree()) {
            return List.of();
        }
        String function = OwnerLedger.treeFunction(this);
        String self = Kind.quoted(type.textOf(this).orElseThrow());
        return List.of("CREATE FUNCTION " + function
                + "(of_type text, of_id text, remembered boolean) RETURNS text LANGUAGE plpgsql STABLE AS $$\nDECLARE\n"
                + "    up " + sql() + ";\n    owner text;\nBEGIN\n    IF of_type IS DISTINCT FROM " + self
                + " THEN\n        RETURN (SELECT "
                + typeSql(
                        "n",
                        new Belonging.Type(
                                "of_type", "of_id", type.without(this).parents()),
                        true)
                + " FROM (SELECT of_type, of_id) n);\n    END IF;\n"
                + "    SELECT * INTO up FROM " + sql() + " r WHERE r." + quote(key.getFirst()) + "::text = of_id;\n"
                + "    owner := " + function + "(up." + quote(type.typeColumn()) + ", up." + quote(type.idColumn())
                + ", remembered);\n"
                + "    RETURN coalesce(owner, CASE WHEN remembered THEN " + OwnerLedger.lookup(this, "up")
                + " END);\nEND $$");
    }

    private static String pathSql(String alias, Belonging.Path path, boolean remembered) {
        String parent = alias + "p";
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < path.columns().size(); i++) {
            conditions.add(parent + "." + quote(path.parentColumns().get(i)) + " = " + alias + "."
                    + quote(path.columns().get(i)));
        }
        return "(SELECT " + path.parent().ownerSql(parent, remembered) + " FROM "
                + path.parent().sql() + " " + parent + " WHERE " + String.join(" AND ", conditions) + ")";
    }

    private static String severalSql(String alias, Belonging.Several several, boolean remembered) {
        return several.paths().stream()
                .map(path -> " WHEN "
                        + path.columns().stream()
                                .map(column -> alias + "." + quote(column) + " IS NOT NULL")
                                .collect(Collectors.joining(" AND "))
                        + " THEN " + pathSql(alias, path, remembered))
                .collect(Collectors.joining("", "CASE", " END"));
    }

    private static String typeSql(String alias, Belonging.Type type, boolean remembered) {
        StringBuilder sql = new StringBuilder("CASE " + alias + "." + quote(type.typeColumn()));
        type.parents().forEach((text, parent) -> {
            String row = alias + "p";
            sql.append(" WHEN ").append(Kind.quoted(text)).append(" THEN (SELECT ");
            sql.append(parent.ownerSql(row, remembered)).append(" FROM ").append(parent.sql());
            sql.append(" ").append(row).append(" WHERE ").append(row).append(".");
            sql.append(quote(parent.key.getFirst()))
                    .append("::text = ")
                    .append(alias)
                    .append(".");
            sql.append(quote(type.idColumn())).append("::text)");
        });
        return sql + " END";
    }

    /** What reinstate.yaml would say of it. */
    TableRule rule() {
        return switch (belonging) {
            case Belonging.Tenant tenant -> new TableRule.TenantTable(key.getFirst());
            case Belonging.Column column -> new TableRule.ByColumn(column.column());
            case Belonging.Path path -> rule(path);
            case Belonging.Several several ->
                new TableRule.ByPaths(
                        several.paths().stream().map(ProofTable::rule).toList());
            case Belonging.Type type -> {
                SortedMap<String, TableName> parents = new TreeMap<>();
                type.parents().forEach((text, parent) -> parents.put(text, parent.name));
                yield new TableRule.ByType(type.typeColumn(), type.idColumn(), parents);
            }
            case Belonging.Schema schema -> new TableRule.BySchema();
            case Belonging.Shared shared -> new TableRule.Shared();
        };
    }

    private static TableRule.ByPath rule(Belonging.Path path) {
        return new TableRule.ByPath(
                path.columns(), path.parent().name, path.toKey() ? List.of() : path.parentColumns());
    }
}
