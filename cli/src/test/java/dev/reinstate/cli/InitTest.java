package dev.reinstate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.cli.terminal.Spoken;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.FailureKind;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code init} and {@code init --check} against real databases. */
class InitTest {
    private static final String SHOP = """
            CREATE TABLE site (id text PRIMARY KEY, name text);
            CREATE TABLE issue (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site, number int NOT NULL UNIQUE);
            CREATE TABLE page (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site);
            CREATE TABLE invoice (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site);
            CREATE TABLE comment (id bigint PRIMARY KEY, issue_id bigint NOT NULL REFERENCES issue);
            CREATE TABLE vote (id bigint PRIMARY KEY, issue_number int NOT NULL REFERENCES issue (number));
            CREATE TABLE schema_migrations (version text PRIMARY KEY);
            INSERT INTO site SELECT 'site-' || i FROM generate_series(1, 20) i;
            INSERT INTO issue SELECT i, 'site-' || 1 + i % 20, i FROM generate_series(1, 500) i;
            INSERT INTO comment SELECT i, 1 + i % 500 FROM generate_series(1, 2000) i;
            ANALYZE;
            """;

    private static EmbeddedPostgres server;

    @TempDir
    private Path folder;

    private String database = "";
    private Spoken spoken = new Spoken();

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void createDatabase(TestInfo test) throws SQLException {
        database = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        execute("postgres", "CREATE DATABASE " + database);
    }

    private void sql(String statements) throws SQLException {
        execute(database, statements);
    }

    private static void execute(String in, String statements) throws SQLException {
        try (Connection connection = server.getDatabase("postgres", in).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private int run(Terminal terminal, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", yaml().toString()));
        return Main.run(terminal, Map.of("REINSTATE_PASSWORD", "hunter2"), all.toArray(String[]::new));
    }

    private int run(String... arguments) {
        spoken = new Spoken();
        return run(spoken.unwatched(), arguments);
    }

    private int init(String... more) {
        return run(initWith(more));
    }

    private String[] initWith(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("init", "--url", "postgresql://postgres@localhost:" + server.getPort() + "/" + database));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private Path yaml() {
        return folder.resolve("reinstate.yaml");
    }

    private String written() throws IOException {
        return Files.readString(yaml());
    }

    private JsonNode document() {
        return JsonMapper.shared().readTree(spoken.out());
    }

    /** What the check found of that kind, as {@code subject}. */
    private List<String> found(String kind) {
        List<String> subjects = new ArrayList<>();
        document().get("findings").forEach(finding -> {
            if (finding.get("kind").asString().equals(kind)) {
                subjects.add(finding.get("subject").asString());
            }
        });
        return subjects;
    }

    @Test
    void clearTenantTableIsTakenAndSaid() throws Exception {
        sql(SHOP);
        assertThat(init()).as(spoken.err()).isZero();
        assertThat(spoken.err()).contains("Tenants are taken from public.site").contains("--tenant-table");
        assertThat(written())
                .contains("tenantTable: public.site")
                .contains("# 3 tables: public.invoice, public.issue, public.page")
                .contains("- \"*.*\": column site_id")
                .contains("public.comment: path issue_id -> public.issue")
                .contains("public.vote: path issue_number -> public.issue (number)")
                .contains("public.schema_migrations: ignored")
                .doesNotContain("public.page: ")
                .doesNotContain("hunter2");
        assertThat(spoken.out())
                .contains("by column")
                .contains("100 % of about")
                .contains("reinstate-coverage.html");
        assertThat(run("init", "--check")).as(spoken.out()).isZero();
        assertThat(spoken.out()).contains("holds for the database's 7 tables");
    }

    @Test
    void unclearTenantTableIsAskedAbout() throws Exception {
        sql("""
                CREATE TABLE org (id int PRIMARY KEY);
                CREATE TABLE team (id int PRIMARY KEY);
                CREATE TABLE a (id int PRIMARY KEY, org_id int NOT NULL REFERENCES org, team_id int NOT NULL REFERENCES team);
                CREATE TABLE b (id int PRIMARY KEY, org_id int NOT NULL REFERENCES org, team_id int NOT NULL REFERENCES team);
                """);
        assertThat(init()).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.err())
                .contains("It is not clear what a tenant is")
                .contains("public.org")
                .contains("public.team")
                .contains("--tenant-table");
        assertThat(yaml()).doesNotExist();

        Spoken asked = new Spoken();
        run(asked.watched("public.team\n"), initWith());
        assertThat(asked.err()).contains("What is a tenant?").contains("Which? [1]");
        assertThat(written()).contains("tenantTable: public.team");

        Spoken refused = new Spoken();
        assertThat(run(refused.watched("9\n"), initWith("--overwrite"))).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(run(refused.watched(""), initWith("--overwrite"))).isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(refused.err()).contains("is none of them").contains("Nothing was chosen");
    }

    @Test
    void nothingThatLooksLikeTenantsIsSaid() throws Exception {
        sql("CREATE TABLE stray (id int PRIMARY KEY)");
        assertThat(init()).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.err()).contains("No table looks like").contains("--tenant-schemas");
    }

