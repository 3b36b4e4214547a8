package dev.reinstate.e2e.proof;

import dev.reinstate.model.PatternRule;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** All made-up tables, every one after those it refers to. */
record ProofSchema(ProofTable tenant, List<ProofTable> tables) {
    /** How the names of tables begin whose rule is one for many. */
    static final String PATTERN_PREFIX = "extra ";

    /** Every statement that makes it, the ledger's included. */
    List<String> ddl() {
        List<String> statements = new ArrayList<>();
        Set<String> schemas = new TreeSet<>();
        tables.forEach(table -> schemas.add(table.name.schema()));
        schemas.remove("public");
        schemas.forEach(schema -> statements.add("CREATE SCHEMA " + ProofTable.quote(schema)));
        List<ProofTable> first = tables.stream().filter(table -> !table.isLater).toList();
        first.forEach(table -> statements.addAll(table.ddl()));
        statements.addAll(OwnerLedger.ddl(first));
        return statements;
    }

    /** As it was when it was made, before any DDL of the history. */
    void reset() {
        tables.removeIf(table -> table.isLater);
        tables.forEach(ProofTable::reset);
    }

    /** The same without that table and those that cannot be without it. */
    ProofSchema without(ProofTable table) {
        Set<ProofTable> gone = new HashSet<>(Set.of(table));
        List<ProofTable> rest = new ArrayList<>();
        for (ProofTable other : tables) {
            boolean dependent = other.references.stream().anyMatch(r -> gone.contains(r.target()))
                    || (other.belonging instanceof Belonging.Type type
                            && type.parents().values().stream().anyMatch(gone::contains))
                    || gone.stream().anyMatch(parent -> other.partitioning.equals(" INHERITS (" + parent.sql() + ")"));
            if (gone.contains(other) || dependent) {
                gone.add(other);
            } else {
                rest.add(other);
            }
        }
        return new ProofSchema(tenant, rest);
    }

    /** Whether every table of {@code all} that a statement names is here. */
    boolean knows(String sql, ProofSchema all) {
        return all.tables().stream().allMatch(table -> tables.contains(table) || !table.isNamedIn(sql));
    }

    /** What a person would tell Reinstate; tenants' schemas are told by their pattern alone. */
    TenancyRules rules() {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        tables.stream()
                .filter(table -> !(table.belonging instanceof Belonging.Schema) && table != tenant)
                .forEach(table -> {
                    rules.put(table.name, table.rule());
                    rules.put(table.otherName(), table.rule());
                });
        rules.put(tenant.name, tenant.rule());
        rules.put(new TableName(OwnerLedger.SCHEMA, "kept"), new TableRule.Ignored());
        rules.put(new TableName(OwnerLedger.SCHEMA, "marker"), new TableRule.Shared());
        return new TenancyRules(
                Optional.of(tenant.name),
                Optional.of(new SchemaPattern("of {tenant}")),
                List.of(new PatternRule(
                        new TablePattern("public." + PATTERN_PREFIX + "*"), new TableRule.ByColumn("of_tenant"))),
                rules);
    }
}
