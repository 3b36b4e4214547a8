package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether the way that a table's rows take leads every sampled row to a tenant, and whether the ways not taken lead to the
 * same one. A row that a second way gives to another tenant, or that only a second way gives to any, is a question for a
 * person; unless a column with a foreign key names the tenant outright. So is one that a way through a table that is asked
 * about itself gives to another: that way may be the right one.
 */
final class WayChecks {
    private static final int MOST_ALTERNATIVES = 8;

    private record Question(TableName table, TableRule rule, List<TableRule> others) {}

    /** A table with the way that its rows take, and those not taken. */
    private record Ways(Table table, Proposal proposal, List<Proposal.Alternative> others) {}

    /** With all tables on any of its ways, on theirs, and so on. */
    private record Followed(Ways ways, Set<TableName> behind) {}

    /** What one other way says of the sampled rows. */
    private record Compared(Proposal.Alternative other, long both, long differ, long only) {
        boolean mostlyDiffers() {
            return differ > 0 && 2 * differ >= both;
        }
    }

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Samples samples;
    private final Facts facts;
    private final SeveralParents several;
    private final DataChecks.Looked<Question> looked = new DataChecks.Looked<>();
    private Map<TableName, TableRule> supposed = Map.of();

    WayChecks(Catalogue catalogue, LogicalTables logical, Given given, Samples samples, Facts facts) {
        this.catalogue = catalogue;
        this.logical = logical;
        this.given = given;
        this.samples = samples;
        this.facts = facts;
        this.several = new SeveralParents(catalogue, logical, given, samples, facts);
    }

    /** Looks at what was not looked at yet; whether there was anything. */
    boolean check(List<Proposal> proposals) {
        Map<TableName, TableRule> rules = DataChecks.rules(proposals);
        Map<TableName, Proposal> supposing = suppose(rules);
        List<Ways> ways = new ArrayList<>();
        for (Proposal proposal : proposals) {
            Optional<Table> table = DataChecks.root(catalogue, proposal);
            if (table.isPresent()) {
                List<Proposal.Alternative> others = proposal.rule() instanceof TableRule.TenantTable
                        ? references(table.get(), rules)
                        : others(proposal, supposing.getOrDefault(proposal.table(), proposal));
                ways.add(new Ways(table.get(), proposal, others));
            }
        }
        boolean any = false;
        facts.news().clear();
        for (Followed followed : parentsFirst(ways)) {
            boolean waits = !Collections.disjoint(followed.behind(), facts.news());
            if (!waits && isOpen(followed.ways())) {
                any |= look(followed.ways());
            }
        }
        return any;
    }

    private boolean look(Ways ways) {
        boolean worth = !ways.others().isEmpty() || !ways.proposal().warnings().isEmpty();
        Question question = new Question(
                ways.table().name(),
                ways.proposal().rule(),
                ways.others().stream().map(Proposal.Alternative::rule).toList());
        boolean first = worth && looked.firstTime(question);
        if (first) {
            lookAt(ways.table(), ways.proposal(), ways.others());
        }
        return first;
    }

    /** Ways through tables that a person is asked about count, too: they may be the right ones. */
    private Map<TableName, Proposal> suppose(Map<TableName, TableRule> rules) {
        Map<TableName, Proposal> supposing = new HashMap<>();
        TenancyDiscovery.suppose(catalogue, logical, given, facts).forEach(p -> supposing.put(p.table(), p));
        supposed = new HashMap<>(rules);
        supposing.forEach((table, proposal) -> supposed.computeIfPresent(
                table, (t, rule) -> rule instanceof TableRule.Unmapped ? proposal.rule() : rule));
        return supposing;
    }

    /** What may follow a table is looked at once it is known how that one's rows find their tenant. */
    private List<Followed> parentsFirst(List<Ways> all) {
        Map<TableName, Set<TableName>> parents = new HashMap<>();
        for (Ways ways : all) {
            Set<TableName> next = new HashSet<>(roots(ways.proposal().rule()));
            ways.others().forEach(other -> next.addAll(roots(other.rule())));
            parents.put(ways.table().name(), next);
        }
        Function<TableName, Set<TableName>> next = table -> parents.getOrDefault(table, Set.of());
        return all.stream()
                .map(ways -> new Followed(ways, closure(next.apply(ways.table().name()), next)))
                .sorted(Comparator.comparingInt(followed -> followed.behind().size()))
                .toList();
    }