    @Test
    void schemasOfTenantsAreFoundAndNeedNoRules() throws Exception {
        StringBuilder statements = new StringBuilder();
        for (String tenant : List.of("acme", "bolt", "core", "dune")) {
            statements.append("""
                    CREATE SCHEMA tenant_%1$s;
                    CREATE TABLE tenant_%1$s.issue (id int PRIMARY KEY);
                    CREATE TABLE tenant_%1$s.page (id int PRIMARY KEY);
                    CREATE TABLE tenant_%1$s.schema_migrations (version text PRIMARY KEY);
                    """.formatted(tenant));
        }
        sql(statements.toString());
        assertThat(init()).as(spoken.err()).isZero();
        assertThat(written())
                .contains("tenantSchemas: \"tenant_{tenant}\"")
                .contains("- \"*.schema_migrations\": ignored")
                .doesNotContain("tenantTable")
                .doesNotContain("tenant_acme.issue:");
        assertThat(Files.readString(folder.resolve("reinstate-coverage.html")))
                .as("one table for all of a name")
                .contains("\"table\":\"tenant_{tenant}.issue\"")
                .contains("\"table\":\"tenant_{tenant}.schema_migrations\"")
                .contains("in 4 schemas")
                .doesNotContain("\"tenant_acme.issue\"");
        assertThat(run("init", "--check")).as(spoken.out()).isZero();
        sql("CREATE SCHEMA tenant_echo; CREATE TABLE tenant_echo.issue (id int PRIMARY KEY)");
        assertThat(run("init", "--check")).as("a new tenant is nothing new").isZero();
        assertThat(init("--overwrite", "--tenant-schemas", "tenant_{tenant}")).isZero();
    }

    @Test
    void checkNamesWhatIsNewGoneAndChanged() throws Exception {
        sql(SHOP);
        assertThat(init()).isZero();
        List<Path> before = files();
        sql("""
                CREATE TABLE label (id bigint PRIMARY KEY, issue_id bigint NOT NULL REFERENCES issue);
                CREATE TABLE stray (v int);
                CREATE TABLE wiki (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site);
                ALTER TABLE comment RENAME COLUMN issue_id TO ticket_id;
                ALTER TABLE vote DROP CONSTRAINT vote_issue_number_fkey;
                ALTER TABLE issue DROP CONSTRAINT issue_number_key;
                DROP TABLE schema_migrations;
                """);
        assertThat(run("init", "--check", "--json")).isEqualTo(1);
        assertThat(found("NEW")).containsExactly("public.label", "public.stray");
        assertThat(found("VANISHED")).containsExactly("public.schema_migrations");
        assertThat(found("CHANGED")).containsExactly("public.comment", "public.vote");
        assertThat(spoken.out())
                .contains("its column issue_id is gone")
                .contains("are not unique any more")
                .contains("\"proposal\" : \"path issue_id -> public.issue\"")
                .contains("\"attention\" : true")
                .doesNotContain("public.wiki");
        assertThat(run("init", "--check")).isEqualTo(1);
        assertThat(spoken.out())
                .contains("public.label: path issue_id -> public.issue")
                .contains("5 things need");
        assertThat(files()).as("a check writes nothing").isEqualTo(before);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void checkNamesTypesKeysAndTenantsThatDoNotFitAnyMore() throws Exception {
        sql(SHOP);
        assertThat(init()).isZero();
        sql("""
                ALTER TABLE comment DROP CONSTRAINT comment_issue_id_fkey;
                ALTER TABLE comment ALTER COLUMN issue_id TYPE uuid USING gen_random_uuid();
                ALTER TABLE page DROP CONSTRAINT page_site_id_fkey;
                ALTER TABLE page ALTER COLUMN site_id TYPE int USING 1;
                ALTER TABLE invoice SET UNLOGGED;
                """);
        assertThat(run("init", "--check", "--json")).isEqualTo(1);
        assertThat(found("CHANGED")).containsExactly("public.comment", "public.invoice", "public.page");
        assertThat(spoken.out())
                .contains("its column issue_id is uuid, but the column id of public.issue is bigint")
                .contains("its column site_id is integer, but the tenant's id is text")
                .contains("is UNLOGGED");
        sql("DROP TABLE site CASCADE");
        assertThat(run("init", "--check", "--json")).isEqualTo(1);
        assertThat(found("VANISHED")).contains("public.site");
    }

    @Test
    void aPatternThatTakesWhatDiscoveryDoesNotGiveItNeedsAttentionUntilItIsSettled() throws Exception {
        sql(SHOP);
        assertThat(init("--shared", "public.ref_*", "--rule", "public.vote=shared"))
                .as("no table is called so")
                .isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.err()).contains("No table is called public.ref_*");
        sql("CREATE TABLE ref_country (code text PRIMARY KEY)");
        assertThat(init("--shared", "public.ref_*")).isZero();
        assertThat(written()).contains("- \"public.ref_*\": shared").doesNotContain("ref_country: ");
        assertThat(run("init", "--check", "--json")).as(spoken.out()).isZero();
        sql("CREATE TABLE ref_note (id int PRIMARY KEY, site_id text NOT NULL REFERENCES site)");
        assertThat(run("init", "--check", "--json")).isEqualTo(1);
        assertThat(found("DOUBTFUL")).containsExactly("public.ref_note");
        Files.writeString(yaml(), written().replaceFirst("tables:\n", "tables:\n    public.ref_note: shared\n"));
        assertThat(run("init", "--check", "--json")).as(spoken.out()).isZero();
        assertThat(found("NOTE")).contains("public.ref_note");
    }

