package dev.reinstate.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.PatternRule;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RuleCompressionTest {
    private static final TableName SITE = TableName.parse("site");
    private static final TableRule BY_SITE = new TableRule.ByColumn("site_id");
    private static final TableRule SHARED = new TableRule.Shared();
    private static final TableRule IGNORED = new TableRule.Ignored();

    private final List<TenancyRules.Member> members = new ArrayList<>();
    private final SortedMap<TableName, TableRule> rules = new TreeMap<>();
    private Optional<SchemaPattern> schemas = Optional.empty();

    RuleCompressionTest() {
        table("site", new TableRule.TenantTable("id"), "id", "name");
    }

    private void table(String name, TableRule rule, String... columns) {
        TableName table = TableName.parse(name);
        members.add(new TenancyRules.Member(table, table, Set.of(columns)));
        rules.put(table, rule);
    }

    private TenancyRules compressed(PatternRule... given) {
        TenancyMap map = new TenancyMap(Optional.of(SITE), schemas, rules);
        RuleCompression.Compressed compressed = RuleCompression.compress(map, members, List.of(given));
        assertThat(compressed.rules().resolve(members)).isEqualTo(map);
        return compressed.rules();
    }

    private static PatternRule pattern(String tables, TableRule rule) {
        return new PatternRule(new TablePattern(tables), rule);
    }

    @Test
    void tablesWithTheTenantsColumnAreOneRule() {
        for (String name : List.of("issue", "page", "wiki.note")) {
            table(name, BY_SITE, "id", "site_id");
        }
        table(
                "draft",
                new TableRule.ByPath(List.of("issue_id"), TableName.parse("issue")),
                "id",
                "site_id",
                "issue_id");
        table("country", SHARED, "code");
        TenancyRules brief = compressed();
        assertThat(brief.patterns()).containsExactly(pattern("*.*", BY_SITE));
        assertThat(brief.tables().keySet())
                .containsExactlyInAnyOrder(SITE, TableName.parse("draft"), TableName.parse("country"));
    }

    @Test
    void aColumnThatMostlyMeansSomethingElseIsNoRule() {
        table("profile", new TableRule.ByColumn("id"), "id");
        table("setting", new TableRule.ByColumn("id"), "id");
        for (String name : List.of("country", "plan", "currency", "zone")) {
            table(name, SHARED, "id");
        }
        assertThat(compressed().patterns()).isEmpty();
    }

    @Test
    void manyChildrenOfOneParentAreOneRule() {
        table("issue", BY_SITE, "id", "site_id");
        TableRule byIssue = new TableRule.ByPath(List.of("issue_id"), TableName.parse("issue"));
        for (String name : List.of("comment", "vote", "watcher", "label", "attachment")) {
            table(name, byIssue, "id", "issue_id");
        }
        table("export.issue_id_map", IGNORED, "issue_id");
        TenancyRules brief = compressed();
        assertThat(brief.patterns()).containsExactly(pattern("*.*", byIssue));
        assertThat(brief.tables())
                .containsEntry(TableName.parse("export.issue_id_map"), IGNORED)
                .hasSize(3);
    }

    @Test
    void namesAreRulesOnlyWhereAllOfThemSayTheSame() {
        for (String name : List.of("ref_country", "ref_currency", "ref_zone", "ref_plan")) {
            table(name, SHARED, "id");
        }
        for (String name : List.of("job_a", "job_b", "job_c", "job_d")) {
            table(name, IGNORED, "id");
        }
        table("job_note", SHARED, "id");
        for (String schema : List.of("a", "b", "c")) {
            table(schema + ".schema_migrations", IGNORED, "version");
        }
        assertThat(compressed().patterns())
                .containsExactly(pattern("*.schema_migrations", IGNORED), pattern("public.ref_*", SHARED));
    }

    @Test
    void tenantsSchemasNeedNoRuleButTheirExceptionsDo() {
        schemas = Optional.of(new SchemaPattern("t_{tenant}"));
        for (int i = 0; i < 5; i++) {
            table("t_" + i + ".issue", new TableRule.BySchema(), "id");
            table("t_" + i + ".schema_migrations", IGNORED, "version");
        }
        table("t_0.stray", new TableRule.Unmapped(), "id");
        TenancyRules brief = compressed();
        assertThat(brief.patterns()).containsExactly(pattern("*.schema_migrations", IGNORED));
        assertThat(brief.tables().keySet()).containsExactlyInAnyOrder(SITE, TableName.parse("t_0.stray"));
    }

    @Test
    void aPatternThatAPersonGaveStaysAndComesFirst() {
        table("issue", BY_SITE, "site_id");
        table("page", BY_SITE, "site_id");
        table("page_archive", IGNORED, "site_id");
        PatternRule given = pattern("public.*_archive", IGNORED);
        TenancyRules brief = compressed(given);
        assertThat(brief.patterns()).containsExactly(given, pattern("*.*", BY_SITE));
        assertThat(brief.tables()).hasSize(1);
    }

    @Test
    void partitionsFollowTheirRootAndDifferingOnesAreSpelledOut() {
        table("event", BY_SITE, "site_id");
        table("page", BY_SITE, "site_id");
        TableName event = TableName.parse("event");
        for (String name : List.of("event_1", "event_2")) {
            members.add(new TenancyRules.Member(TableName.parse(name), event, Set.of("site_id")));
        }
        rules.put(TableName.parse("event_1"), BY_SITE);
        rules.put(TableName.parse("event_2"), IGNORED);
        assertThat(compressed().tables().keySet()).containsExactlyInAnyOrder(SITE, TableName.parse("event_2"));
    }

    @Test
    void whateverTheMapTheFewRulesSayTheSame() {
        long seed = Long.getLong("reinstate.seed", System.nanoTime());
        Random random = new Random(seed);
        List<TableName> owned = new ArrayList<>(List.of(SITE));
        int saved = 0;
        for (int round = 0; round < 60; round++) {
            members.removeIf(member -> !member.name().equals(SITE));
            rules.keySet().removeIf(table -> !table.equals(SITE));
            owned.removeIf(table -> !table.equals(SITE));
            schemas = random.nextBoolean() ? Optional.of(new SchemaPattern("t{tenant}")) : Optional.empty();
            for (int i = random.nextInt(80); i > 0; i--) {
                addRandomTable(random, owned);
            }
            TenancyMap map = new TenancyMap(Optional.of(SITE), schemas, rules);
            RuleCompression.Compressed brief = RuleCompression.compress(map, members, List.of());
            assertThat(brief.rules().resolve(members))
                    .as("-Dreinstate.seed=%s", seed)
                    .isEqualTo(map);
            assertThat(brief.rules().tables().size() + brief.rules().patterns().size())
                    .as("-Dreinstate.seed=%s", seed)
                    .isLessThanOrEqualTo(rules.size());
            saved += rules.size() - brief.rules().tables().size();
        }
        assertThat(saved)
                .as("tables that patterns decide, -Dreinstate.seed=%s", seed)
                .isGreaterThan(100);
    }

    private void addRandomTable(Random random, List<TableName> owned) {
        TableName name = new TableName(
                List.of("public", "t1", "t2", "t3", "x*y").get(random.nextInt(5)),
                List.of("ref_", "job_", "", "*", "a.b_").get(random.nextInt(5)) + random.nextInt(12));
        if (rules.containsKey(name)) {
            return;
        }
        boolean inTenant = schemas.flatMap(s -> s.tenantOf(name.schema())).isPresent();
        TableName parent = owned.get(random.nextInt(owned.size()));
        TableRule rule = switch (random.nextInt(7)) {
            case 0, 1 -> BY_SITE;
            case 2 -> new TableRule.ByPath(List.of(parent.name() + "_id"), parent);
            case 3 -> SHARED;
            case 4 -> IGNORED;
            case 5 -> inTenant ? new TableRule.BySchema() : new TableRule.Unmapped();
            default -> new TableRule.ByType("type", "id", new TreeMap<>(Map.of("X", parent)));
        };
        Set<String> columns = new HashSet<>(rule.ownerColumns());
        if (random.nextInt(4) == 0) {
            columns.add("site_id");
        }
        columns.add("id");
        members.add(new TenancyRules.Member(name, name, columns));
        rules.put(name, rule);
        if (rule.isOwned()) {
            owned.add(name);
        }
    }
}
