package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.RuleText;
import dev.reinstate.model.NearNames;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a person has said of tables before discovery begins: of single ones and of all that a pattern names. */
final class Decisions {
    private final Catalogue catalogue;
    private final SortedMap<TableName, TableRule> tables = new TreeMap<>();
    private final List<PatternRule> patterns = new ArrayList<>();

    Decisions(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** @param name a table's name, or a pattern with {@code *} in it; {@code INVALID} when there is no such table */
    void add(String name, TableRule rule) {
        if (name.indexOf('*') < 0) {
            tables.put(named(name), rule);
            return;
        }
        PatternRule pattern = new PatternRule(new TablePattern(name), rule);
        if (catalogue.tables().stream().noneMatch(table -> pattern.tables().matches(table.name()))) {
            throw ReinstateException.invalid(
                    "No table is called " + name,
                    "each * stands for any characters, the first dot divides schema and table",
                    "write it as public.audit_* or *.*_archive");
        }
        patterns.add(pattern);
    }

    void add(String name, String text) {
        add(
                name,
                RuleText.parse(text)
                        .orElseThrow(() -> ReinstateException.invalid(
                                "\"" + text + "\" is not a rule",
                                "rules are " + RuleText.FORMS,
                                "mend --rule " + name + "=…")));
    }

    /** What was decided before stays where nothing else is said now. */
    void keep(TenancyRules before) {
        List<PatternRule> now = List.copyOf(patterns);
        before.patterns().stream()
                .filter(pattern -> !patterns.contains(pattern))
                .forEach(patterns::add);
        before.tables().forEach((table, rule) -> {
            if (catalogue.table(table).isPresent()
                    && !(rule instanceof TableRule.Unmapped)
                    && now.stream().noneMatch(pattern -> pattern.tables().matches(table))) {
                tables.putIfAbsent(table, rule);
            }
        });
    }

    private TableName named(String text) {
        TableName wanted = TableName.parse(text);
        return catalogue
                .table(wanted)
                .orElseThrow(() -> NearNames.noTable(
                        wanted, catalogue.tables().stream().map(Table::name).toList()))
                .name();
    }

    /** Patterns, which stay patterns in the configuration. */
    List<PatternRule> patterns() {
        return List.copyOf(patterns);
    }

    /** Every decided table's rule. */
    SortedMap<TableName, TableRule> tables() {
        SortedMap<TableName, TableRule> decided = new TreeMap<>(tables);
        for (TenancyRules.Member member : catalogue.members()) {
            if (member.root().equals(member.name()) && !tables.containsKey(member.name())) {
                patterns.stream()
                        .filter(pattern -> pattern.fits(member.name(), member.columns()))
                        .findFirst()
                        .ifPresent(pattern -> decided.put(member.name(), pattern.rule()));
            }
        }
        return decided;
    }
}