    @Test
    void whatWasDecidedBeforeStays() throws Exception {
        sql(SHOP + "CREATE TABLE stray (v int); CREATE TABLE log_archive (v int); CREATE TABLE lost (v int)");
        assertThat(init("--ignore", "public.*_archive", "--rule", "public.vote=ignored"))
                .isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(written()).contains("public.lost: unmapped").contains("public.stray: unmapped");
        assertThat(init("--ignore", "public.stray")).isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(init("--shared", "public.lost")).as(spoken.err()).isZero();
        assertThat(written())
                .contains("- \"public.*_archive\": ignored")
                .contains("public.vote: ignored")
                .contains("public.stray: ignored")
                .contains("public.lost: shared")
                .doesNotContain("unmapped  #");
        assertThat(init("--ignore", "public.stray")).isEqualTo(FailureKind.REFUSED.exitCode());
    }

    /** Remarks are on issues, or on remarks: their type names the very table that they are in. */
    @Test
    void aTypeMayNameItsOwnTable() throws Exception {
        sql(SHOP + """
                CREATE TABLE remark (id bigint PRIMARY KEY, remarkable_type text NOT NULL, remarkable_id bigint NOT NULL);
                INSERT INTO remark SELECT i, CASE WHEN i <= 20 THEN 'Issue' ELSE 'Remark' END,
                    CASE WHEN i <= 20 THEN i ELSE i - 20 END FROM generate_series(1, 200) i;
                CREATE TABLE heart (id bigint PRIMARY KEY, remark_id bigint NOT NULL REFERENCES remark);
                INSERT INTO heart SELECT i, i FROM generate_series(1, 200) i;
                ANALYZE;
                """);
        assertThat(init()).as(spoken.err()).isZero();
        assertThat(written())
                .contains("type remarkable_type, remarkable_id -> Issue: public.issue, Remark: public.remark")
                .contains("public.heart: path remark_id -> public.remark");
        assertThat(run("init", "--check")).as(spoken.out() + spoken.err()).isZero();

        sql("ALTER TABLE heart DROP CONSTRAINT heart_remark_id_fkey; ALTER TABLE remark DROP CONSTRAINT remark_pkey");
        assertThat(run("init", "--check", "--json")).isNotZero();
        assertThat(found("CHANGED")).contains("public.remark");
    }

    @Test
    void whatIsNotCapturedIsSaid() throws Exception {
        sql(SHOP + """
                ALTER TABLE page ADD COLUMN body oid;
                INSERT INTO page SELECT i, 'site-1', lo_create(0) FROM generate_series(1, 7) i;
                CREATE UNLOGGED TABLE cache (id int);
                CREATE SEQUENCE apart;
                CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM issue;
                """);
        String objects = "7 not captured: a restore brings back the number in public.page.body, and not the object";
        assertThat(init("--ignore", "public.cache")).as(spoken.err()).isZero();
        assertThat(spoken.out())
                .contains(objects)
                .contains("public.cache")
                .contains("left alone: public.apart")
                .contains("public.counted")
                .contains("temporary tables");
        assertThat(init("--ignore", "public.cache", "--overwrite", "--json")).isZero();
        assertThat(needs(document().get("preflight"))).contains("large objects DEGRADED", "sequences OK");

        assertThat(run("status")).as(spoken.err()).isZero();
        assertThat(spoken.out())
                .contains("! large objects: " + objects)
                .contains("Never captured")
                .contains("unlogged tables: not captured, for want of a log of their changes: public.cache")
                .contains("refreshed after a restore: public.counted")
                .contains("left alone: public.apart")
                .contains("temporary tables: never captured");
        assertThat(run("status", "--json")).isZero();
        assertThat(needs(document().get("notCaptured")))
                .containsExactly(
                        "large objects DEGRADED",
                        "sequences OK",
                        "unlogged tables OK",
                        "views and foreign tables OK",
                        "temporary tables OK");
        List<String> warnings = new ArrayList<>();
        document().get("warnings").forEach(warning -> warnings.add(warning.asString()));
        assertThat(warnings).contains("large objects: " + objects).noneMatch(warning -> warning.contains("apart"));
    }

