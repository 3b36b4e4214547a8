package dev.reinstate.e2e.proof;

import dev.reinstate.model.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Remembers, by triggers, whose a row was when it lost its parent. A row whose link was set to NULL stays with the
 * tenant it had, of which the row itself then tells nothing: the oracle could not know. Nothing of Reinstate reads it.
 */
final class OwnerLedger {
    static final String SCHEMA = "proof_ledger";

    private OwnerLedger() {}

    /** The name of the function that tells whose the row is that a type and a key name. */
    static String treeFunction(ProofTable tree) {
        return SCHEMA + "." + ProofTable.quote("owner in " + tree.name.name());
    }

    static String lookup(ProofTable table, String alias) {
        return "(SELECT l.owner FROM " + SCHEMA + ".kept l WHERE l.of = " + Kind.quoted(table.name.toString())
                + " AND l.tag = " + alias + ".tag)";
    }

    /** A table in which nothing but its being written matters. */
    static List<String> markerDdl() {
        return List.of(
                "CREATE SCHEMA " + SCHEMA,
                "CREATE TABLE " + SCHEMA + ".marker (id integer PRIMARY KEY, n bigint)",
                "INSERT INTO " + SCHEMA + ".marker VALUES (1, 0)");
    }

    /** Commits something that is captured; a position behind it and everything before. */
    static Lsn mark(Connection connection) throws SQLException {
        Sql.run(connection, "UPDATE " + SCHEMA + ".marker SET n = n + 1");
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT pg_current_wal_insert_lsn()")) {
            rows.next();
            return Lsn.parse(rows.getString(1)).previous();
        }
    }

    static List<String> ddl(List<ProofTable> tables) {
        List<String> statements = new ArrayList<>(markerDdl());
        statements.add("CREATE TABLE " + SCHEMA + ".kept (of text, tag bigint, owner text, PRIMARY KEY (of, tag))");
        tables.forEach(table -> statements.addAll(table.treeDdl()));
        int number = 0;
        for (ProofTable child : tables) {
            if (child.outlivesParent) {
                trigger(statements, "remember_" + number++, "UPDATE", child, child);
                for (ProofTable ancestor : tables) {
                    if (below(child, "c", ancestor).isPresent()) {
                        trigger(statements, "remember_" + number++, "DELETE", ancestor, child);
                    }
                }
            }
        }
        return statements;
    }

    /** Before a row of {@code on} goes, or changes, it is written down whose the rows of {@code child} below it are. */
    private static void trigger(
            List<String> statements, String function, String event, ProofTable on, ProofTable child) {
        String rows = event.equals("UPDATE")
                ? "c.tag = OLD.tag"
                : below(child, "c", on).orElseThrow();
        statements.add("CREATE FUNCTION " + SCHEMA + "." + function
                + "() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
                + "    INSERT INTO " + SCHEMA + ".kept SELECT " + Kind.quoted(child.name.toString())
                + ", c.tag, c.owner FROM (SELECT c.tag, " + child.linkedOwnerSql("c") + " AS owner FROM " + child.sql()
                + " c WHERE " + rows
                + ") c WHERE c.owner IS NOT NULL ON CONFLICT (of, tag) DO UPDATE SET owner = EXCLUDED.owner;\n"
                + "    RETURN " + (event.equals("UPDATE") ? "NEW" : "OLD") + ";\nEND $$");
        statements.add("CREATE TRIGGER " + function + " BEFORE " + event + " ON " + on.sql()
                + " FOR EACH ROW EXECUTE FUNCTION " + SCHEMA + "." + function + "()");
    }

    /** The condition under which the row of {@code table} leads to the old row of {@code ancestor}. */
    private static Optional<String> below(ProofTable table, String alias, ProofTable ancestor) {
        return switch (table.belonging) {
            case Belonging.Path path -> belowPath(path, alias, ancestor, "");
            case Belonging.Several several -> {
                List<String> ways = several.paths().stream()
                        .flatMap(path -> belowPath(path, alias, ancestor, several.isFirst(path, alias)).stream())
                        .toList();
                yield ways.isEmpty() ? Optional.empty() : Optional.of("(" + String.join(" OR ", ways) + ")");
            }
            case Belonging.Type type -> {
                List<String> ways = new ArrayList<>();
                type.without(table)
                        .parents()
                        .forEach((text, parent) -> belowParent(
                                        parent, alias, ancestor, row -> named(type, text, alias, row, parent))
                                .ifPresent(ways::add));
                // what hangs deeper in a tree follows what it hangs on
                type.textOf(table)
                        .filter(text -> table == ancestor)
                        .ifPresent(text -> ways.add(named(type, text, alias, "OLD", table)));
                yield ways.isEmpty() ? Optional.empty() : Optional.of("(" + String.join(" OR ", ways) + ")");
            }
            default -> Optional.empty();
        };
    }

    private static Optional<String> belowPath(
            Belonging.Path path, String alias, ProofTable ancestor, String condition) {
        return belowParent(
                path.parent(),
                alias,
                ancestor,
                parent -> condition + joined(alias, path.columns(), parent, path.parentColumns(), ""));
    }

    private static String named(Belonging.Type type, String text, String alias, String row, ProofTable parent) {
        return alias + "." + ProofTable.quote(type.typeColumn()) + " = " + Kind.quoted(text) + " AND "
                + joined(alias, List.of(type.idColumn()), row, parent.key, "::text");
    }

    private static Optional<String> belowParent(
            ProofTable parent, String alias, ProofTable ancestor, java.util.function.UnaryOperator<String> join) {
        if (parent == ancestor) {
            return Optional.of(join.apply("OLD"));
        }
        String row = alias + "p";
        return below(parent, row, ancestor)
                .map(rest -> "EXISTS (SELECT FROM " + parent.sql() + " " + row + " WHERE " + join.apply(row) + " AND "
                        + rest + ")");
    }

    private static String joined(
            String alias, List<String> columns, String parent, List<String> parentColumns, String cast) {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            conditions.add(alias + "." + ProofTable.quote(columns.get(i)) + cast + " = " + parent + "."
                    + ProofTable.quote(parentColumns.get(i)) + cast);
        }
        return String.join(" AND ", conditions);
    }
}