    /** All tables on a way. */
    private Set<TableName> behind(TableRule way) {
        return closure(roots(way), parent -> roots(supposed.getOrDefault(parent, new TableRule.Unmapped())));
    }

    private Set<TableName> roots(TableRule way) {
        return way.parents().stream().map(logical::rootOf).collect(Collectors.toSet());
    }

    private static Set<TableName> closure(Set<TableName> first, Function<TableName, Set<TableName>> parents) {
        Set<TableName> all = new HashSet<>(first);
        Deque<TableName> next = new ArrayDeque<>(first);
        while (!next.isEmpty()) {
            parents.apply(next.pop()).stream().filter(all::add).forEach(next::push);
        }
        return all;
    }

    private boolean isOpen(Ways ways) {
        Proposal proposal = ways.proposal();
        boolean chosen = proposal.rule() instanceof TableRule.ByColumn
                || proposal.rule() instanceof TableRule.ByPath
                || proposal.rule() instanceof TableRule.ByPaths
                || proposal.rule() instanceof TableRule.ByType
                || proposal.rule() instanceof TableRule.TenantTable;
        return chosen && !given.decided().containsKey(proposal.table());
    }

    /** What the tenant's own row refers to is no way of it, but must be the tenant's when it is said to be a tenant's. */
    private List<Proposal.Alternative> references(Table tenantTable, Map<TableName, TableRule> rules) {
        return logical.foreignKeys(tenantTable).stream()
                .filter(key -> catalogue.table(key.referenced()).isPresent()
                        && !logical.rootOf(key.referenced()).equals(tenantTable.name())
                        && Optional.ofNullable(rules.get(key.referenced()))
                                .filter(TableRule::isOwned)
                                .isPresent())
                .map(key -> new Proposal.Alternative(
                        new TableRule.ByPath(key.columns(), key.referenced(), key.referencedColumns()),
                        "it refers to " + key.referenced() + " by " + String.join(", ", key.columns()),
                        false))
                .limit(MOST_ALTERNATIVES)
                .toList();
    }

    /** The ways not taken, those included that lead through tables that a person is asked about. */
    private static List<Proposal.Alternative> others(Proposal proposal, Proposal supposed) {
        Proposal.Alternative first = new Proposal.Alternative(supposed.rule(), supposed.reason(), false);
        return Stream.concat(
                        proposal.alternatives().stream(),
                        Stream.concat(Stream.of(first), supposed.alternatives().stream()))
                .filter(other -> !other.doubtful() && other.rule().isOwned())
                .filter(other -> !other.rule().equals(proposal.rule()) && !isPartOf(proposal.rule(), other.rule()))
                .collect(Collectors.toMap(
                        Proposal.Alternative::rule, Function.identity(), (one, same) -> one, LinkedHashMap::new))
                .values()
                .stream()
                .limit(MOST_ALTERNATIVES)
                .toList();
    }

    /** Whether the other is one of the paths of a rule by several, of which it is known how they agree. */
    private static boolean isPartOf(TableRule rule, TableRule other) {
        return rule instanceof TableRule.ByPaths several
                && several.paths().stream().anyMatch(path -> path.columns().equals(other.ownerColumns()));
    }

