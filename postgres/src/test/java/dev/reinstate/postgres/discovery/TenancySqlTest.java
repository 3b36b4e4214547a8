package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.copy.CopyOut;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenancySqlTest {
    private static final TableName SITE = TableName.parse("site");
    private static final TableName PAGE = TableName.parse("page");
    private static final TableName COMMENT = TableName.parse("comment");
    private static final TableName REACTION = TableName.parse("reaction");
    private static final TenantId TENANT = new TenantId("site-7");

    private Connection connection;
    private TenancySql sql;

    @BeforeAll
    void load() {
        Database database = TestServer.shared().newDatabase();
        TestServer.execute(database, """
                CREATE TABLE public.site (id varchar(8) PRIMARY KEY);
                CREATE TABLE public.page (id int PRIMARY KEY, site_id varchar(8) NOT NULL REFERENCES public.site);
                CREATE TABLE public.comment (id int PRIMARY KEY, page_id int NOT NULL REFERENCES public.page);
                CREATE TABLE public.reaction (id int PRIMARY KEY, comment_id int NOT NULL REFERENCES public.comment);
                CREATE TABLE public.kind (id int PRIMARY KEY);
                ALTER TABLE public.reaction ADD COLUMN kind_id int REFERENCES public.kind;
                INSERT INTO public.site SELECT 'site-' || i FROM generate_series(1, 500) i;
                INSERT INTO public.page SELECT i, 'site-' || 1 + i % 500 FROM generate_series(1, 5000) i;
                INSERT INTO public.comment SELECT i, 1 + i % 5000 FROM generate_series(1, 100000) i;
                INSERT INTO public.reaction SELECT i, 1 + i % 100000 FROM generate_series(1, 200000) i;
                CREATE INDEX ON public.page (site_id);
                CREATE INDEX ON public.comment (page_id);
                CREATE INDEX ON public.reaction (comment_id);
                """, "VACUUM ANALYZE");
        connection = database.connect();
        Catalogue catalogue = Catalogue.read(connection);
        sql = new TenancySql(catalogue, TenancyDiscovery.toMap(SITE, TenancyDiscovery.propose(catalogue, SITE)));
    }

    @AfterAll
    void close() throws SQLException {
        connection.close();
    }

    private long count(TableName table, TenantId tenant) {
        return CopyOut.forEach(connection, sql.selectRows(table, List.of("id"), tenant), 1, row -> {});
    }

    @Test
    void selectsTheTenantsRows() {
        assertThat(count(SITE, TENANT)).isEqualTo(1);
        assertThat(count(PAGE, TENANT)).isEqualTo(10);
        assertThat(count(COMMENT, TENANT)).isEqualTo(200);
        assertThat(count(REACTION, TENANT)).isEqualTo(400);
        assertThat(count(REACTION, new TenantId("nobody' OR true --"))).isZero();
    }

    @Test
    void doesNotCutALongIdDownToAnothers() {
        assertThat(count(SITE, new TenantId("site-100000"))).isZero();
        assertThat(count(SITE, new TenantId("site-1000"))).isZero();
    }

    @Test
    void costsWhatTheTenantCosts() {
        for (TableName table : List.of(PAGE, COMMENT, REACTION)) {
            assertThat(plan(sql.selectRows(table, List.of("id"), TENANT)))
                    .as("plan of " + table)
                    .doesNotContain("Seq Scan");
            assertThat(plan("SELECT count(*) FROM " + table + " t WHERE " + sql.condition(table, "t", TENANT)))
                    .as("plan of a condition on " + table)
                    .doesNotContain("Seq Scan");
        }
    }

    private String plan(String query) {
        return String.join("\n", Query.list(connection, "Cannot explain", "EXPLAIN " + query, row -> row.getString(1)));
    }

    @Test
    void theConditionIsTrueForTheSameRows() {
        for (TableName table : List.of(SITE, PAGE, COMMENT, REACTION)) {
            String counted = TestServer.text(
                    connection, "SELECT count(*) FROM " + table + " t WHERE " + sql.condition(table, "t", TENANT));
            assertThat(counted).as(table.toString()).isEqualTo(String.valueOf(count(table, TENANT)));
        }
    }

    @Test
    void theOwnerIsTheTenantWhoseConditionIsTrueAndNullForWhatIsCutOff() {
        for (TableName table : List.of(SITE, PAGE, COMMENT, REACTION)) {
            assertThat(counted(table, sql.owner(table, "t") + " = 'site-7'")).isEqualTo(count(table, TENANT));
            assertThat(counted(table, sql.owner(table, "t") + " IS NULL")).isZero();
            assertThat(counted(table, sql.isCutOff(table, "t"))).isZero();
        }
        Query.execute(
                connection,
                "Cannot cut off",
                "BEGIN; SET LOCAL session_replication_role = replica;"
                        + "DELETE FROM public.page WHERE site_id = 'site-7'");
        assertThat(counted(COMMENT, sql.isCutOff(COMMENT, "t"))).isEqualTo(200);
        assertThat(counted(COMMENT, sql.owner(COMMENT, "t") + " IS NULL")).isEqualTo(200);
        assertThat(counted(REACTION, sql.isCutOff(REACTION, "t"))).isZero();
        assertThat(counted(REACTION, sql.owner(REACTION, "t") + " IS NULL")).isEqualTo(400);
        Query.execute(connection, "Cannot roll back", "ROLLBACK");
    }

    private long counted(TableName table, String condition) {
        return Long.parseLong(TestServer.text(connection, "SELECT count(*) FROM " + table + " t WHERE " + condition));
    }

    @Test
    void leadsFromRowsToWhatTheyBelongTo() {
        String joined = "SELECT count(*) FROM public.reaction t"
                + sql.joinsTo(PAGE, "above", REACTION, "t").getFirst()
                + " WHERE above.site_id = 'site-7'";
        assertThat(TestServer.text(connection, joined)).isEqualTo("400");
    }

    @Test
    void refusesTablesThatBelongToNoTenant() {
        assertThatThrownBy(() -> sql.selectRows(TableName.parse("kind"), List.of("id"), TENANT))
                .isInstanceOf(ReinstateException.class)
                .hasMessageContaining("cannot be selected by tenant");
    }
}
