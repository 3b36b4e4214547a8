package dev.reinstate.postgres.discovery;

import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.discovery.Preflight.Finding;
import dev.reinstate.postgres.discovery.Preflight.Status;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;

/** What a session can see of its server, its role and their limits. */
record ServerFacts(
        int version,
        String role,
        String database,
        boolean superuser,
        boolean mayReplicate,
        Cloud cloud,
        boolean standby,
        boolean pooled,
        boolean mayCreate,
        boolean mayCreateTemporary) {

    /** Whose service runs the server, as far as its built-in roles tell. */
    enum Cloud {
        NONE,
        RDS,
        CLOUD_SQL,
        AZURE
    }

    private static final String FAILURE = "Cannot look at the server's settings";

    private static final int OLDEST = 14;
    private static final int NEWEST = 18;

    static ServerFacts read(Connection connection) {
        boolean pooled = isPooled(connection);
        return Query.one(connection, FAILURE, """
                SELECT current_setting('server_version_num')::int AS version,
                       current_user::text AS role, current_database() AS database,
                       r.rolsuper, r.rolreplication,
                       EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser') AS rds,
                       EXISTS (SELECT FROM pg_roles WHERE rolname = 'cloudsqlsuperuser') AS cloud_sql,
                       EXISTS (SELECT FROM pg_roles WHERE rolname = 'azure_pg_admin') AS azure,
                       EXISTS (SELECT FROM pg_roles g WHERE g.rolname = 'rds_replication'
                                  AND pg_has_role(current_user, g.oid, 'MEMBER')) AS rds_replication,
                       pg_is_in_recovery() AS standby,
                       has_database_privilege(current_database(), 'CREATE') AS may_create,
                       has_database_privilege(current_database(), 'TEMP') AS may_create_temporary
                  FROM pg_roles r WHERE r.rolname = current_user
                """, row -> facts(row, pooled));
    }

    private static ServerFacts facts(ResultSet row, boolean pooled) throws SQLException {
        Cloud notRds =
                row.getBoolean("cloud_sql") ? Cloud.CLOUD_SQL : row.getBoolean("azure") ? Cloud.AZURE : Cloud.NONE;
        return new ServerFacts(
                row.getInt("version"),
                row.getString("role"),
                row.getString("database"),
                row.getBoolean("rolsuper"),
                row.getBoolean("rolsuper") || row.getBoolean("rolreplication") || row.getBoolean("rds_replication"),
                row.getBoolean("rds") ? Cloud.RDS : notRds,
                row.getBoolean("standby"),
                pooled,
                row.getBoolean("may_create"),
                row.getBoolean("may_create_temporary"));
    }

    /** A pooler tells its clients process ids of its own making. */
    private static boolean isPooled(Connection connection) {
        int actual = Query.one(connection, FAILURE, "SELECT pg_backend_pid()", row -> row.getInt(1));
        try {
            return connection.unwrap(PGConnection.class).getBackendPID() != actual;
        } catch (SQLException e) {
            throw PostgresFailure.of(FAILURE, e);
        }
    }

    String quotedRole() {
        return Sql.identifier(role);
    }

    Finding versionFinding() {
        int major = version / 10_000;
        String found = "PostgreSQL " + major + "." + version % 10_000;
        if (major < OLDEST) {
            return new Finding(
                    "version",
                    Status.MISSING,
                    found + " is too old: " + OLDEST + " to " + NEWEST + " will do",
                    List.of());
        }
        return major > NEWEST
                ? new Finding("version", Status.DEGRADED, found + " is newer than what this was tested with", List.of())
                : Finding.ok("version", found);
    }

    Finding poolerFinding() {
        return pooled
                ? new Finding(
                        "direct connection",
                        Status.DEGRADED,
                        "a connection pooler or proxy answers: the change stream and settings of a session need the"
                                + " server's own address",
                        List.of())
                : Finding.ok("direct connection", "the server itself answers");
    }
}
