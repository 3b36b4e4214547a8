package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Preflight.Finding;
import dev.reinstate.postgres.discovery.Preflight.Status;
import dev.reinstate.postgres.replication.Publications;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What capture needs of a source. */
final class SourceChecks {
    private static final String FAILURE = "Cannot look at the server's settings";
    private static final long SMALL_KEEP_MEGABYTES = 1024;

    private final ServerFacts facts;
    private final Connection connection;
    private final Catalogue catalogue;
    private final Collection<TableName> names;
    private final SourceNames sourceNames;
    private final TableChecks tables;

    SourceChecks(
            ServerFacts facts,
            Connection connection,
            Catalogue catalogue,
            Collection<TableName> tables,
            SourceNames sourceNames) {
        this.facts = facts;
        this.connection = connection;
        this.catalogue = catalogue;
        this.names = tables.stream().filter(t -> catalogue.table(t).isPresent()).toList();
        this.sourceNames = sourceNames;
        this.tables = new TableChecks(
                facts, connection, names.stream().map(catalogue::require).toList());
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(facts.versionFinding());
        findings.add(primary());
        findings.add(facts.poolerFinding());
        findings.add(walLevel());
        findings.add(replication());
        findings.add(slots());
        findings.add(walSenders());
        findings.add(publications());
        findings.add(tables.privileges("SELECT", List.of("SELECT"), "the image cannot be read of"));
        findings.add(tables.rowSecurity());
        findings.add(keys());
        findings.add(logged());
        findings.add(keptWal());
        idleTimeout().ifPresent(findings::add);
        findings.addAll(new NotCaptured(connection, catalogue, names).findings());
        return findings;
    }

    private Finding primary() {
        return facts.standby()
                ? new Finding(
                        "primary",
                        Status.MISSING,
                        "the server is a standby: publications can only be made on the primary, give its URL",
                        List.of())
                : Finding.ok("primary", "the server takes writes");
    }

    private Finding walLevel() {
        String level = setting("wal_level");
        if (level.equals("logical")) {
            return Finding.ok("wal_level", level);
        }
        List<String> sql = switch (facts.cloud()) {
            case RDS -> List.of("-- parameter group: rds.logical_replication = 1, then reboot");
            case CLOUD_SQL -> List.of("-- database flag: cloudsql.logical_decoding = on, then restart");
            case AZURE -> List.of("-- server parameter: wal_level = logical, then restart");
            case NONE -> List.of("ALTER SYSTEM SET wal_level = 'logical'", "-- then restart the server");
        };
        return new Finding("wal_level", Status.MISSING, "is " + level + ", changes cannot be decoded from it", sql);
    }

    private Finding replication() {
        if (facts.mayReplicate()) {
            return Finding.ok("REPLICATION", "role " + facts.role() + " may replicate");
        }
        String sql = facts.cloud() == ServerFacts.Cloud.RDS
                ? "GRANT rds_replication TO " + facts.quotedRole()
                : "ALTER ROLE " + facts.quotedRole() + " REPLICATION";
        return new Finding("REPLICATION", Status.MISSING, "role " + facts.role() + " may not replicate", List.of(sql));
    }

    private Finding slots() {
        if (ReplicationSlots.state(connection, sourceNames.slot()).isPresent()) {
            return Finding.ok("max_replication_slots", "slot " + sourceNames.slot() + " exists");
        }
        long used = count("SELECT count(*) FROM pg_replication_slots");
        return room("max_replication_slots", "replication slots", used, 1);
    }

    private Finding walSenders() {
        return room("max_wal_senders", "replication connections", count("SELECT count(*) FROM pg_stat_replication"), 2);
    }

    private Finding room(String setting, String what, long used, int wanted) {
        long limit = Long.parseLong(setting(setting));
        String found = used + " of " + limit + " " + what + " in use";
        if (limit - used >= wanted) {
            return Finding.ok(setting, found);
        }
        return new Finding(
                setting,
                used < limit ? Status.DEGRADED : Status.MISSING,
                found,
                List.of("ALTER SYSTEM SET " + setting + " = " + (used + wanted + 4), "-- then restart the server"));
    }

