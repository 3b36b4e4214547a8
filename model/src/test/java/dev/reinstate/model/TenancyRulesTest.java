package dev.reinstate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TenancyRulesTest {
    private static final TableName SITE = TableName.parse("site");
    private static final TableRule BY_SITE = new TableRule.ByColumn("site_id");

    private final SortedMap<TableName, TableRule> tables = new TreeMap<>(Map.of(SITE, new TableRule.TenantTable("id")));

    private static PatternRule pattern(String tables, TableRule rule) {
        return new PatternRule(new TablePattern(tables), rule);
    }

    private static TenancyRules.Member table(String name, String... columns) {
        return new TenancyRules.Member(TableName.parse(name), TableName.parse(name), Set.of(columns));
    }

    private TenancyMap resolve(List<PatternRule> patterns, TenancyRules.Member... members) {
        return new TenancyRules(Optional.of(SITE), Optional.of(new SchemaPattern("t_{tenant}")), patterns, tables)
                .resolve(List.of(members));
    }

    @Test
    void theFirstPatternThatFitsIsTheRuleWhereTheTableHasItsColumns() {
        TenancyMap map = resolve(
                List.of(pattern("public.old_*", new TableRule.Ignored()), pattern("*.*", BY_SITE)),
                table("site", "id"),
                table("issue", "id", "site_id"),
                table("old_issue", "id", "site_id"),
                table("country", "code"));
        assertThat(map.rules())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        SITE,
                        new TableRule.TenantTable("id"),
                        TableName.parse("issue"),
                        BY_SITE,
                        TableName.parse("old_issue"),
                        new TableRule.Ignored()));
    }

    @Test
    void anOwnRuleComesBeforePatternsAndAPartitionHasItsRootsRule() {
        TableName event = TableName.parse("event");
        tables.put(event, new TableRule.Shared());
        TenancyMap map = resolve(
                List.of(pattern("*.*", BY_SITE)),
                table("event", "site_id"),
                new TenancyRules.Member(TableName.parse("event_2026"), event, Set.of("site_id")));
        assertThat(map.rule(event)).contains(new TableRule.Shared());
        assertThat(map.rule(TableName.parse("event_2026"))).contains(new TableRule.Shared());
    }

    @Test
    void aTenantsSchemaIsTheLastResort() {
        TenancyMap map = resolve(
                List.of(pattern("*.schema_migrations", new TableRule.Ignored())),
                table("t_42.issue"),
                table("t_42.schema_migrations"),
                table("t_.issue"));
        assertThat(map.rule(TableName.parse("t_42.issue"))).contains(new TableRule.BySchema());
        assertThat(map.rule(TableName.parse("t_42.schema_migrations"))).contains(new TableRule.Ignored());
        assertThat(map.rule(TableName.parse("t_.issue"))).isEmpty();
    }

    @Test
    void publicIsNobodysSchemaUnlessATableSaysSo() {
        TableName note = TableName.parse("public.note");
        TenancyRules rules = new TenancyRules(
                Optional.empty(), Optional.of(new SchemaPattern("{tenant}")), List.of(), new TreeMap<>());
        assertThat(rules.resolve(List.of(table("acme.note"), table("public.note")))
                        .rules())
                .containsOnlyKeys(TableName.parse("acme.note"));
        TenancyRules told = new TenancyRules(
                Optional.empty(),
                Optional.of(new SchemaPattern("{tenant}")),
                List.of(),
                new TreeMap<>(Map.of(note, new TableRule.BySchema())));
        assertThat(told.resolve(List.of(table("public.note"))).rules()).containsOnlyKeys(note);
    }

    @Test
    void aPatternIsTakenByItsLetters() {
        TablePattern pattern = new TablePattern("app*.a.b*c");
        assertThat(pattern.matches(new TableName("app", "a.bc"))).isTrue();
        assertThat(pattern.matches(new TableName("app_2", "a.b\n.c"))).isTrue();
        assertThat(pattern.matches(new TableName("app", "axbc"))).isFalse();
        assertThat(pattern.matches(new TableName("ap", "a.bc"))).isFalse();
        assertThatThrownBy(() -> new TablePattern("site")).hasMessageContaining("dot");
    }

    @Test
    void aSchemaPatternHasTheTenantOnce() {
        assertThat(new SchemaPattern("{tenant}_app").tenantOf("acme_app")).contains(new TenantId("acme"));
        assertThat(new SchemaPattern("{tenant}_app").schemaOf(new TenantId("acme")))
                .isEqualTo("acme_app");
        assertThatThrownBy(() -> new SchemaPattern("app")).hasMessageContaining("{tenant}");
        assertThatThrownBy(() -> new SchemaPattern("{tenant}{tenant}")).hasMessageContaining("once");
    }

    @Test
    void aMapMayHaveSchemasInsteadOfATenantTable() {
        SortedMap<TableName, TableRule> rules = new TreeMap<>(Map.of(
                TableName.parse("t_1.note"), new TableRule.BySchema(),
                TableName.parse("t_1.line"), new TableRule.ByPath(List.of("note_id"), TableName.parse("t_1.note"))));
        assertThat(new TenancyMap(Optional.empty(), Optional.of(new SchemaPattern("t_{tenant}")), rules)
                        .capturedTables())
                .hasSize(2);
        assertThatThrownBy(() -> new TenancyMap(Optional.empty(), Optional.empty(), rules))
                .hasMessageContaining("no tenants");
        assertThatThrownBy(() -> new TenancyMap(Optional.empty(), Optional.of(new SchemaPattern("x{tenant}")), rules))
                .hasMessageContaining("names no tenant");
    }

    @Test
    void aPolymorphicRuleNeedsParentsThatEndAtATenant() {
        TableName note = TableName.parse("note");
        SortedMap<String, TableName> types = new TreeMap<>(Map.of("Site", SITE, "Country", TableName.parse("country")));
        tables.put(note, new TableRule.ByType("about_type", "about_id", types));
        assertThatThrownBy(() -> resolve(List.of())).hasMessageContaining("public.country, which belongs to no tenant");
        types.remove("Country");
        tables.put(note, new TableRule.ByType("about_type", "about_id", types));
        assertThat(resolve(List.of()).tenantTablesParentsFirst()).containsExactly(SITE, note);
    }
}
