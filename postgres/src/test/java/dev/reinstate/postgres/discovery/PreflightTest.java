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

    @Test
    void saysWhatIsNotCaptured() throws SQLException {
        List<Finding> nothing = source("postgres");
        assertThat(List.of(
                        find(nothing, "large objects").found(),
                        find(nothing, "unlogged tables").found(),
                        find(nothing, "views and foreign tables").found()))
                .allSatisfy(found -> assertThat(found).startsWith("there are none"));
        assertThat(find(nothing, "sequences").status()).isEqualTo(Status.OK);
        TestServer.execute(database, """
                CREATE EXTENSION lo SCHEMA app;
                CREATE DOMAIN app.picture AS app.lo;
                CREATE TABLE app.document (id int PRIMARY KEY, body oid, scans app.lo[], cover app.picture, pages int,
                    at date DEFAULT now()) PARTITION BY RANGE (id);
                CREATE TABLE app.document_1 PARTITION OF app.document FOR VALUES FROM (1) TO (1000);
                CREATE SEQUENCE app.apart;
                CREATE UNLOGGED TABLE app.cache (id int);
                CREATE VIEW app.seen AS SELECT id FROM app.site;
                CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) FROM app.site;
                CREATE FOREIGN DATA WRAPPER none;
                CREATE SERVER elsewhere FOREIGN DATA WRAPPER none;
                CREATE FOREIGN TABLE app.far (id int) SERVER elsewhere;
                """);
        assertThat(find(notCaptured(), "large objects"))
                .satisfies(f -> assertThat(f.status()).isEqualTo(Status.OK))
                .extracting(Finding::found)
                .asString()
                .contains("there are none")
                .contains("in app.document.body, app.document.cover, app.document.scans referred to")
                .doesNotContain("document_1")
                .doesNotContain("pages");
        assertThat(find(notCaptured(), "unlogged tables").status()).isEqualTo(Status.OK);
        assertThat(find(notCaptured(), "unlogged tables").found()).contains("app.cache");
        assertThat(find(notCaptured(), "views and foreign tables").found())
                .contains("whose rows are elsewhere: app.far;")
                .contains("refreshed after a restore: app.counted;")
                .contains("hold nothing: app.seen");
        assertThat(find(notCaptured(), "sequences"))
                .satisfies(f -> assertThat(f.status()).isEqualTo(Status.OK))
                .extracting(Finding::found)
                .asString()
                .contains("never back")
                .contains("left alone: app.apart")
                .doesNotContain("log_id_seq");
        assertThat(find(source("postgres"), "temporary tables").found()).contains("never captured");
    }

    /** With every table captured that can be. */
    private List<Finding> notCaptured() throws SQLException {
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            return Preflight.notCaptured(
                    connection,
                    catalogue,
                    catalogue.tables().stream()
                            .filter(Table::logged)
                            .map(Table::name)
                            .toList());
        }
    }

    @Test
    void countsLargeObjectsUpToALimit() throws SQLException {
        TestServer.execute(database, "SELECT lo_create(0) FROM generate_series(1, 3)");
        assertThat(find(notCaptured(), "large objects").status()).isEqualTo(Status.DEGRADED);
        assertThat(find(notCaptured(), "large objects").found())
                .contains("3 not captured")
                .contains("no captured column seems to refer to them");
        TestServer.execute(
                database,
                "ALTER TABLE app.site ADD COLUMN plan oid",
                "SELECT count(lo_create(0)) FROM generate_series(1, 9997)");
        assertThat(find(notCaptured(), "large objects").found())
                .contains("10000 not captured: a restore brings back the number in app.site.plan, and not the object");
        TestServer.execute(database, "SELECT lo_create(0)");
        assertThat(find(notCaptured(), "large objects").found()).contains("more than 10000 not captured");
    }

    @Test
    void sequencesOfNoCapturedColumnAreNamed() throws SQLException {
        TestServer.execute(
                database,
                "CREATE SEQUENCE app.numbers",
                "CREATE SEQUENCE app.apart",
                "ALTER TABLE app.site ADD COLUMN number bigint DEFAULT nextval('app.numbers')");
        Finding sequences = find(notCaptured(), "sequences");
        assertThat(sequences.status()).isEqualTo(Status.OK);
        assertThat(sequences.found()).contains("left alone: app.apart").doesNotContain("app.numbers");
    }
}
