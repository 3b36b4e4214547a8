package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Preflight.Finding;
import dev.reinstate.postgres.discovery.Preflight.Status;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a reinstatement needs of its target. */
final class TargetChecks {
    private static final String FAILURE = "Cannot look at the server's settings";
    private static final int FIRST_WITH_PARAMETER_GRANTS = 150_000;

    private final ServerFacts facts;
    private final Connection connection;
    private final List<Table> found;
    private final TableChecks tables;

    TargetChecks(ServerFacts facts, Connection connection, Catalogue catalogue, Collection<TableName> tables) {
        this.facts = facts;
        this.connection = connection;
        this.found = tables.stream().flatMap(t -> catalogue.table(t).stream()).toList();
        this.tables = new TableChecks(facts, connection, found);
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(facts.versionFinding());
        findings.add(writable());
        findings.add(facts.poolerFinding());
        findings.add(replicaRole());
        findings.add(tables.privileges(
                "table privileges", List.of("SELECT", "INSERT", "UPDATE", "DELETE"), "rows cannot be written back to"));
        findings.add(sequences());
        findings.add(tables.rowSecurity());
        findings.add(temporaryTables());
        alwaysTriggers().ifPresent(findings::add);
        return findings;
    }

    private Finding writable() {
        if (facts.standby()) {
            return new Finding(
                    "primary", Status.MISSING, "the server is a standby: give the URL of the primary", List.of());
        }
        return Finding.ok("primary", "the server takes writes");
    }

    /** Without it, foreign keys and triggers fire for each row: slower, and triggers may write elsewhere. */
    private Finding replicaRole() {
        String need = "session_replication_role";
        boolean granted = facts.superuser()
                || (facts.version() >= FIRST_WITH_PARAMETER_GRANTS
                        && Query.one(
                                connection,
                                FAILURE,
                                "SELECT has_parameter_privilege('session_replication_role', 'SET')",
                                row -> row.getBoolean(1)));
        if (granted) {
            return Finding.ok(need, "role " + facts.role() + " may set it");
        }
        List<String> sql = facts.version() >= FIRST_WITH_PARAMETER_GRANTS
                ? List.of("GRANT SET ON PARAMETER session_replication_role TO " + facts.quotedRole())
                : List.of("-- before PostgreSQL 15 only a superuser may set it: use one for reinstatements");
        return new Finding(
                need,
                Status.DEGRADED,
                "role " + facts.role()
                        + " may not set it: rows go back under live foreign keys and triggers, slower, and"
                        + " circular references need deferrable constraints",
                sql);
    }

    private Finding sequences() {
        List<TableName> sequences = found.stream()
                .flatMap(t -> t.columns().stream())
                .flatMap(c -> c.sequences().stream())
                .distinct()
                .toList();
        Set<TableName> forbidden = Set.copyOf(
                Query.list(connection, FAILURE, """
                SELECT n.nspname, s.relname FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace
                 WHERE CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'UPDATE') ELSE false END
                """, row -> new TableName(row.getString(1), row.getString(2))));
        List<TableName> without = sequences.stream().filter(forbidden::contains).toList();
        return without.isEmpty()
                ? Finding.ok("sequences", sequences.size() + " can be moved on")
                : new Finding(
                        "sequences",
                        Status.DEGRADED,
                        without.size() + " cannot be moved behind restored keys",
                        List.of("GRANT SELECT, UPDATE ON SEQUENCE "
                                + without.stream().map(Sql::table).collect(Collectors.joining(", "))
                                + " TO " + facts.quotedRole()));
    }

    private Finding temporaryTables() {
        return facts.mayCreateTemporary()
                ? Finding.ok("temporary tables", "can be made")
                : new Finding(
                        "temporary tables",
                        Status.MISSING,
                        "role " + facts.role() + " may not make any, which updating rows in bulk needs",
                        List.of("GRANT TEMPORARY ON DATABASE " + Sql.identifier(facts.database()) + " TO "
                                + facts.quotedRole()));
    }

    private Optional<Finding> alwaysTriggers() {
        List<Table> armed = tables.where(t -> !t.alwaysTriggers().isEmpty());
        return armed.isEmpty()
                ? Optional.empty()
                : Optional.of(new Finding(
                        "ENABLE ALWAYS triggers",
                        Status.DEGRADED,
                        "fire for restored rows, too, on " + TableChecks.naming(armed),
                        List.of()));
    }
}