    /** Nothing is needed any more when an owner has made them already. */
    private Finding publications() {
        List<TableName> publishable =
                tables.where(Table::logged).stream().map(Table::name).toList();
        List<String> statements =
                Publications.statements(connection, sourceNames, Publications.plan(catalogue, publishable));
        if (statements.isEmpty()) {
            return Finding.ok("publications", "are as they should be");
        }
        List<String> sql = new ArrayList<>();
        if (!facts.mayCreate()) {
            sql.add("GRANT CREATE ON DATABASE " + Sql.identifier(facts.database()) + " TO " + facts.quotedRole());
        }
        Set<String> owners = new HashSet<>();
        tables.where("NOT pg_has_role(c.relowner, 'USAGE')").forEach(t -> owners.add(t.owner()));
        owners.stream().sorted().forEach(o -> sql.add("GRANT " + Sql.identifier(o) + " TO " + facts.quotedRole()));
        if (sql.isEmpty()) {
            return Finding.ok("publications", "role " + facts.role() + " can make them");
        }
        sql.add("-- or let an owner of the tables run this instead, and keep it up when tables come or go:");
        sql.addAll(statements);
        return new Finding(
                "publications",
                Status.MISSING,
                owners.isEmpty()
                        ? "role " + facts.role() + " may create nothing in database " + facts.database()
                        : "only an owner can publish a table, and role " + facts.role() + " is not one of all",
                sql);
    }

    private Finding keys() {
        List<Table> keyless = tables.where(t -> t.kind() != Table.Kind.PARTITIONED && !t.hasKey());
        if (keyless.isEmpty()) {
            return Finding.ok("row keys", "every table's rows can be told apart");
        }
        List<String> sql =
                keyless.stream().flatMap(t -> identityFor(t).stream()).toList();
        return new Finding(
                "row keys",
                Status.DEGRADED,
                "inserts only, no updates and deletes, of " + TableChecks.naming(keyless)
                        + ": a primary key would mend that",
                sql);
    }

    private static Optional<String> identityFor(Table table) {
        return table.uniqueConstraints().stream()
                .filter(u -> !u.deferrable()
                        && u.columns().stream()
                                .allMatch(c -> table.column(c)
                                        .map(column -> column.notNull() && !column.generated())
                                        .orElse(false)))
                .findFirst()
                .map(u -> "ALTER TABLE " + Sql.table(table.name()) + " REPLICA IDENTITY USING INDEX "
                        + Sql.identifier(u.name()));
    }

    private Finding logged() {
        List<Table> unlogged = tables.where(t -> !t.logged());
        return unlogged.isEmpty()
                ? Finding.ok("logged tables", "all of them")
                : new Finding(
                        "logged tables",
                        Status.MISSING,
                        "changes are not logged of " + TableChecks.naming(unlogged) + ": map them as ignored or",
                        unlogged.stream()
                                .map(t -> "ALTER TABLE " + Sql.table(t.name()) + " SET LOGGED")
                                .toList());
    }

    private Finding keptWal() {
        String need = "max_slot_wal_keep_size";
        long megabytes = count("SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'");
        if (megabytes < 0) {
            return Finding.ok(need, "no limit of the server: while capture is stopped, write-ahead log is kept for it");
        }
        return megabytes >= SMALL_KEEP_MEGABYTES
                ? Finding.ok(need, megabytes + " MB are kept for a stopped capture")
                : new Finding(
                        need,
                        Status.DEGRADED,
                        "only " + megabytes + " MB are kept: a short stop of capture costs a gap and a new image",
                        List.of("ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'", "SELECT pg_reload_conf()"));
    }

    /** A setting of PostgreSQL 18. */
    private Optional<Finding> idleTimeout() {
        String need = "idle_replication_slot_timeout";
        long seconds = count(
                "SELECT coalesce(max(setting::bigint), 0) FROM pg_settings WHERE name = 'idle_replication_slot_timeout'");
        return seconds == 0
                ? Optional.empty()
                : Optional.of(new Finding(
                        need,
                        Status.DEGRADED,
                        "a capture stopped for longer than " + seconds + " s loses its slot: a gap and a new image",
                        List.of("ALTER SYSTEM SET idle_replication_slot_timeout = 0", "SELECT pg_reload_conf()")));
    }

    private String setting(String name) {
        return Query.one(connection, FAILURE, "SELECT current_setting(?)", row -> row.getString(1), name);
    }

    private long count(String sql) {
        return Query.one(connection, FAILURE, sql, row -> row.getLong(1));
    }
}
