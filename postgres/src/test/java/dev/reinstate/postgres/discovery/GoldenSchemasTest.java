package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Schemas in the habits of different frameworks, each with a few rows, and what discovery must make of them: {@code
 * NAME.sql} goes in, {@code NAME.txt} must come out. What cannot be told stands there as {@code asked}; nothing may stand
 * there that is wrong.
 */
class GoldenSchemasTest {
    private static String resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(GoldenSchemasTest.class.getResourceAsStream("/discovery/" + name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rails",
                "django",
                "prisma",
                "hibernate",
                "django_tenants",
                "apartment",
                "inheritance",
                "composite"
            })
    void isWhatTheGoldenFileSays(String name) throws SQLException {
        Database database = TestServer.shared().newDatabase();
        TestServer.execute(database, resource(name + ".sql"));
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            Given given = found(connection, catalogue);
            DataChecks.Checked checked = DataChecks.check(connection, catalogue, given, DataChecks.Limits.DEFAULT);
            TenancyMap map = TenancyDiscovery.toMap(given, checked.proposals());
            assertThat(map.rules()).hasSize(catalogue.tables().size());
            assertThat(text(given, CoverageReport.of(catalogue, checked.proposals(), checked.rows())))
                    .isEqualTo(resource(name + ".txt"));
        }
    }

    /** What a tenant is, as discovery itself finds it. */
    private static Given found(Connection connection, Catalogue catalogue) {
        Optional<SchemaPattern> schemas = SchemaPatterns.find(catalogue).map(SchemaPatterns.Found::pattern);
        Optional<TableName> table = schemas.isPresent()
                ? SchemaPatterns.tenantTable(connection, catalogue, schemas.get())
                        .map(TenantTableCandidates.Candidate::table)
                : TenantTableCandidates.find(catalogue).stream()
                        .map(TenantTableCandidates.Candidate::table)
                        .findFirst();
        return new Given(table, schemas, new TreeMap<>());
    }

    private static String text(Given given, CoverageReport report) {
        String tenants = "tenants: "
                + given.tenantTable().map(TableName::toString).orElse("")
                + given.tenantSchemas().map(schemas -> " schemas " + schemas).orElse("");
        return report.tables().stream()
                .map(GoldenSchemasTest::line)
                .collect(Collectors.joining("\n", tenants.replace("  ", " ") + "\n", "\n"));
    }

    private static String line(CoverageReport.Line line) {
        String rule = line.rule().map(GoldenSchemasTest::text).orElse("");
        return "%-46s %-11s %s".formatted(line.table(), line.tableClass(), rule).strip();
    }

    private static String text(TableRule rule) {
        return switch (rule) {
            case TableRule.TenantTable tenant -> "tenant " + tenant.idColumn();
            case TableRule.ByColumn column -> "column " + column.column();
            case TableRule.ByPath path ->
                "path " + String.join(", ", path.columns()) + " -> " + path.parent()
                        + (path.parentColumns().isEmpty() ? "" : " " + path.parentColumns());
            case TableRule.ByPaths several ->
                several.paths().stream().map(GoldenSchemasTest::text).collect(Collectors.joining(" else "));
            case TableRule.ByType type ->
                "type " + type.typeColumn() + ", " + type.idColumn() + " -> " + type.parentsByType();
            case TableRule.BySchema schema -> "schema";
            case TableRule.Shared shared -> "shared";
            case TableRule.Ignored ignored -> "ignored";
            case TableRule.Unmapped unmapped -> "asked";
        };
    }
}
