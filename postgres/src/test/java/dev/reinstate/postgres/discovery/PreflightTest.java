package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Preflight.Finding;
import dev.reinstate.postgres.discovery.Preflight.Status;
import dev.reinstate.postgres.replication.Publications;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreflightTest {
    private static final SourceNames NAMES = SourceNames.ofStore("preflight");

    private final TestServer server = TestServer.shared();
    private final Database database = server.newDatabase();
    private final String name = database.displayName().replaceAll(".*/", "");
    private final String role = "plain_" + name;

    @BeforeEach
    void create() {
        TestServer.execute(
                database,
                "CREATE ROLE owner_" + name,
                "CREATE ROLE " + role + " LOGIN",
                "CREATE SCHEMA app AUTHORIZATION owner_" + name,
                "SET ROLE owner_" + name,
                "CREATE TABLE app.site (id int PRIMARY KEY)",
                "CREATE TABLE app.log (id int GENERATED ALWAYS AS IDENTITY, site_id int NOT NULL)",
                "CREATE UNIQUE INDEX log_key ON app.log (id)");
    }

    private List<Finding> source(String user) throws SQLException {
        try (Connection connection = server.as(name, user, "").connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            return Preflight.checkSource(connection, catalogue, names(catalogue), NAMES);
        }
    }

    private List<Finding> target(String user) throws SQLException {
        try (Connection connection = server.as(name, user, "").connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            return Preflight.checkTarget(connection, catalogue, names(catalogue));
        }
    }

    private static List<TableName> names(Catalogue catalogue) {
        return catalogue.tables().stream().map(Table::name).toList();
    }

    private static Finding find(List<Finding> findings, String need) {
        return findings.stream()
                .filter(f -> f.need().equals(need))
                .findFirst()
                .orElseThrow(() -> new AssertionError(need + " not in " + findings));
    }

    private void run(List<String> sql) throws SQLException {
        try (Connection connection = database.connect()) {
            sql.stream().filter(s -> !s.startsWith("--")).forEach(s -> Query.execute(connection, "Cannot " + s, s));
        }
    }

    @Test
    void aSuperuserLacksNothing() throws SQLException {
        assertThat(source("postgres"))
                .allSatisfy(f -> assertThat(f.status()).as(f.toString()).isNotEqualTo(Status.MISSING));
        assertThat(target("postgres"))
                .allSatisfy(f -> assertThat(f.status()).as(f.toString()).isEqualTo(Status.OK));
        Finding keys = find(source("postgres"), "row keys");
        assertThat(keys.status()).isEqualTo(Status.DEGRADED);
        assertThat(keys.found()).contains("app.log");
        assertThat(keys.sql()).containsExactly("ALTER TABLE \"app\".\"log\" REPLICA IDENTITY USING INDEX \"log_key\"");
        run(keys.sql());
        assertThat(find(source("postgres"), "row keys").status()).isEqualTo(Status.OK);
    }

    @Test
    void thePrintedSqlIsExactlyWhatAPlainRoleNeedsOfASource() throws SQLException {
        List<Finding> before = source(role);
        assertThat(find(before, "REPLICATION").status()).isEqualTo(Status.MISSING);
        assertThat(find(before, "publications").status()).isEqualTo(Status.MISSING);
        assertThat(find(before, "SELECT").status()).isEqualTo(Status.MISSING);
        for (Finding finding : before) {
            if (finding.status() == Status.MISSING) {
                run(finding.sql().stream()
                        .takeWhile(s -> !s.startsWith("-- or"))
                        .toList());
            }
        }
        assertThat(source(role))
                .allSatisfy(f -> assertThat(f.status()).as(f.toString()).isNotEqualTo(Status.MISSING));
        try (Connection connection = server.as(name, role, "").connect();
                Connection replication = server.as(name, role, "").connectReplication()) {
            Catalogue catalogue = Catalogue.read(connection);
            Publications.apply(connection, NAMES, Publications.plan(catalogue, names(catalogue)));
            assertThat(Database.identity(replication)).isEqualTo(Database.identity(connection));
        }
    }

    @Test
    void anOwnerMayMakeThePublicationsInstead() throws SQLException {
        List<String> sql = find(source(role), "publications").sql();
        int instead = (int) sql.stream().takeWhile(s -> !s.startsWith("-- or")).count();
        run(sql.subList(instead, sql.size()));
        assertThat(find(source(role), "publications").status()).isEqualTo(Status.OK);
    }

    @Test
    void thePrintedSqlIsExactlyWhatAPlainRoleNeedsOfATarget() throws SQLException {
        List<Finding> before = target(role);
        assertThat(find(before, "session_replication_role").status()).isEqualTo(Status.DEGRADED);
        assertThat(find(before, "table privileges").status()).isEqualTo(Status.MISSING);
        for (Finding finding : before) {
            run(finding.sql());
        }
        List<Finding> after = target(role);
        if (server.majorVersion() < 15) {
            Finding replicaRole = find(after, "session_replication_role");
            assertThat(replicaRole.status()).isEqualTo(Status.DEGRADED);
            assertThat(replicaRole.sql()).singleElement().asString().contains("superuser");
        }
        assertThat(after)
                .filteredOn(f -> server.majorVersion() >= 15 || !f.need().equals("session_replication_role"))
                .allSatisfy(f -> assertThat(f.status()).as(f.toString()).isEqualTo(Status.OK));
    }

    @Test
    void seesRowSecurityAndUnloggedTables() throws SQLException {
        TestServer.execute(
                database,
                "GRANT USAGE ON SCHEMA app TO " + role,
                "ALTER TABLE app.site ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE app.log SET UNLOGGED");
        List<Finding> findings = source(role);
        assertThat(find(findings, "row security").status()).isEqualTo(Status.MISSING);
        assertThat(find(findings, "logged tables").status()).isEqualTo(Status.MISSING);
        run(find(findings, "row security").sql());
        run(find(findings, "logged tables").sql());
        assertThat(find(source(role), "row security").status()).isEqualTo(Status.OK);
        assertThat(find(source(role), "logged tables").status()).isEqualTo(Status.OK);
    }

    @Test
    void namesTriggersThatFireEvenThen() throws SQLException {
        TestServer.execute(database, """
                CREATE FUNCTION app.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER audit AFTER INSERT ON app.site FOR EACH ROW EXECUTE FUNCTION app.nothing();
                ALTER TABLE app.site ENABLE ALWAYS TRIGGER audit;
                """);
        Finding triggers = find(target("postgres"), "ENABLE ALWAYS triggers");
        assertThat(triggers.status()).isEqualTo(Status.DEGRADED);
        assertThat(triggers.found()).contains("app.site");
    }
}
