package dev.reinstate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.cli.terminal.Spoken;
import dev.reinstate.model.FailureKind;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs that need a database and no capture; the whole way is walked in module e2e. */
class VerbsTest {
    private static EmbeddedPostgres server;

    @TempDir
    private Path folder;

    private Spoken spoken = new Spoken();

    @BeforeAll
    static void start() throws IOException, SQLException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                .start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    CREATE TABLE site (id text PRIMARY KEY, name text);
                    CREATE TABLE page (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site);
                    CREATE TABLE comment (id bigint PRIMARY KEY, page_id bigint NOT NULL REFERENCES page);
                    CREATE TABLE stray (v int);
                    """);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private int run(String... arguments) {
        spoken = new Spoken();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", folder.resolve("reinstate.yaml").toString()));
        return Main.run(spoken.unwatched(), Map.of("REINSTATE_PASSWORD", "hunter2"), all.toArray(String[]::new));
    }

    private int init(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "init",
                "--url",
                "postgresql://postgres@localhost:" + server.getPort() + "/postgres",
                "--tenant-table",
                "public.site"));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    @Test
    void initWaitsForADecisionAboutUnmappedTables() throws IOException {
        assertThat(init()).isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(spoken.err()).contains("public.stray").contains("--ignore");
        assertThat(Files.readString(folder.resolve("reinstate.yaml"))).contains("public.stray: unmapped");
        assertThat(run("protect")).isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(spoken.err()).contains("public.stray");

        assertThat(init("--ignore", "public.stray")).isZero();
        assertThat(Files.readString(folder.resolve("reinstate.yaml")))
                .contains("public.comment: path page_id -> public.page")
                .contains("public.stray: ignored")
                .doesNotContain("hunter2");
        assertThat(init("--ignore", "public.stray")).isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(spoken.err()).contains("is already there").contains("--overwrite");
    }

    @Test
    void initAsADocument() {
        assertThat(init("--rule", "public.stray=shared", "--json", "--debug")).isZero();
        assertThat(spoken.out())
                .startsWith("{")
                .contains("\"rule\" : \"column site_id\"")
                .contains("\"rule\" : \"shared\"");
        assertThat(spoken.out() + spoken.err()).doesNotContain("hunter2");
    }

    @Test
    void namesThatDoNotExistAreInvalid() {
        assertThat(init("--ignore", "public.strya")).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.err()).contains("public.stray");
        assertThat(run(
                        "init",
                        "--url",
                        "jdbc:postgresql://localhost:" + server.getPort() + "/nope?user=postgres",
                        "--tenant-table",
                        "public.site"))
                .isEqualTo(FailureKind.INVALID.exitCode());
    }

    @Test
    void beforeTheFirstImageEveryVerbSaysWhatIsMissing() {
        init("--ignore", "public.stray");
        assertThat(run("status", "--json")).isZero();
        assertThat(spoken.out()).contains("there is no image yet").contains("\"reachable\" : true");
        for (String verb : List.of("tenants", "history", "check", "receipt")) {
            assertThat(run(verb)).as(verb).isEqualTo(FailureKind.INVALID.exitCode());
            assertThat(spoken.err()).as(verb).contains("There is no archive").contains("reinstate protect");
        }
        assertThat(run("restore", "site-1", "--before-deletion")).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(folder.resolve("reinstate-archive"))
                .as("nothing is made by looking")
                .doesNotExist();
    }

    @Test
    void whatChangesTheSourceAsksFirst() {
        init("--ignore", "public.stray");
        assertThat(run("unprotect")).isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(spoken.err()).contains("--yes");
        assertThat(run("unprotect", "--yes")).isZero();
    }

    @Test
    void restoreNeedsExactlyOneMoment() {
        assertThat(run("restore", "site-1")).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(run("restore", "site-1", "--before-deletion", "--at-position", "0/1"))
                .isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(run("restore", "site-1", "--at-position", "0/1", "--same-moment"))
                .isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(run("restore", "site-1", "--before-deletion", "--replace", "--missing-only"))
                .isEqualTo(FailureKind.INVALID.exitCode());
    }
}
