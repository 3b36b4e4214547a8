package dev.reinstate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TenancyMapTest {
    private static final TableName SITE = TableName.parse("site");
    private static final TableName A = TableName.parse("a");
    private static final TableName B = TableName.parse("b");
    private static final TableName COUNTRY = TableName.parse("country");

    private final SortedMap<TableName, TableRule> rules = new TreeMap<>();

    TenancyMapTest() {
        rules.put(SITE, new TableRule.TenantTable("id"));
    }

    @Test
    void listsParentsBeforeChildren() {
        rules.put(A, new TableRule.ByPath(List.of("b_id"), B));
        rules.put(B, new TableRule.ByColumn("site_id"));
        rules.put(COUNTRY, new TableRule.Shared());
        TenancyMap map = new TenancyMap(SITE, rules);
        assertThat(map.tenantTablesParentsFirst()).containsExactly(B, A, SITE);
        assertThat(map.capturedTables()).containsExactly(A, B, COUNTRY, SITE);
        assertThat(map.isTenantOwned(COUNTRY)).isFalse();
    }

    @Test
    void refusesAPathInACircle() {
        rules.put(A, new TableRule.ByPath(List.of("b_id"), B));
        rules.put(B, new TableRule.ByPath(List.of("a_id"), A));
        assertThatThrownBy(() -> new TenancyMap(SITE, rules)).hasMessageContaining("circle");
    }

    @Test
    void allowsATypeThatStandsForTheTableItself() {
        rules.put(A, new TableRule.ByType("type", "id", new TreeMap<>(Map.of("A", A, "B", B))));
        rules.put(B, new TableRule.ByColumn("site_id"));
        TenancyMap map = new TenancyMap(SITE, rules);
        assertThat(map.tenantTablesParentsFirst()).containsExactly(B, A, SITE);
        assertThat(map.isTree(A)).isTrue();
        assertThat(map.isTree(B)).isFalse();
    }

    @Test
    void refusesATableWhoseRowsBelongToItsOwnAlone() {
        rules.put(A, new TableRule.ByType("type", "id", new TreeMap<>(Map.of("A", A))));
        assertThatThrownBy(() -> new TenancyMap(SITE, rules)).hasMessageContaining("alone");
        rules.put(A, new TableRule.ByPath(List.of("parent"), A));
        assertThatThrownBy(() -> new TenancyMap(SITE, rules)).hasMessageContaining("alone");
    }

    @Test
    void ofSeveralPathsNoneLeadsToTheTableItself() {
        TableRule.ByPath toB = new TableRule.ByPath(List.of("b_id"), B);
        TableRule.ByPath toSite = new TableRule.ByPath(List.of("site_id"), SITE);
        rules.put(A, new TableRule.ByPaths(List.of(toB, toSite)));
        rules.put(B, new TableRule.ByColumn("site_id"));
        TenancyMap map = new TenancyMap(SITE, rules);
        assertThat(map.tenantTablesParentsFirst()).containsExactly(B, SITE, A);
        assertThat(map.isTree(A)).isFalse();
        rules.put(A, new TableRule.ByPaths(List.of(toB, new TableRule.ByPath(List.of("parent"), A))));
        assertThatThrownBy(() -> new TenancyMap(SITE, rules)).hasMessageContaining("One of several paths");
        assertThatThrownBy(() -> new TableRule.ByPaths(List.of(toB))).hasMessageContaining("1 paths");
        assertThatThrownBy(() -> new TableRule.ByPaths(List.of(toB, toB))).hasMessageContaining("2 paths");
    }

    @Test
    void refusesAPathThatEndsAtNoTenant() {
        rules.put(A, new TableRule.ByPath(List.of("country"), COUNTRY));
        rules.put(COUNTRY, new TableRule.Shared());
        assertThatThrownBy(() -> new TenancyMap(SITE, rules)).hasMessageContaining("belongs to no tenant");
    }

    @Test
    void refusesAMapWithoutItsTenantTable() {
        assertThatThrownBy(() -> new TenancyMap(A, rules)).hasMessageContaining("tenant table");
    }
}
