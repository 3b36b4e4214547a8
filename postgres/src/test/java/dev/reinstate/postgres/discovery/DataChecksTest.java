package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableRule.ByColumn;
import dev.reinstate.model.TableRule.ByPath;
import dev.reinstate.model.TableRule.ByPaths;
import dev.reinstate.model.TableRule.Unmapped;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
        assertThat(of(p, "note").rule())
                .isEqualTo(new ByPaths(List.of(link("page_id", "page"), link("banner_id", "banner"))));
        assertThat(of(p, "note").evidence())
                .contains(
                        "of 3 sampled rows 2 have exactly one, 0 several, which agree, and 1 none of these links set");
        assertThat(of(p, "note").warnings()).anyMatch(w -> w.startsWith("33 % of 3 sampled rows lead to no tenant"));
    }

    private static ByPath link(String column, String parent) {
        return new ByPath(List.of(column), TableName.parse(parent));
    }

    @Test
    void severalLinksOfWhichEachMayBeEmptyAreOneRuleUnlessTheyDisagree() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.client (id uuid PRIMARY KEY, site_id int REFERENCES public.site);
                INSERT INTO public.client SELECT md5(i::text)::uuid, 1 + i % 20 FROM generate_series(1, 100) i;
                CREATE TABLE public.scope (id int PRIMARY KEY, site_id int NOT NULL REFERENCES public.site);
                INSERT INTO public.scope SELECT i, 1 + i % 20 FROM generate_series(1, 100) i;
                CREATE TABLE public.mapper (id int PRIMARY KEY, client_id uuid REFERENCES public.client,
                    scope_id int REFERENCES public.scope, site_id int REFERENCES public.site,
                    created_by_id int REFERENCES public.page);
                INSERT INTO public.mapper SELECT i, CASE WHEN i % 3 = 0 THEN md5(i::text)::uuid END,
                    CASE WHEN i % 3 = 1 OR i % 6 = 0 THEN i END, CASE WHEN i % 3 = 2 THEN 1 + i % 20 END, i
                    FROM generate_series(1, 99) i;
                CREATE TABLE public.mapper_config (mapper_id int REFERENCES public.mapper, name text,
                    PRIMARY KEY (mapper_id, name));
                INSERT INTO public.mapper_config SELECT i, 'n' FROM generate_series(1, 99) i;
                CREATE TABLE public.reply (id int PRIMARY KEY, page_id int REFERENCES public.page,
                    scope_id int REFERENCES public.scope);
                INSERT INTO public.reply VALUES (1, 1, NULL), (2, NULL, 2), (3, 3, 4);
                CREATE TABLE public.reaction (id int PRIMARY KEY, reply_id int NOT NULL REFERENCES public.reply);
                INSERT INTO public.reaction VALUES (1, 1);
                """);
        assertThat(of(p, "mapper").rule())
                .isEqualTo(new ByPaths(
                        List.of(link("site_id", "site"), link("scope_id", "scope"), link("client_id", "client"))));
        assertThat(of(p, "mapper").tableClass()).isEqualTo(TableClass.PATH);
        assertThat(of(p, "mapper").evidence())
                .contains(
                        "of 99 sampled rows 83 have exactly one, 16 several, which agree, and 0 none of these links set");
        assertThat(of(p, "mapper").warnings()).anyMatch(w -> w.startsWith("of several links the first that is set"));
        assertThat(of(p, "mapper_config").rule()).isEqualTo(link("mapper_id", "mapper"));
        assertThat(of(p, "reply").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "reply").reason())
                .contains("by several (page_id, scope_id) 1 row of 3 sampled rows belong to several tenants");
        assertThat(of(p, "reply").alternatives())
                .anyMatch(a ->
                        a.rule().equals(new ByPaths(List.of(link("page_id", "page"), link("scope_id", "scope")))));
        assertThat(of(p, "reaction").rule()).isEqualTo(new Unmapped());
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

    @Test
    void polymorphicReferencesFollowTheTypesThatTheRowsName() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.users (id int PRIMARY KEY, type text, site_id int NOT NULL REFERENCES public.site);
                INSERT INTO public.users SELECT i, CASE i % 2 WHEN 0 THEN 'Admin' END, 1 + i % 20
                    FROM generate_series(1, 40) i;
                CREATE TABLE public.blog_posts (id int PRIMARY KEY, page_id int NOT NULL REFERENCES public.page);
                INSERT INTO public.blog_posts SELECT i, i FROM generate_series(1, 40) i;
                CREATE TABLE public.comments (id int PRIMARY KEY, commentable_type text NOT NULL, commentable_id bigint NOT NULL,
                    site_hint int REFERENCES public.site);
                CREATE INDEX ON public.comments (commentable_type, commentable_id);
                INSERT INTO public.comments SELECT i, 'Cms::BlogPost', i FROM generate_series(1, 20) i;
                INSERT INTO public.comments SELECT 100 + i, 'Admin', 2 * i FROM generate_series(1, 20) i;
                INSERT INTO public.comments VALUES (200, 'Comment', 1), (201, 'Ghost', 7), (202, 'Page', 999);
                CREATE TABLE public.reactions (id int PRIMARY KEY, "targetType" text NOT NULL, "targetId" text NOT NULL);
                INSERT INTO public.reactions VALUES (1, 'comment', '5'), (2, 'App\\Models\\Page', '7');
                CREATE TABLE public.marks (id int PRIMARY KEY, mark_type text NOT NULL, mark_id int NOT NULL);
                """);
        assertThat(of(p, "comments").rule())
                .isEqualTo(new TableRule.ByType(
                        "commentable_type",
                        "commentable_id",
                        new TreeMap<>(Map.of(
                                "Cms::BlogPost",
                                TableName.parse("blog_posts"),
                                "Admin",
                                TableName.parse("users"),
                                "Comment",
                                TableName.parse("comments")))));
        assertThat(of(p, "comments").evidence())
                .anyMatch(e -> e.contains("Ghost (1 row)") && e.contains("Page (1 row, of whose ids only 0 %"))
                .contains("commentable_type Admin is public.users: 100 % of 20 sampled ids exist there");
        assertThat(of(p, "reactions").rule())
                .isEqualTo(new TableRule.ByType(
                        "targetType",
                        "targetId",
                        new TreeMap<>(Map.of(
                                "comment",
                                TableName.parse("comments"),
                                "App\\Models\\Page",
                                TableName.parse("page")))));
        assertThat(of(p, "marks").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "marks").reason()).contains("mark_type and mark_id look like a reference to several tables");
    }

    @Test
    void djangosContentTypesNameTheTable() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.django_content_type (id int PRIMARY KEY, app_label text NOT NULL, model text NOT NULL);
                INSERT INTO public.django_content_type VALUES (1, 'cms', 'blogpost'), (2, 'site', 'page'), (3, 'auth', 'user');
                CREATE TABLE public.cms_blogpost (id bigint PRIMARY KEY, page_id int NOT NULL REFERENCES public.page);
                INSERT INTO public.cms_blogpost SELECT i, i FROM generate_series(1, 40) i;
                CREATE TABLE public.tagged (id int PRIMARY KEY, object_id text NOT NULL,
                    content_type_id int NOT NULL REFERENCES public.django_content_type);
                INSERT INTO public.tagged VALUES (1, '7', 1), (2, '9', 2), (3, '12', 2);
                """);
        assertThat(of(p, "tagged").rule())
                .isEqualTo(new TableRule.ByType(
                        "content_type_id",
                        "object_id",
                        new TreeMap<>(Map.of("1", TableName.parse("cms_blogpost"), "2", TableName.parse("page")))));
        assertThat(of(p, "django_content_type").rule()).isEqualTo(new TableRule.Shared());
    }

    @Test
    void aListForAllIsNotTheTenantsWhoseRowItNamesAsAnExample() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.theme (id int PRIMARY KEY, sample_page_id int NOT NULL REFERENCES public.page);
                INSERT INTO public.theme VALUES (1, 1), (2, 2);
                CREATE TABLE public.theme_file (id int PRIMARY KEY, theme_id int NOT NULL REFERENCES public.theme);
                ALTER TABLE public.site ADD theme_id int REFERENCES public.theme;
                UPDATE public.site SET theme_id = 1 + id % 2;
                """);
        assertThat(of(p, "site").rule()).isEqualTo(new TableRule.TenantTable("id"));
        assertThat(of(p, "theme").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "theme").reason()).startsWith("18 rows of 20 sampled rows of public.site refer to rows of it");
        assertThat(of(p, "theme_file").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "theme_file").reason()).contains("decide about that table first");
    }

    @Test
    void whatIsSharedWithOtherTenantsIsStillItsOwners() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.section (id int PRIMARY KEY, page_id int NOT NULL REFERENCES public.page);
                INSERT INTO public.section SELECT i, i FROM generate_series(1, 100) i;
                CREATE TABLE public.share (site_id int NOT NULL REFERENCES public.site,
                    section_id int NOT NULL REFERENCES public.section, PRIMARY KEY (site_id, section_id));
                INSERT INTO public.share SELECT 1 + i % 20, i + 1 FROM generate_series(1, 90) i;
                """);
        assertThat(of(p, "section").rule()).isInstanceOf(ByPath.class);
        assertThat(of(p, "share").rule()).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "share").warnings()).anyMatch(w -> w.contains("the first is taken"));
    }

    @Test
    void theTenantSomebodyLooksAtIsNotTheOneTheyBelongTo() throws SQLException {
        var p = check(SITES, """
                CREATE TABLE public.users (id int PRIMARY KEY, current_site_id int NOT NULL REFERENCES public.site);
                INSERT INTO public.users SELECT i, 1 + i % 20 FROM generate_series(1, 40) i;
                CREATE TABLE public.membership (site_id int NOT NULL REFERENCES public.site,
                    user_id int NOT NULL REFERENCES public.users);
                INSERT INTO public.membership SELECT 1 + i % 20, i FROM generate_series(1, 40) i;
                """);
        assertThat(of(p, "users").rule()).isEqualTo(new Unmapped());
        assertThat(of(p, "users").alternatives()).hasSize(1);
        assertThat(of(p, "membership").rule()).isEqualTo(new ByColumn("site_id"));
    }
}