    private void lookAt(Table table, Proposal proposal, List<Proposal.Alternative> others) {
        List<TableRule> all = new ArrayList<>(List.of(proposal.rule()));
        others.forEach(other -> all.add(other.rule()));
        Optional<String> sample = samples.of(table.name(), DataChecks.columns(all.toArray(TableRule[]::new)));
        if (sample.isEmpty()) {
            facts.note(table.name(), "it has no rows to look at");
            return;
        }
        OwnerSql sql = new OwnerSql(catalogue, given.tenantSchemas(), supposed);
        StringBuilder owners = new StringBuilder(sql.owner(table.name(), proposal.rule(), "s") + " AS w");
        StringBuilder counts = new StringBuilder("count(*), count(w)");
        for (int i = 0; i < others.size(); i++) {
            String name = "w" + i;
            owners.append(", ")
                    .append(sql.owner(table.name(), others.get(i).rule(), "s"))
                    .append(" AS ")
                    .append(name);
            counts.append(", count(*) FILTER (WHERE w IS NOT NULL AND ")
                    .append(name)
                    .append(" IS NOT NULL)");
            counts.append(", count(*) FILTER (WHERE w <> ").append(name).append(')');
            counts.append(", count(*) FILTER (WHERE w IS NULL AND ")
                    .append(name)
                    .append(" IS NOT NULL)");
        }
        samples.list(
                table.name(),
                "SELECT " + counts + " FROM (SELECT " + owners + " FROM (" + sample.get() + ") s OFFSET 0) o",
                row -> {
                    List<Compared> compared = new ArrayList<>();
                    for (int i = 0; i < others.size(); i++) {
                        compared.add(new Compared(
                                others.get(i), row.getLong(3 + 3 * i), row.getLong(4 + 3 * i), row.getLong(5 + 3 * i)));
                    }
                    judge(proposal, row.getLong(1), row.getLong(2), compared);
                    return 0;
                });
    }

    private void judge(Proposal proposal, long rows, long owned, List<Compared> others) {
        TableName table = proposal.table();
        if (rows == 0) {
            facts.note(table, "it has no rows to look at");
            return;
        }
        if (proposal.rule() instanceof TableRule.TenantTable) {
            others.forEach(other -> blame(proposal, other));
            return;
        }
        List<Compared> credible =
                others.stream().filter(other -> !blame(proposal, other)).toList();
        if (roots(proposal.rule()).stream().anyMatch(facts::isBlamed)) {
            return;
        }
        if (owned == rows) {
            facts.note(table, proposal.rule(), "all of " + Counted.of(rows, "sampled row") + " lead to a tenant");
        } else {
            lost(proposal, rows, owned, credible);
        }
        credible.forEach(other -> compare(proposal, rows, other));
    }

    private void lost(Proposal proposal, long rows, long owned, List<Compared> others) {
        String lost = Counted.share(rows - owned, rows) + " of " + Counted.of(rows, "sampled row")
                + " lead to no tenant this way (" + proposal.reason() + ")";
        Optional<Compared> other = others.stream().filter(o -> o.only() > 0).findFirst();
        if (other.isPresent()
                && several.settle(
                        catalogue.require(proposal.table()),
                        proposal,
                        others.stream().map(Compared::other).toList(),
                        supposed)) {
            return;
        }
        if (other.isPresent()) {
            facts.ask(
                    proposal.table(),
                    lost + ", but some do by another: " + other.get().other().reason());
        } else if (2 * (rows - owned) > rows) {
            facts.ask(proposal.table(), lost);
        } else {
            facts.warn(proposal.table(), proposal.rule(), lost + ": they are kept as unattributed");
        }
    }

    private void compare(Proposal proposal, long rows, Compared other) {
        TableName table = proposal.table();
        if (other.both() == 0) {
            return;
        }
        if (other.differ() == 0) {
            facts.note(
                    table,
                    proposal.rule(),
                    "for all of " + Counted.of(other.both(), "sampled row")
                            + " the same tenant comes of the other way: "
                            + other.other().reason());
            return;
        }
        String differ = Counted.of(other.differ(), "row") + " of " + Counted.of(rows, "sampled row")
                + " belong to one tenant by one way (" + proposal.reason() + ") and to another by a second ("
                + other.other().reason() + ")";
        if (namesTheTenant(proposal.table(), proposal.rule())) {
            facts.warn(table, proposal.rule(), differ + ": the first is taken");
        } else {
            facts.ask(table, differ);
        }
    }

