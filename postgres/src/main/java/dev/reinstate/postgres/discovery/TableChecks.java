package dev.reinstate.postgres.discovery;

import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Preflight.Finding;
import dev.reinstate.postgres.discovery.Preflight.Status;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Asks the server about privileges on many tables at once. */
final class TableChecks {
    private static final String FAILURE = "Cannot look at privileges on tables";
    private static final int NAMED = 5;

    private final ServerFacts facts;
    private final Connection connection;
    private final Collection<Table> tables;

    TableChecks(ServerFacts facts, Connection connection, Collection<Table> tables) {
        this.facts = facts;
        this.connection = connection;
        this.tables = List.copyOf(tables);
    }

    /** {@code table (and n more)} of those tables, for a person. */
    static String naming(Collection<Table> tables) {
        String some = tables.stream().limit(NAMED).map(t -> t.name().toString()).collect(Collectors.joining(", "));
        return tables.size() <= NAMED ? some : some + " and " + (tables.size() - NAMED) + " more";
    }

    static String quoted(Collection<Table> tables) {
        return tables.stream().map(t -> Sql.table(t.name())).collect(Collectors.joining(", "));
    }

    List<Table> where(Predicate<Table> condition) {
        return tables.stream().filter(condition).toList();
    }

    /** The tables for which an SQL condition over an {@code oid} holds. */
    List<Table> where(String condition) {
        String oids =
                tables.stream().map(t -> Integer.toUnsignedString(t.oid())).collect(Collectors.joining(","));
        if (oids.isEmpty()) {
            return List.of();
        }
        Set<Long> matching = Set.copyOf(Query.list(
                connection,
                FAILURE,
                "SELECT c.oid::bigint FROM unnest('{" + oids
                        + "}'::oid[]) u (oid) JOIN pg_class c ON c.oid = u.oid WHERE " + condition,
                row -> row.getLong(1)));
        return where(t -> matching.contains(Integer.toUnsignedLong(t.oid())));
    }

    Finding privileges(String need, List<String> privileges, String lost) {
        String condition = privileges.stream()
                .map(p -> "NOT has_table_privilege(c.oid, '" + p + "')")
                .collect(Collectors.joining(" OR "));
        List<Table> without = where(condition);
        List<Table> hidden = where("NOT has_schema_privilege(c.relnamespace, 'USAGE')");
        if (without.isEmpty() && hidden.isEmpty()) {
            return Finding.ok(need, "granted on all " + tables.size() + " tables");
        }
        List<String> sql = new ArrayList<>();
        Set<String> schemas = new TreeSet<>();
        hidden.forEach(t -> schemas.add(t.name().schema()));
        schemas.forEach(s -> sql.add("GRANT USAGE ON SCHEMA " + Sql.identifier(s) + " TO " + facts.quotedRole()));
        if (!without.isEmpty()) {
            sql.add("GRANT " + String.join(", ", privileges) + " ON " + quoted(without) + " TO " + facts.quotedRole());
        }
        Collection<Table> named = without.isEmpty() ? hidden : without;
        return new Finding(need, Status.MISSING, lost + " " + naming(named), sql);
    }

    Finding rowSecurity() {
        List<Table> secured = where("row_security_active(c.oid)");
        return secured.isEmpty()
                ? Finding.ok("row security", "hides no rows from this role")
                : new Finding(
                        "row security",
                        Status.MISSING,
                        "policies may hide rows of " + naming(secured) + " from this role",
                        List.of("ALTER ROLE " + facts.quotedRole() + " BYPASSRLS"));
    }
}