    private static List<String> needs(JsonNode findings) {
        List<String> needs = new ArrayList<>();
        findings.forEach(finding -> needs.add(
                finding.get("need").asString() + " " + finding.get("status").asString()));
        return needs;
    }

    @Test
    void readingEverythingIsSaidAndAskedFirst() throws Exception {
        sql(SHOP);
        Spoken no = new Spoken();
        assertThat(run(no.watched("n\n"), initWith("--tenant-table", "site", "--full-check")))
                .isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(no.err()).contains("reads all of 7 tables, about 2,5").contains("It writes nothing");
        assertThat(yaml()).doesNotExist();
        assertThat(init("--tenant-table", "site", "--full-check")).isZero();
        assertThat(spoken.err()).contains("reads all of 7 tables");
    }

    @Test
    void checkTakesNoDecisions() throws Exception {
        sql(SHOP);
        assertThat(init()).isZero();
        assertThat(run("init", "--check", "--ignore", "public.vote")).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(run("init")).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.err()).contains("--url is missing");
    }

    @Test
    void thePageHoldsItsDataWhateverTablesAreCalled() throws Exception {
        sql(SHOP + """
                CREATE TABLE "</script><script>alert(1)</script>" (id int PRIMARY KEY, site_id text NOT NULL REFERENCES site);
                CREATE TABLE "@SCRIPT@ & ""quoted"" \\ <!--" (id int PRIMARY KEY, site_id text NOT NULL REFERENCES site);
                CREATE TABLE event (id bigint, site_id text NOT NULL REFERENCES site, at date, PRIMARY KEY (id, at))
                  PARTITION BY RANGE (at);
                CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
                CREATE VIEW open_issue AS SELECT * FROM issue;
                """);
        Path page = folder.resolve("picture.html");
        assertThat(init("--report", page.toString())).as(spoken.err()).isZero();
        String html = Files.readString(page);
        assertThat(html.split("<script")).as("two script elements").hasSize(3);
        assertThat(html)
                .doesNotContain("alert(1)</script>")
                .doesNotContain("hunter2")
                .doesNotContain("http://")
                .doesNotContain("https://");
        JsonNode data = JsonMapper.shared().readTree(between(html, "type=\"application/json\">", "</script>"));
        List<String> tables = new ArrayList<>();
        data.get("tables")
                .forEach(table -> tables.add(
                        table.get("table").asString() + " " + table.get("kind").asString() + " "
                                + table.get("pattern").asString()));
        assertThat(tables)
                .contains(
                        "public.</script><script>alert(1)</script> column *.*",
                        "public.@SCRIPT@ & \"quoted\" \\ <!-- column *.*",
                        "public.comment path ",
                        "public.event column *.*",
                        "public.open_issue derived ",
                        "public.schema_migrations ignored ",
                        "public.site tenant ")
                .noneMatch(table -> table.contains("event_1"));
        assertThat(data.get("share").asString()).isEqualTo("100");
        assertThat(data.get("rows").asLong()).isEqualTo(2520);
        String policy = between(html, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
        assertThat(policy)
                .contains("default-src 'none'")
                .contains("script-src '" + hash(between(html, "<script>", "</script>")) + "'")
                .contains("style-src '" + hash(between(html, "<style>", "</style>")) + "'");
        assertThat(run("init", "--check")).as(spoken.out()).isZero();
    }

    private static String between(String text, String begin, String end) {
        Matcher matcher = Pattern.compile(Pattern.quote(begin) + "(.*?)" + Pattern.quote(end), Pattern.DOTALL)
                .matcher(text);
        assertThat(matcher.find()).as(begin).isTrue();
        return matcher.group(1);
    }

    private static String hash(String text) throws NoSuchAlgorithmException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return "sha256-" + Base64.getEncoder().encodeToString(digest);
    }
}
