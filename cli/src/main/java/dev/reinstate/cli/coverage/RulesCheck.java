package dev.reinstate.cli.coverage;

import dev.reinstate.capture.source.ExcludedColumns;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.cli.config.RuleText;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Given;
import dev.reinstate.postgres.discovery.Proposal;
import dev.reinstate.postgres.discovery.TableClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Holds what a configuration says against the tables there are now and against what discovery would say of them: new
 * tables, vanished ones, rules whose columns or keys are gone, patterns that take a table discovery does not give them.
 */
public final class RulesCheck {
    /** What kind of thing was found. */
    public enum Kind {
        /** A table without a rule. */
        NEW,
        /** A person was asked about it and has not decided. */
        UNMAPPED,
        /** A table that has an entry and is not there. */
        VANISHED,
        /** A rule that does not hold on the table as it is. */
        CHANGED,
        /** A rule for many tables that takes one which discovery would not give it. */
        DOUBTFUL,
        /** Nothing that must be acted on. */
        NOTE
    }

    /**
     * Something to tell.
     *
     * @param subject a table, or a pattern
     * @param next what to do
     * @param proposal the rule that discovery would give it; empty when it is not asked
     */
    public record Finding(Kind kind, String subject, String what, String next, Optional<String> proposal) {
        /** Whether a person must act. */
        public boolean needsAttention() {
            return kind != Kind.NOTE;
        }
    }

    private final Catalogue catalogue;
    private final TenancyRules rules;
    private final SaidRules said;
    private final RuleShape shape;
    private final List<Finding> findings = new ArrayList<>();

    public RulesCheck(Catalogue catalogue, TenancyRules rules) {
        this.catalogue = catalogue;
        this.rules = rules;
        this.said = new SaidRules(rules, catalogue);
        this.shape = new RuleShape(catalogue, rules.tenantTable(), said);
    }

    /** What discovery may build on: tenants as configured, and single tables' rules that hold; empty without tenants. */
    public Optional<Given> given() {
        boolean gone = rules.tenantTable()
                .filter(name -> catalogue
                        .table(name)
                        .filter(table -> said.of(name)
                                .filter(found ->
                                        shape.problems(table, found.rule()).isEmpty())
                                .isPresent())
                        .isEmpty())
                .isPresent();
        if (gone) {
            return Optional.empty();
        }
        SortedMap<TableName, TableRule> decided = new TreeMap<>();
        rules.tables()
                .forEach((name, rule) -> catalogue
                        .table(name)
                        .filter(table -> shape.problems(table, rule).isEmpty())
                        .ifPresent(table -> decided.put(name, rule)));
        decided.values().removeIf(rule -> rule.parents().stream().anyMatch(parent -> !isOwned(parent)));
        return Optional.of(new Given(rules.tenantTable(), rules.tenantSchemas(), decided));
    }

    private boolean isOwned(TableName table) {
        return said.of(table).filter(found -> found.rule().isOwned()).isPresent();
    }

    /**
     * Everything there is to tell, what needs attention first.
     *
     * @param proposals what discovery says with {@link #given}; empty without tenants
     * @param free what it says when it is told of no single table
     */
    public List<Finding> findings(List<Proposal> proposals, List<Proposal> free) {
        boolean contradicting = contradictions();
        Map<TableName, Proposal> proposed = byName(proposals);
        Map<TableName, Proposal> undirected = byName(free);
        for (Table table : catalogue.tables()) {
            Optional<SaidRules.Said> rule = said.of(table.name());
            Optional<Proposal> proposal = Optional.ofNullable(proposed.get(table.name()));
            if (rule.isEmpty()) {
                unknown(table, proposal);
            } else if (catalogue.root(table.name()).equals(table.name())) {
                known(table, rule.get(), proposal, Optional.ofNullable(undirected.get(table.name())));
            }
        }
        rules.tables().forEach(this::vanished);
        rules.patterns().forEach(this::idle);
        if (!contradicting) {
            exclusions();
        }
        findings.sort(Comparator.comparing((Finding finding) -> finding.kind()));
        return List.copyOf(findings);
    }

    private static Map<TableName, Proposal> byName(List<Proposal> proposals) {
        Map<TableName, Proposal> byName = new HashMap<>();
        proposals.forEach(proposal -> byName.put(proposal.table(), proposal));
        return byName;
    }

    /** The proposals as the configuration decides them, for a report of how much is covered. */
    public List<Proposal> decided(List<Proposal> proposals) {
        return proposals.stream()
                .map(proposal -> said.of(proposal.table())
                        .map(found -> found.rule().equals(proposal.rule())
                                ? proposal
                                : proposal.decided(found.rule(), "said by " + found.place()))
                        .orElseGet(() -> proposal.decided(new TableRule.Unmapped(), "no rule fits it")))
                .toList();
    }

    private boolean contradictions() {
        try {
            rules.resolve(catalogue.members());
            return false;
        } catch (ReinstateException e) {
            add(Kind.CHANGED, "tenancy", e.what() + ": " + e.why(), e.next(), Optional.empty());
            return true;
        }
    }

    private void unknown(Table table, Optional<Proposal> proposal) {
        boolean asked = proposal.filter(found -> !found.isAsked()).isEmpty();
        String what = proposal.map(found -> asked
                        ? "is new: no rule fits it, and discovery does not know either: " + found.reason()
                        : "is new: no rule fits it; discovery says " + RuleText.of(found.rule()) + ": "
                                + found.reason())
                .orElse("is new: no rule fits it");
        add(
                Kind.NEW,
                table.name().toString(),
                what,
                asked
                        ? "decide whose its rows are, and add it to tenancy.tables"
                        : "add it to tenancy.tables, with that rule or a better one",
                proposal.filter(found -> !asked));
    }

