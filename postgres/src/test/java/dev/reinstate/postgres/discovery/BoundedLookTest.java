package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Discovery reads the catalogue and bounded samples, however many tables there are and however large they are. */
class BoundedLookTest {
    private final Database database = TestServer.shared().newDatabase();

    @Test
    void aThousandTablesAreLookedAtWithFewStatementsEach() throws SQLException {
        TestServer.execute(database, """
                CREATE TABLE public.site (id bigint PRIMARY KEY, name text);
                INSERT INTO public.site SELECT i, 's' FROM generate_series(1, 50) i;
                DO $$
                DECLARE
                    columns text := (SELECT string_agg('c' || i || ' text', ', ') FROM generate_series(1, 11) i);
                    way text;
                BEGIN
                    FOR i IN 1..800 LOOP
                        way := CASE i % 4
                            WHEN 0 THEN 'site_id bigint NOT NULL REFERENCES public.site'
                            WHEN 1 THEN 'site_id bigint NOT NULL'
                            WHEN 2 THEN format('parent_id bigint NOT NULL REFERENCES public.t%s', greatest(i - 2, 1) / 4 * 4 + 1)
                            ELSE format('site_id bigint REFERENCES public.site, owner_id bigint REFERENCES public.t%s', i - 2) END;
                        EXECUTE format('CREATE TABLE public.t%s (id bigint PRIMARY KEY, %s, %s)', i, way, columns);
                        EXECUTE format('INSERT INTO public.t%s SELECT i, i FROM generate_series(1, 20) i', i);
                    END LOOP;
                    FOR i IN 1..10 LOOP
                        EXECUTE format('CREATE TABLE public.log%s (at date NOT NULL, site_id bigint NOT NULL, %s) PARTITION BY RANGE (at)',
                            i, columns);
                        FOR j IN 1..19 LOOP
                            EXECUTE format('CREATE TABLE public.log%1$s_%2$s PARTITION OF public.log%1$s FOR VALUES FROM (%3$L) TO (%4$L)',
                                i, j, '2026-01-01'::date + j, '2026-01-02'::date + j);
                        END LOOP;
                        EXECUTE format('INSERT INTO public.log%s SELECT ''2026-01-02''::date + i %% 19, 1 + i %% 50'
                            ' FROM generate_series(1, 100) i', i);
                    END LOOP;
                END $$;
                """);
        try (Connection connection = database.connect()) {
            long start = System.nanoTime();
            Catalogue catalogue = Catalogue.read(connection);
            assertThat(TenantTableCandidates.find(catalogue).getFirst().table()).isEqualTo(TableName.parse("site"));
            DataChecks.Checked checked = DataChecks.check(
                    connection, catalogue, Given.tenantTable(TableName.parse("site")), DataChecks.Limits.DEFAULT);
            CoverageReport report = CoverageReport.of(catalogue, checked.proposals(), checked.rows());
            System.out.printf(
                    "%d tables: %d ms, %d statements, at most %d pages sampled, %.1f %% of rows covered%n",
                    catalogue.tables().size(),
                    (System.nanoTime() - start) / 1_000_000,
                    checked.statements(),
                    checked.pages(),
                    100 * report.totals().shareCovered());
            assertThat(catalogue.tables()).hasSize(1001);
            assertThat(checked.statements()).isLessThan(2 * 1001);
            assertThat(TenancyDiscovery.unmapped(checked.proposals())).isEmpty();
        }
    }

    @Test
    void aLargeTableIsNotScanned() throws SQLException {
        assumeThat(TestServer.shared().majorVersion())
                .as("14 has no way to make a session tell its statistics")
                .isGreaterThan(14);
        TestServer.execute(database, """
                CREATE TABLE public.site (id bigint PRIMARY KEY);
                INSERT INTO public.site SELECT generate_series(1, 50);
                CREATE TABLE public.page (id bigint PRIMARY KEY, site_id bigint NOT NULL REFERENCES public.site);
                INSERT INTO public.page SELECT i, 1 + i % 50 FROM generate_series(1, 500) i;
                CREATE TABLE public.visit (site_id bigint, page_id bigint REFERENCES public.page, filler text);
                INSERT INTO public.visit SELECT 1 + i % 50, 1 + (i + 499) % 500, repeat('x', 400)
                    FROM generate_series(1, 100000) i;
                ANALYZE public.visit;
                """);
        long pages = read("SELECT pg_relation_size('public.visit') / current_setting('block_size')::int");
        long before = read("SELECT heap_blks_read + heap_blks_hit FROM pg_statio_user_tables WHERE relname = 'visit'");
        DataChecks.Checked checked;
        try (Connection connection = database.connect()) {
            checked = DataChecks.check(
                    connection,
                    Catalogue.read(connection),
                    Given.tenantTable(TableName.parse("site")),
                    DataChecks.Limits.DEFAULT);
            Query.list(connection, "Cannot flush statistics", "SELECT pg_stat_force_next_flush()", row -> 0);
        }
        long touched = read("SELECT heap_blks_read + heap_blks_hit FROM pg_statio_user_tables WHERE relname = 'visit'")
                - before;
        assertThat(pages).isGreaterThan(5000);
        assertThat(touched).as("pages touched of " + pages).isPositive().isLessThan(500);
        Map<TableName, TableRule> rules =
                new TreeMap<>(checked.proposals().stream().collect(Collectors.toMap(Proposal::table, Proposal::rule)));
        assertThat(rules).containsEntry(TableName.parse("visit"), new TableRule.ByColumn("site_id"));
        assertThat(checked.rows().get(TableName.parse("visit"))).isBetween(95_000L, 105_000L);
    }

    @Test
    void aTableThatMayNotBeReadIsJudgedByTheCatalogueAndSaidSo() throws SQLException {
        TestServer.execute(database, """
                CREATE TABLE public.site (id bigint PRIMARY KEY);
                INSERT INTO public.site SELECT generate_series(1, 5);
                CREATE TABLE public.secret (id bigint PRIMARY KEY, site_id bigint NOT NULL);
                INSERT INTO public.secret VALUES (1, 1);
                CREATE ROLE discovery_reader LOGIN PASSWORD 'reader';
                GRANT SELECT ON public.site TO discovery_reader;
                """);
        Database reader = TestServer.shared().as(name(), "discovery_reader", "reader");
        try (Connection connection = reader.connect()) {
            DataChecks.Checked checked = DataChecks.check(
                    connection,
                    Catalogue.read(connection),
                    Given.tenantTable(TableName.parse("site")),
                    DataChecks.Limits.DEFAULT);
            Proposal secret = checked.proposals().getFirst();
            assertThat(secret.table()).isEqualTo(TableName.parse("secret"));
            assertThat(secret.rule()).isEqualTo(new TableRule.ByColumn("site_id"));
            assertThat(secret.warnings()).anyMatch(w -> w.startsWith("its rows could not be looked at"));
        } finally {
            TestServer.execute(database, "DROP OWNED BY discovery_reader", "DROP ROLE discovery_reader");
        }
    }

    private String name() {
        return database.displayName().replaceFirst(".*/", "");
    }

    private long read(String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            return Long.parseLong(TestServer.text(connection, sql));
        }
    }
}
