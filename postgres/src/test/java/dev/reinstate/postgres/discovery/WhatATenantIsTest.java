package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WhatATenantIsTest {
    private final Database database = TestServer.shared().newDatabase();

    private Catalogue read(String... ddl) throws SQLException {
        TestServer.execute(database, ddl);
        try (Connection connection = database.connect()) {
            return Catalogue.read(connection);
        }
    }

    private static String schemas(String... names) {
        StringBuilder sql = new StringBuilder();
        Stream.of(names)
                .forEach(schema ->
                        sql.append("CREATE SCHEMA \"%1$s\"; CREATE TABLE \"%1$s\".a (id int);".formatted(schema)
                                + "CREATE TABLE \"%1$s\".b (id int);".formatted(schema)));
        return sql.toString();
    }

    @Test
    void peopleAreReferredToMoreOftenThanTheirOrganisationAndAreStillNotTheTenant() throws SQLException {
        Catalogue catalogue = read("""
                CREATE TABLE public.plans (id int PRIMARY KEY);
                CREATE TABLE public.organizations (id int PRIMARY KEY, plan_id int REFERENCES public.plans);
                CREATE TABLE public.users (id int PRIMARY KEY, organization_id int REFERENCES public.organizations);
                DO $$ BEGIN FOR i IN 1..12 LOOP
                    EXECUTE format('CREATE TABLE public.t%s (id int PRIMARY KEY, user_id int REFERENCES public.users)', i);
                END LOOP; END $$;
                CREATE TABLE public.usage (day date, organization_id int);
                """);
        List<TenantTableCandidates.Candidate> found = TenantTableCandidates.find(catalogue);
        assertThat(found.getFirst().table()).isEqualTo(TableName.parse("organizations"));
        assertThat(found.getFirst().idColumn()).isEqualTo("id");
        assertThat(found.getFirst().referencingTables()).isEqualTo(1);
        assertThat(found.getFirst().sameNamedColumns()).isEqualTo(1);
        assertThat(found.getFirst().reasons())
                .contains("13 of 16 tables lead to it through foreign keys")
                .contains("\"organization\" is what tenants are often called");
        assertThat(found.get(1).table()).isEqualTo(TableName.parse("users"));
    }

    @Test
    void columnsAloneMakeACandidate() throws SQLException {
        Catalogue catalogue = read("""
                CREATE TABLE public.tbl_merchant (merchant_no int PRIMARY KEY);
                CREATE TABLE public.orders (id int PRIMARY KEY, merchant_id int);
                CREATE TABLE public.payouts (id int PRIMARY KEY, merchant_id int);
                """);
        assertThat(TenantTableCandidates.find(catalogue))
                .extracting(TenantTableCandidates.Candidate::table)
                .containsExactly(TableName.parse("tbl_merchant"));
    }

    @Test
    void schemasOfTheSameTablesHaveTheirNamesInCommon() throws SQLException {
        Optional<SchemaPatterns.Found> found = SchemaPatterns.find(read(schemas("shop1", "shop10", "shop11", "other")
                + "DROP TABLE other.a; DROP TABLE other.b; CREATE TABLE other.c (id int);"));
        assertThat(found).map(f -> f.pattern().text()).contains("shop{tenant}");
        assertThat(found).map(SchemaPatterns.Found::schemas).contains(List.of("shop1", "shop10", "shop11"));
    }

    @Test
    void anIdsFirstLettersAreNoPrefix() throws SQLException {
        assertThat(SchemaPatterns.find(read(schemas("t_anna_db", "t_anton_db"))))
                .map(f -> f.pattern().text())
                .contains("t_{tenant}_db");
    }

    @Test
    void twoSchemasWithoutACommonNameAreNoTenants() throws SQLException {
        assertThat(SchemaPatterns.find(read(schemas("live", "archive")))).isEmpty();
    }

    @Test
    void theReportCountsRowsAndDrawsWays() throws SQLException {
        TestServer.execute(database, """
                CREATE TABLE public.site (id int PRIMARY KEY);
                INSERT INTO public.site SELECT generate_series(1, 10);
                CREATE TABLE public.page (id int PRIMARY KEY, site_id int NOT NULL);
                INSERT INTO public.page SELECT i, 1 + i % 10 FROM generate_series(1, 60) i;
                CREATE TABLE public.line (id int PRIMARY KEY, page_id int NOT NULL REFERENCES public.page);
                CREATE TABLE public.weather (id int PRIMARY KEY);
                INSERT INTO public.weather SELECT generate_series(1, 30);
                CREATE TABLE public.schema_migrations (version text PRIMARY KEY);
                INSERT INTO public.schema_migrations SELECT generate_series(1, 100)::text;
                CREATE VIEW public.pages AS SELECT * FROM public.page;
                ANALYZE;
                """);
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            DataChecks.Checked checked = DataChecks.check(
                    connection, catalogue, Given.tenantTable(TableName.parse("site")), DataChecks.Limits.DEFAULT);
            CoverageReport report = CoverageReport.of(catalogue, checked.proposals(), checked.rows());
            assertThat(report.totals().all()).isEqualTo(200);
            assertThat(report.totals().ignored()).isEqualTo(100);
            assertThat(report.totals().covered()).isEqualTo(70);
            assertThat(report.totals().shareCovered()).isEqualTo(0.7);
            assertThat(report.totals().tables())
                    .containsEntry(TableClass.DERIVED, 1)
                    .containsEntry(TableClass.UNMAPPED, 1);
            assertThat(report.edges())
                    .contains(
                            new CoverageReport.Edge(
                                    TableName.parse("page"),
                                    TableName.parse("site"),
                                    CoverageReport.Link.NAME,
                                    List.of("site_id"),
                                    "",
                                    true),
                            new CoverageReport.Edge(
                                    TableName.parse("line"),
                                    TableName.parse("page"),
                                    CoverageReport.Link.FOREIGN_KEY,
                                    List.of("page_id"),
                                    "line_page_id_fkey",
                                    true));
        }
    }
}