    private void known(Table table, SaidRules.Said rule, Optional<Proposal> proposal, Optional<Proposal> free) {
        String name = table.name().toString();
        if (rule.rule() instanceof TableRule.Unmapped) {
            add(
                    Kind.UNMAPPED,
                    name,
                    "is unmapped" + proposal.map(found -> ": " + found.reason()).orElse(""),
                    "give it a rule; shared and ignored are rules, too",
                    proposal.filter(found -> !found.isAsked()));
            return;
        }
        List<String> problems = shape.problems(table, rule.rule());
        problems.forEach(problem -> add(
                Kind.CHANGED,
                name,
                problem + " (" + RuleText.of(rule.rule()) + ", by " + rule.place() + ")",
                "mend the rule, or the table",
                free.filter(found -> !found.isAsked() && !found.rule().equals(rule.rule()))));
        boolean captured = rule.rule().isOwned() || rule.rule() instanceof TableRule.Shared;
        if (captured) {
            capture(table, name);
        }
        if (problems.isEmpty() && !rule.own()) {
            proposal.filter(found -> !found.rule().equals(rule.rule()) && found.tableClass() != TableClass.PARTITION)
                    .filter(found -> !found.isAsked() || !found.alternatives().isEmpty())
                    .ifPresent(found -> doubtful(name, rule, found));
        }
        if (problems.isEmpty() && rule.own()) {
            free.ifPresent(found -> compared(name, rule, found));
        }
    }

    /** What a person has decided stands; what discovery sees there is worth a note. */
    private void compared(String name, SaidRules.Said rule, Proposal found) {
        if (found.rule().equals(rule.rule())) {
            found.warnings().forEach(warning -> note(name, warning, Optional.empty()));
        } else {
            note(
                    name,
                    "has an entry of its own, " + RuleText.of(rule.rule()) + "; discovery "
                            + (found.isAsked() ? "is not certain" : "says " + RuleText.of(found.rule())) + ": "
                            + found.reason(),
                    Optional.of(found).filter(proposal -> !proposal.isAsked()));
        }
    }

    private void capture(Table table, String name) {
        if (!table.logged()) {
            add(
                    Kind.CHANGED,
                    name,
                    "is UNLOGGED: nothing of it is captured",
                    "make it LOGGED, or map it as ignored",
                    Optional.empty());
        } else if (!catalogue.leaves(table.name()).stream().allMatch(Table::hasKey)) {
            note(name, "has no usable key: only its inserts are captured; give it a primary key", Optional.empty());
        }
    }

    private void doubtful(String name, SaidRules.Said rule, Proposal found) {
        String instead = found.isAsked()
                ? "but discovery is not certain: " + found.reason()
                : "but discovery says " + RuleText.of(found.rule()) + ": " + found.reason();
        add(
                Kind.DOUBTFUL,
                name,
                "is " + RuleText.of(rule.rule()) + " by " + rule.place() + ", " + instead,
                "settle it with an entry of its own in tenancy.tables, this rule or another",
                Optional.of(found).filter(proposal -> !proposal.isAsked()));
    }

    private void vanished(TableName name, TableRule rule) {
        if (catalogue.table(name).isEmpty()) {
            String other = catalogue.others().stream()
                    .filter(found -> found.name().equals(name))
                    .findFirst()
                    .map(found -> "is no table any more but a "
                            + found.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .orElse("is gone from the database");
            add(
                    Kind.VANISHED,
                    name.toString(),
                    other + " (" + RuleText.of(rule) + ")",
                    "take its entry out of tenancy.tables, or name the table it is now; what was captured of it stays"
                            + " in the archive",
                    Optional.empty());
        }
    }

    private void idle(PatternRule pattern) {
        boolean decides = catalogue.tables().stream()
                .anyMatch(table -> said.of(table.name())
                        .flatMap(SaidRules.Said::pattern)
                        .filter(pattern::equals)
                        .isPresent());
        if (!decides) {
            note(
                    pattern.tables().toString(),
                    "decides about no table (" + RuleText.of(pattern.rule()) + ")",
                    Optional.empty());
        }
    }

    private void exclusions() {
        ExcludedColumns excluded = new ExcludedColumns(rules);
        excluded.idle(catalogue)
                .forEach(exclusion -> add(
                        Kind.CHANGED,
                        exclusion.tables().toString(),
                        "excludes columns that no table has: " + String.join(", ", exclusion.columns()),
                        "a column that was renamed is archived under its new name; mend tenancy.exclude",
                        Optional.empty()));
        SourceTables.of(catalogue, rules)
                .refused()
                .forEach((table, columns) -> add(
                        Kind.CHANGED,
                        table.toString(),
                        "cannot be captured: excluded is what its rows are known by: " + String.join(", ", columns),
                        "take its key, and what names its tenant, out of tenancy.exclude, or map the table as ignored",
                        Optional.empty()));
    }

    private void note(String subject, String what, Optional<Proposal> proposal) {
        add(Kind.NOTE, subject, what, "", proposal);
    }

    private void add(Kind kind, String subject, String what, String next, Optional<Proposal> proposal) {
        findings.add(new Finding(kind, subject, what, next, proposal.map(found -> RuleText.of(found.rule()))));
    }
}
