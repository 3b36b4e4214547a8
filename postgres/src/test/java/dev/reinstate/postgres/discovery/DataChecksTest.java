package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableRule.ByColumn;
import dev.reinstate.model.TableRule.ByPath;
import dev.reinstate.model.TableRule.Unmapped;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DataChecksTest {
    private static final String SITES = """
            CREATE TABLE public.site (id int PRIMARY KEY);
            INSERT INTO public.site SELECT generate_series(1, 20);
            CREATE TABLE public.page (id int PRIMARY KEY, site_id int NOT NULL REFERENCES public.site);
            INSERT INTO public.page SELECT i, 1 + i % 20 FROM generate_series(1, 200) i;
            """;

    private final Database database = TestServer.shared().newDatabase();

    private Map<String, Proposal> check(String... ddl) throws SQLException {
        TestServer.execute(database, ddl);
        try (Connection connection = database.connect()) {
            DataChecks.Checked checked = DataChecks.check(
                    connection,
                    Catalogue.read(connection),
                    Given.tenantTable(TableName.parse("site")),
                    DataChecks.Limits.DEFAULT);
            assertThat(TestServer.text(connection, "SHOW default_transaction_read_only"))
                    .isEqualTo("off");
            assertThat(TestServer.text(connection, "SHOW enable_seqscan")).isEqualTo("on");
            return checked.proposals().stream()
                    .collect(Collectors.toMap(p -> p.table().toString().replace("public.", ""), Function.identity()));
        }
    }

    private static Proposal of(Map<String, Proposal> proposals, String table) {
        return Objects.requireNonNull(proposals.get(table), table);
    }

    @Test
    void aColumnWithoutForeignKeyIsBelievedAsFarAsItsValuesAre() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.visit (id int PRIMARY KEY, site_id int NOT NULL);
                INSERT INTO public.visit SELECT i, 1 + i % 20 FROM generate_series(1, 100) i;
                CREATE TABLE public.old_visit (id int PRIMARY KEY, site_id bigint NOT NULL);
                INSERT INTO public.old_visit SELECT i, 1 + i % 30 FROM generate_series(1, 300) i;
                CREATE TABLE public.crawl (id int PRIMARY KEY, site_id int NOT NULL);
                INSERT INTO public.crawl SELECT i, 900 + i FROM generate_series(1, 100) i;
                CREATE TABLE public.fresh (id int PRIMARY KEY, site_id int NOT NULL);
                """);
        assertThat(of(p, "visit").rule()).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "visit").evidence()).contains("100 % of 100 sampled values of site_id exist as tenants");
        assertThat(of(p, "visit").warnings()).isEmpty();
        assertThat(of(p, "old_visit").rule()).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "old_visit").warnings()).anyMatch(w -> w.startsWith("only 67 % of 300 sampled values"));
        assertThat(of(p, "crawl").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "crawl").evidence()).contains("0 % of 100 sampled values of site_id exist as tenants");
        assertThat(of(p, "fresh").rule()).isEqualTo(new ByColumn("site_id"));
    }

    @Test
    void waysThatDisagreeAreAQuestion() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.author (id int PRIMARY KEY, site_id int NOT NULL REFERENCES public.site);
                INSERT INTO public.author SELECT i, 1 + i % 20 FROM generate_series(1, 200) i;
                CREATE TABLE public.agreed (id int PRIMARY KEY, page_id int NOT NULL REFERENCES public.page,
                    author_id int NOT NULL REFERENCES public.author);
                INSERT INTO public.agreed SELECT i, i, i FROM generate_series(1, 50) i;
                CREATE TABLE public.contested (id int PRIMARY KEY, page_id int NOT NULL REFERENCES public.page,
                    author_id int NOT NULL REFERENCES public.author);
                INSERT INTO public.contested SELECT i, i, i + i / 50 FROM generate_series(1, 50) i;
                CREATE TABLE public.remark (id int PRIMARY KEY, contested_id int NOT NULL REFERENCES public.contested);
                CREATE TABLE public.invited (id int PRIMARY KEY, site_id int NOT NULL REFERENCES public.site,
                    author_id int NOT NULL REFERENCES public.author);
                INSERT INTO public.invited SELECT i, 1 + i % 20, i + 1 FROM generate_series(1, 50) i;
                """);
        assertThat(of(p, "agreed").rule()).isInstanceOf(ByPath.class);
        assertThat(of(p, "agreed").evidence()).anyMatch(e -> e.contains("50 sampled rows the same tenant comes"));
        assertThat(of(p, "contested").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "contested").reason()).startsWith("1 row of 50 sampled rows belong to one tenant");
        assertThat(of(p, "contested").alternatives()).hasSize(2);
        assertThat(of(p, "remark").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "invited").rule()).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "invited").warnings()).anyMatch(w -> w.contains("the first is taken"));
    }

    @Test
    void emptyLinksAreCountedAndAskedAboutWhenAnotherWayFillsThem() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.banner (id int PRIMARY KEY, site_id int REFERENCES public.site);
                INSERT INTO public.banner SELECT i, nullif(i % 20, 0) FROM generate_series(1, 100) i;
                CREATE TABLE public.template (id int PRIMARY KEY, site_id int REFERENCES public.site);
                INSERT INTO public.template SELECT i, CASE WHEN i < 3 THEN i END FROM generate_series(1, 100) i;
                CREATE TABLE public.note (id int PRIMARY KEY, page_id int REFERENCES public.page,
                    banner_id int REFERENCES public.banner);
                INSERT INTO public.note VALUES (1, 1, NULL), (2, NULL, 2), (3, NULL, NULL);
                """);
        assertThat(of(p, "banner").rule()).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "banner").warnings()).anyMatch(w -> w.startsWith("5 % of 100 sampled rows lead to no tenant"));
        assertThat(of(p, "template").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "note").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "note").reason()).contains("but some do by another");
    }

    @Test
    void onlyWhatSeveralTenantsUseIsShared() throws SQLException {
        var p = check("""
                CREATE TABLE public.plan (code text PRIMARY KEY);
                CREATE TABLE public.plan_feature (plan text REFERENCES public.plan, feature text, PRIMARY KEY (plan, feature));
                CREATE TABLE public.address (id int PRIMARY KEY, street text);
                INSERT INTO public.plan VALUES ('free'), ('pro');
                INSERT INTO public.address SELECT generate_series(1, 60);
                CREATE TABLE public.colour (id int PRIMARY KEY);
                CREATE TABLE public.site (id int PRIMARY KEY, plan text NOT NULL REFERENCES public.plan,
                    address_id int NOT NULL REFERENCES public.address, colour_id int REFERENCES public.colour);
                INSERT INTO public.site SELECT i, CASE i % 2 WHEN 0 THEN 'free' ELSE 'pro' END, i
                    FROM generate_series(1, 20) i;
                """);
        assertThat(of(p, "plan").rule()).isEqualTo(new TableRule.Shared());
        assertThat(of(p, "plan").evidence()).anyMatch(e -> e.startsWith("2 of 2 rows"));
        assertThat(of(p, "plan_feature").rule()).isEqualTo(new TableRule.Shared());
        assertThat(of(p, "address").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "address").reason()).contains("none is used by more than one tenant");
        assertThat(of(p, "colour").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "colour").reason()).contains("no row of public.site refers to it yet");
    }
}