    /**
     * Whether a disagreement is a parent's fault, which is no tenant's although a way leads from it to one: a list for all
     * tenants whose rows name an example. It shows in that its rows are referred to by rows of several tenants; where it
     * does not show and most rows disagree, either parent may be one. Such parents are asked about, and this table is
     * looked at without them. A way through a parent found to be one proves little against others: it is outdone by one
     * that rests on no conclusion.
     */
    private boolean blame(Proposal proposal, Compared other) {
        TableRule rule = proposal.rule();
        TableRule second = other.other().rule();
        if (other.differ() == 0 || isAssociation(proposal, second)) {
            return false;
        }
        List<TableName> lists = new ArrayList<>(usedByMany(proposal.table(), rule, second));
        lists.addAll(usedByMany(proposal.table(), second, rule));
        boolean outdone = behind(second).stream().anyMatch(facts::isBlamed);
        if (lists.isEmpty() && (other.mostlyDiffers() || outdone)) {
            lists.addAll(conclusion(rule));
            if (lists.isEmpty() && outdone && other.mostlyDiffers()) {
                return true;
            }
            if (!outdone) {
                lists.addAll(conclusion(second));
            }
        }
        String why = Counted.of(other.differ(), "row") + " of " + Counted.of(other.both(), "sampled row") + " of "
                + proposal.table() + " refer to rows of it that would be another tenant's";
        lists.forEach(list -> facts.blame(list, why));
        return !lists.isEmpty();
    }

    /** The parent on a way, when most rows refer to a row of it that rows of other tenants, by the second way, refer to. */
    private List<TableName> usedByMany(TableName table, TableRule way, TableRule second) {
        List<TableName> parent = conclusion(way);
        Optional<String> sample =
                parent.isEmpty() ? Optional.empty() : samples.of(table, DataChecks.columns(way, second));
        if (sample.isEmpty()) {
            return List.of();
        }
        String key =
                way.ownerColumns().stream().map(c -> "s." + Sql.identifier(c)).collect(Collectors.joining(", "));
        String owner = new OwnerSql(catalogue, given.tenantSchemas(), supposed).owner(table, second, "s");
        boolean many = samples.list(
                        table,
                        "SELECT count(*) > 0 AND 2 * sum(n) FILTER (WHERE owners > 1) >= sum(n) FROM (SELECT count(*) AS n,"
                                + " count(DISTINCT o) AS owners FROM (SELECT ROW(" + key + ") AS k, " + owner
                                + " AS o FROM (" + sample.get()
                                + ") s OFFSET 0) r WHERE o IS NOT NULL AND k IS NOT NULL"
                                + " GROUP BY k) g",
                        row -> row.getBoolean(1))
                .contains(true);
        return many ? parent : List.of();
    }

    /** The parent on a path whose own rule is a conclusion. */
    private List<TableName> conclusion(TableRule way) {
        return Stream.of(way)
                .filter(TableRule.ByPath.class::isInstance)
                .flatMap(path -> path.parents().stream())
                .map(logical::rootOf)
                .filter(this::isDerived)
                .toList();
    }

    /** A table that associates rows with tenants, as one of what is shared with whom: its rows are of two tenants. */
    private boolean isAssociation(Proposal proposal, TableRule other) {
        return proposal.rule() instanceof TableRule.ByColumn column
                && catalogue.require(proposal.table()).uniqueConstraints().stream()
                        .anyMatch(unique -> unique.columns().contains(column.column())
                                && unique.columns().containsAll(other.ownerColumns()));
    }

    /** Whether a table's rule is a conclusion: neither the tenant table nor one with a foreign key to it. */
    private boolean isDerived(TableName table) {
        TableRule rule = supposed.getOrDefault(table, new TableRule.Unmapped());
        return !(rule instanceof TableRule.TenantTable)
                && !namesTheTenant(table, rule)
                && !given.decided().containsKey(table);
    }

    /** A foreign key of its own to the tenant table: that is where the row says whose it is. */
    private boolean namesTheTenant(TableName table, TableRule rule) {
        return rule instanceof TableRule.ByColumn column
                && logical.foreignKeys(catalogue.require(table)).stream()
                        .anyMatch(key -> key.columns().equals(List.of(column.column()))
                                && given.tenantTable()
                                        .filter(logical.rootOf(key.referenced())::equals)
                                        .isPresent());
    }
}
