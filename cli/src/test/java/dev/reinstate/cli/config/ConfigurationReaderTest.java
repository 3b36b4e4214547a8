package dev.reinstate.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.objectstore.s3.ObjectLock;
import dev.reinstate.objectstore.s3.S3Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {
    private static final String GOOD = """
            store:
              name: app
              url: jdbc:postgresql://db.example:5432/app?sslmode=require
              user: reinstate
              passwordFile: secret/password
            archive: /srv/archive
            settings:
              segmentInterval: 500ms
              letGoAfter: 5GB
            tenancy:
              tenantTable: public.site
              tables:
                public.site: tenant id
                public.ticket: column site_id
                public.comment: path org, "ticket id" -> public.ticket
                public.country: shared
                public.old: ignored
                "public.New One": unmapped
            """;

    @TempDir
    private Path folder;

    private Configuration read(String yaml) throws IOException {
        return ConfigurationReader.read(Files.writeString(folder.resolve("reinstate.yaml"), yaml));
    }

    private ReinstateException refused(String yaml) {
        return catchThrowableOfType(ReinstateException.class, () -> read(yaml));
    }

    @Test
    void readsEverything() throws IOException {
        Configuration configuration = read(GOOD);
        assertThat(configuration.store().url().jdbc())
                .isEqualTo("jdbc:postgresql://db.example:5432/app?sslmode=require");
        assertThat(configuration.store().passwordFile()).contains(folder.resolve("secret/password"));
        assertThat(configuration.archive()).isEqualTo(new ArchivePlace.Folder(Path.of("/srv/archive")));
        assertThat(configuration.stateDirectory()).isEqualTo(folder.resolve("reinstate-state"));
        assertThat(configuration.settings().segmentInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(configuration.settings().letGoAfterBytes()).hasValue(5L << 30);
        assertThat(configuration.tenancy().tables())
                .containsEntry(new TableName("public", "site"), new TableRule.TenantTable("id"))
                .containsEntry(
                        new TableName("public", "comment"),
                        new TableRule.ByPath(List.of("org", "ticket id"), new TableName("public", "ticket")))
                .containsEntry(new TableName("public", "New One"), new TableRule.Unmapped());
    }

    @Test
    void readsAPlaceInS3() throws IOException {
        Configuration configuration = read(GOOD.replace("archive: /srv/archive", """
                archive: s3://bucket/app
                s3:
                  endpoint: https://s3.example:9000
                  region: eu-central-1
                  pathStyle: true
                  objectLock:
                    mode: compliance
                    days: 35"""));
        assertThat(configuration.archive())
                .isEqualTo(new ArchivePlace.Bucket(
                        S3Location.parse(
                                "s3://bucket/app?endpoint=https://s3.example:9000&region=eu-central-1&path-style=true"),
                        Optional.of(new ArchivePlace.Lock(ObjectLock.Mode.COMPLIANCE, 35))));
    }

    @Test
    void refusesWhatIsNoPlaceAndNoLock() {
        ReinstateException failure = refused(GOOD.replace("archive: /srv/archive", """
                archive: s3://bucket/app?secret=hunter2
                s3:
                  secretKey: hunter2"""));
        assertThat(String.join("\n", failure.details()))
                .contains("archive: This is no place for an archive")
                .doesNotContain("hunter2");
        failure = refused(GOOD.replace("archive: /srv/archive", """
                archive: s3://bucket/app
                s3:
                  secretKey: hunter2
                  endpoint: nowhere
                  pathStyle: maybe
                  objectLock:
                    mode: forever
                    days: 35"""));
        assertThat(String.join("\n", failure.details()))
                .contains("s3.secretKey: credentials do not belong in this file")
                .contains("s3.endpoint: The server cannot be reached so")
                .contains("s3.pathStyle is true or false")
                .contains("s3.objectLock.mode: The lock cannot be read")
                .doesNotContain("hunter2");
        failure = refused(GOOD.replace("archive: /srv/archive", """
                archive: /srv/archive
                s3:
                  region: eu-central-1"""));
        assertThat(String.join("\n", failure.details())).contains("the archive is not in S3 but in a folder");
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Configuration first = read(GOOD);
        ConfigurationWriter.write(
                first,
                new TenancyNotes(Map.of(new TableName("public", "site"), "has one row\na tenant # so"), Map.of()));
        assertThat(ConfigurationReader.read(first.file())).isEqualTo(first);
    }

    @Test
    void reportsAllProblemsTogetherWithTheirLines() {
        ReinstateException failure = refused("""
                store:
                  name: My App
                  url: mysql://db/app
                  password: hunter2
                archiv: /srv/archive
                settings:
                  segmentInterval: soon
                tenancy:
                  tenantTable: public.site
                  tables:
                    public.site: tenant id
                    public.ticket: belongs to site
                """);
        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(String.join("\n", failure.details()))
                .contains("reinstate.yaml:2: store.name must be")
                .contains("reinstate.yaml:3: store.url: The database URL is not one of PostgreSQL")
                .contains("reinstate.yaml:4: store.password: passwords do not belong in this file")
                .contains("reinstate.yaml:5: archiv is not known")
                .contains("archive is missing")
                .contains("reinstate.yaml:7: settings.segmentInterval is not a duration")
                .contains("reinstate.yaml:12: public.ticket: \"belongs to site\" is not a rule")
                .doesNotContain("hunter2");
    }

    @Test
    void readsRulesForManyTables() throws IOException {
        String tenancy = """
                tenancy:
                  tenantTable: public.site
                  tenantSchemas: tenant_{tenant}
                  rules:
                    - "*.*": column site_id
                    - public.*_archive: ignored
                    - {"public.issue_*": "path issue_id -> public.issue"}
                  tables:
                    public.site: tenant id
                    public.attachment: "type owner_type, owner_id -> Issue: public.issue, Wiki::Page: public.page"
                """;
        Configuration configuration = read(GOOD.substring(0, GOOD.indexOf("tenancy:")) + tenancy);
        assertThat(configuration.tenancy().tenantSchemas()).contains(new SchemaPattern("tenant_{tenant}"));
        assertThat(configuration.tenancy().patterns())
                .containsExactly(
                        new PatternRule(new TablePattern("*.*"), new TableRule.ByColumn("site_id")),
                        new PatternRule(new TablePattern("public.*_archive"), new TableRule.Ignored()),
                        new PatternRule(
                                new TablePattern("public.issue_*"),
                                new TableRule.ByPath(List.of("issue_id"), new TableName("public", "issue"))));
        assertThat(configuration.tenancy().tables()).hasSize(2);
    }

    @Test
    void whatIsWrongWithRulesIsReportedTogetherToo() {
        ReinstateException failure = refused(GOOD.substring(0, GOOD.indexOf("tenancy:")) + """
                tenancy:
                  tenantTables: public.site
                  tenantSchemas: tenant
                  rules:
                    - everything: shared
                    - "*.*": tenant id
                    - "a.b": column
                    - shared
                  tables:
                    .site: tenant id
                """);
        assertThat(String.join("\n", failure.details()))
                .contains(
                        "reinstate.yaml:11: tenancy.tenantTables is not known; known here: exclude, rules, tables, tenantSchemas")
                .contains("reinstate.yaml:12: tenancy.tenantSchemas: \"tenant\" is no pattern")
                .contains("reinstate.yaml:14: everything: \"everything\" is no pattern of tables")
                .contains("reinstate.yaml:15: *.*: The rule of *.* is not one for many tables")
                .contains("reinstate.yaml:16: a.b: \"column\" is not a rule")
                .contains("reinstate.yaml:17: tenancy.rules must be a list of keys")
                .contains("reinstate.yaml:19: .site: An empty table name")
                .contains("tenancy.tenantTable is missing");
    }

    @Test
    void aMapThatLeadsNowhereIsAProblem() {
        ReinstateException failure = refused(GOOD.replace("column site_id", "path x -> public.country"));
        assertThat(failure.details()).singleElement().asString().contains("which belongs to no tenant");
    }

    @Test
    void aPasswordInTheUrlIsRefusedWithoutRepeatingIt() {
        for (String url : List.of(
                "jdbc:postgresql://app:hunter2@db/app",
                "postgres://app:hunter2@db/app",
                "jdbc:postgresql://db/app?ssl=true&password=hunter2")) {
            ReinstateException failure =
                    refused(GOOD.replace("jdbc:postgresql://db.example:5432/app?sslmode=require", url));
            assertThat(failure.details())
                    .singleElement()
                    .asString()
                    .contains("A password stands in")
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void brokenYamlNamesTheLine() {
        assertThat(refused("store:\n  name: [a\narchive: x\n").details())
                .singleElement()
                .asString()
                .contains("reinstate.yaml:3: not YAML");
        assertThat(refused("just a text").details()).anyMatch(line -> line.contains("must be keys with values"));
        assertThat(refused("").details()).anyMatch(line -> line.contains("store is missing"));
    }

    @Test
    void aMissingFileSaysHowToWriteOne() {
        ReinstateException failure = catchThrowableOfType(
                ReinstateException.class, () -> ConfigurationReader.read(folder.resolve("none.yaml")));
        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(failure.next()).contains("reinstate init");
    }
}
