package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableRule.ByColumn;
import dev.reinstate.model.TableRule.ByPath;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TenancyDiscoveryTest {
    /** As {@code pgbench -i --foreign-keys} makes it. */
    private static final String PGBENCH = """
            CREATE TABLE public.pgbench_branches (bid int NOT NULL, bbalance int, filler char(88));
            CREATE TABLE public.pgbench_tellers (tid int NOT NULL, bid int, tbalance int, filler char(84));
            CREATE TABLE public.pgbench_accounts (aid int NOT NULL, bid int, abalance int, filler char(84));
            CREATE TABLE public.pgbench_history
                (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
            ALTER TABLE public.pgbench_branches ADD PRIMARY KEY (bid);
            ALTER TABLE public.pgbench_tellers ADD PRIMARY KEY (tid);
            ALTER TABLE public.pgbench_accounts ADD PRIMARY KEY (aid);
            """;

    private static final String PGBENCH_FOREIGN_KEYS = """
            ALTER TABLE public.pgbench_tellers ADD CONSTRAINT pgbench_tellers_bid_fkey
                FOREIGN KEY (bid) REFERENCES public.pgbench_branches;
            ALTER TABLE public.pgbench_accounts ADD CONSTRAINT pgbench_accounts_bid_fkey
                FOREIGN KEY (bid) REFERENCES public.pgbench_branches;
            ALTER TABLE public.pgbench_history ADD CONSTRAINT pgbench_history_bid_fkey
                FOREIGN KEY (bid) REFERENCES public.pgbench_branches;
            ALTER TABLE public.pgbench_history ADD CONSTRAINT pgbench_history_tid_fkey
                FOREIGN KEY (tid) REFERENCES public.pgbench_tellers;
            ALTER TABLE public.pgbench_history ADD CONSTRAINT pgbench_history_aid_fkey
                FOREIGN KEY (aid) REFERENCES public.pgbench_accounts;
            """;

    private final Database database = TestServer.shared().newDatabase();

    private Map<String, Proposal> propose(String tenantTable, String... ddl) throws SQLException {
        TestServer.execute(database, ddl);
        try (Connection connection = database.connect()) {
            TableName tenant = TableName.parse(tenantTable);
            List<Proposal> proposals = TenancyDiscovery.propose(Catalogue.read(connection), tenant);
            return proposals.stream()
                    .collect(Collectors.toMap(p -> p.table().toString().replace("public.", ""), Function.identity()));
        }
    }

    private static TableRule rule(Map<String, Proposal> proposals, String table) {
        return of(proposals, table).rule();
    }

    private static Proposal of(Map<String, Proposal> proposals, String table) {
        return Objects.requireNonNull(proposals.get(table), table);
    }

    private static ByPath path(String column, String parent) {
        return new ByPath(List.of(column), TableName.parse(parent));
    }

    @Test
    void mapsPgbenchWithForeignKeys() throws SQLException {
        var proposals = propose("public.pgbench_branches", PGBENCH, PGBENCH_FOREIGN_KEYS);
        assertThat(rule(proposals, "pgbench_branches")).isEqualTo(new TableRule.TenantTable("bid"));
        assertThat(rule(proposals, "pgbench_tellers")).isEqualTo(new ByColumn("bid"));
        assertThat(rule(proposals, "pgbench_accounts")).isEqualTo(new ByColumn("bid"));
        Proposal history = of(proposals, "pgbench_history");
        assertThat(history.rule()).isEqualTo(new ByColumn("bid"));
        assertThat(history.reason()).contains("pgbench_history_bid_fkey").contains("inserts only");
        assertThat(history.warnings()).anyMatch(w -> w.contains("bid may be NULL"));
        assertThat(history.alternatives())
                .anyMatch(a -> a.reason().contains("public.pgbench_tellers"))
                .anyMatch(a -> a.reason().contains("public.pgbench_accounts"));
    }

    @Test
    void mapsPgbenchWithoutForeignKeysByName() throws SQLException {
        var proposals = propose("public.pgbench_branches", PGBENCH);
        assertThat(rule(proposals, "pgbench_tellers")).isEqualTo(new ByColumn("bid"));
        assertThat(of(proposals, "pgbench_tellers").reason()).contains("no foreign key");
        assertThat(rule(proposals, "pgbench_history")).isEqualTo(new ByColumn("bid"));
    }

    @Test
    void mapsASaasSchema() throws SQLException {
        var p = propose("public.site", """
                CREATE TABLE public.plan (code text PRIMARY KEY, name text);
                CREATE TABLE public.plan_feature (plan_code text REFERENCES public.plan, feature text,
                    PRIMARY KEY (plan_code, feature));
                CREATE TABLE public.site (id text PRIMARY KEY, plan_code text REFERENCES public.plan,
                    parent_id text REFERENCES public.site, owner_id bigint);
                CREATE TABLE public.member (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES public.site);
                ALTER TABLE public.site ADD FOREIGN KEY (owner_id) REFERENCES public.member;
                CREATE TABLE public.project (site_id text REFERENCES public.site, number int, lead bigint
                    REFERENCES public.member, PRIMARY KEY (site_id, number));
                CREATE TABLE public.issue (id bigint PRIMARY KEY, tenant text NOT NULL, project int NOT NULL,
                    parent_id bigint REFERENCES public.issue, last_comment_id bigint,
                    FOREIGN KEY (tenant, project) REFERENCES public.project (site_id, number));
                CREATE TABLE public.comment (id bigint PRIMARY KEY, issue_id bigint NOT NULL REFERENCES public.issue,
                    author_id bigint REFERENCES public.member);
                ALTER TABLE public.issue ADD FOREIGN KEY (last_comment_id) REFERENCES public.comment;
                CREATE TABLE public.attachment (id bigint PRIMARY KEY,
                    comment_id bigint NOT NULL REFERENCES public.comment,
                    plan_code text REFERENCES public.plan);
                CREATE TABLE public.event (site_id text, at timestamptz);
                CREATE TABLE public.reaction (comment_id bigint REFERENCES public.comment);
                CREATE TABLE public.orphan (id int PRIMARY KEY, note text);
                CREATE TABLE public.city (id int PRIMARY KEY, plan_code text REFERENCES public.plan);
                CREATE TABLE public.flyway_schema_history (installed_rank int PRIMARY KEY);
                CREATE UNLOGGED TABLE public.session (id int PRIMARY KEY, site_id text NOT NULL REFERENCES public.site);
                """);
        assertThat(rule(p, "site")).isEqualTo(new TableRule.TenantTable("id"));
        assertThat(rule(p, "plan")).isEqualTo(new TableRule.Shared());
        assertThat(rule(p, "plan_feature")).isEqualTo(new TableRule.Shared());
        assertThat(rule(p, "member")).isEqualTo(new ByColumn("site_id"));
        assertThat(rule(p, "project")).isEqualTo(new ByColumn("site_id"));
        assertThat(rule(p, "issue"))
                .as("the tenant's column of a composite key")
                .isEqualTo(new ByColumn("tenant"));
        assertThat(rule(p, "comment")).isEqualTo(path("issue_id", "public.issue"));
        assertThat(of(p, "comment").alternatives()).anyMatch(a -> a.reason().contains("public.member"));
        assertThat(rule(p, "attachment")).isEqualTo(path("comment_id", "public.comment"));
        assertThat(rule(p, "event")).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "event").reason()).contains("no foreign key").contains("inserts only");
        assertThat(rule(p, "reaction")).isEqualTo(path("comment_id", "public.comment"));
        assertThat(of(p, "reaction").warnings()).anyMatch(w -> w.contains("comment_id may be NULL"));
        assertThat(rule(p, "orphan")).isEqualTo(new TableRule.Unmapped());
        assertThat(rule(p, "city")).as("only refers to what is shared").isEqualTo(new TableRule.Unmapped());
        assertThat(rule(p, "flyway_schema_history")).isEqualTo(new TableRule.Ignored());
        assertThat(rule(p, "session")).isEqualTo(new TableRule.Unmapped());
        assertThat(of(p, "session").reason()).contains("UNLOGGED");
        TenancyMap map = TenancyDiscovery.toMap(TableName.parse("site"), List.copyOf(p.values()));
        assertThat(map.isTenantOwned(TableName.parse("attachment"))).isTrue();
    }

    @Test
    void prefersTheNotNullPathOverTheNullableColumn() throws SQLException {
        var p = propose("public.site", """
                CREATE TABLE public.site (id int PRIMARY KEY);
                CREATE TABLE public.page (id int PRIMARY KEY, site_id int NOT NULL REFERENCES public.site);
                CREATE TABLE public.note (id int PRIMARY KEY, site_id int REFERENCES public.site,
                    page_id int NOT NULL REFERENCES public.page);
                CREATE TABLE public.tag (id int PRIMARY KEY, site_id int REFERENCES public.site);
                """);
        assertThat(rule(p, "note")).isEqualTo(path("page_id", "public.page"));
        assertThat(of(p, "note").alternatives()).anyMatch(a -> a.reason().contains("column site_id"));
        assertThat(rule(p, "tag")).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "tag").warnings()).hasSize(1);
    }

    @Test
    void keepsTheOrderOfACompositeParentKey() throws SQLException {
        var p = propose("public.site", """
                CREATE TABLE public.site (id int PRIMARY KEY);
                CREATE TABLE public.member (id int PRIMARY KEY, site_id int NOT NULL REFERENCES public.site);
                CREATE TABLE public.shift (day date, member_id int REFERENCES public.member, PRIMARY KEY (day, member_id));
                CREATE TABLE public.call (id int PRIMARY KEY, who int NOT NULL, day date NOT NULL,
                    FOREIGN KEY (who, day) REFERENCES public.shift (member_id, day));
                """);
        assertThat(rule(p, "call")).isEqualTo(new ByPath(List.of("day", "who"), TableName.parse("shift")));
    }

    @Test
    void followsAForeignKeyToOtherUniqueColumnsThanTheKey() throws SQLException {
        var p = propose("public.site", """
                CREATE TABLE public.site (id int PRIMARY KEY);
                CREATE TABLE public.page (id int PRIMARY KEY, slug text NOT NULL UNIQUE,
                    site_id int NOT NULL REFERENCES public.site);
                CREATE TABLE public.hit (id int PRIMARY KEY, slug text NOT NULL REFERENCES public.page (slug));
                """);
        assertThat(rule(p, "hit")).isEqualTo(new ByPath(List.of("slug"), TableName.parse("page"), List.of("slug")));
    }

    @Test
    void takesTheColumnOthersReferToForTheTenantsId() throws SQLException {
        var p = propose("public.site", """
                CREATE TABLE public.site (id int PRIMARY KEY, handle text NOT NULL UNIQUE);
                CREATE TABLE public.page (id int PRIMARY KEY, site text NOT NULL REFERENCES public.site (handle));
                """);
        assertThat(rule(p, "site")).isEqualTo(new TableRule.TenantTable("handle"));
        assertThat(rule(p, "page")).isEqualTo(new ByColumn("site"));
    }

    @Test
    void givesPartitionsTheirRootsRule() throws SQLException {
        var p = propose("public.site", """
                CREATE TABLE public.site (id int PRIMARY KEY);
                CREATE TABLE public.visit (id int, at date, site_id int NOT NULL REFERENCES public.site,
                    PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
                CREATE TABLE public.visit_2025 PARTITION OF public.visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
                CREATE TABLE public.click (id int PRIMARY KEY, visit_id int NOT NULL, at date NOT NULL,
                    FOREIGN KEY (visit_id, at) REFERENCES public.visit);
                """);
        assertThat(rule(p, "visit")).isEqualTo(new ByColumn("site_id"));
        assertThat(rule(p, "visit_2025")).isEqualTo(new ByColumn("site_id"));
        assertThat(of(p, "visit_2025").reason()).startsWith("partition of public.visit");
        assertThat(rule(p, "click")).isEqualTo(new ByPath(List.of("visit_id", "at"), TableName.parse("visit")));
    }

    @Test
    void namesNearTablesWhenTheTenantTableIsUnknown() {
        assertThatThrownBy(() -> propose("public.sites", "CREATE TABLE public.site (id int PRIMARY KEY)"))
                .isInstanceOfSatisfying(ReinstateException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.INVALID);
                    assertThat(e).hasMessageContaining("among them public.site");
                });
    }

    @Test
    void refusesATenantTableWithoutAKey() {
        assertThatThrownBy(() -> propose("public.site", "CREATE TABLE public.site (id int)"))
                .isInstanceOf(ReinstateException.class)
                .hasMessageContaining("cannot be the tenant table");
    }
}
