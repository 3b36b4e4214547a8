package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tables whose rows belong by one of several links, each of which may be NULL: no single one leads all rows to a tenant,
 * together they do. What the sample says of them decides between a proposal and a question.
 */
final class SeveralParents {
    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Samples samples;
    private final Facts facts;

    /**
     * Sampled rows with the same links set.
     *
     * @param set a bit for each link
     * @param disagree how many of them name rows of several tenants
     */
    private record Seen(int set, long rows, long disagree) {
        boolean isSet(int link) {
            return (set & 1 << link) != 0;
        }
    }

    SeveralParents(Catalogue catalogue, LogicalTables logical, Given given, Samples samples, Facts facts) {
        this.catalogue = catalogue;
        this.logical = logical;
        this.given = given;
        this.samples = samples;
        this.facts = facts;
    }

    /**
     * Looks at a table of which some sampled rows find a tenant only by another link than the one that was proposed.
     * False when that is not for want of a rule with several links.
     *
     * @param rules of all tables
     */
    boolean settle(Table table, Proposal proposal, List<Proposal.Alternative> others, Map<TableName, TableRule> rules) {
        List<TableRule.ByPath> links =
                new ArrayList<>(link(table, proposal.rule(), rules).stream().toList());
        others.forEach(other -> link(table, other.rule(), rules).ifPresent(links::add));
        if (links.size() < 2 || link(table, proposal.rule(), rules).isEmpty()) {
            return false;
        }
        List<Seen> seen = look(table, links, rules);
        List<TableRule.ByPath> needed = needed(links, seen);
        if (needed.size() < 2) {
            return false;
        }
        TableRule.ByPaths rule = new TableRule.ByPaths(needed);
        facts.several(table.name(), rule);
        String columns = Counted.some(rule.ownerColumns());
        long rows = seen.stream().mapToLong(Seen::rows).sum();
        long disagree = seen.stream().mapToLong(Seen::disagree).sum();
        if (disagree > 0) {
            facts.ask(
                    table.name(),
                    "no single link leads all rows to a tenant, and by several (" + columns + ") "
                            + Counted.of(disagree, "row") + " of " + Counted.of(rows, "sampled row")
                            + " belong to several tenants");
        } else {
            facts.note(
                    table.name(),
                    rule,
                    "of " + Counted.of(rows, "sampled row") + " " + count(seen, needed.size(), links, needed)
                            + " of these links set");
        }
        return true;
    }

    private static String count(
            List<Seen> seen, int most, List<TableRule.ByPath> links, List<TableRule.ByPath> needed) {
        long[] rows = new long[most + 1];
        seen.forEach(one ->
                rows[
                        (int) needed.stream()
                                .filter(link -> one.isSet(links.indexOf(link)))
                                .count()] += one.rows());
        long several = IntStream.rangeClosed(2, most).mapToLong(i -> rows[i]).sum();
        return rows[1] + " have exactly one, " + several + " several, which agree, and " + rows[0] + " none";
    }

    /** A link as a path, also where it refers to the tenant table. */
    private Optional<TableRule.ByPath> link(Table table, TableRule rule, Map<TableName, TableRule> rules) {
        if (rule instanceof TableRule.ByPath path) {
            return Optional.of(path);
        }
        if (!(rule instanceof TableRule.ByColumn column)) {
            return Optional.empty();
        }
        return given.tenantTable()
                .filter(tenants -> rules.get(tenants) instanceof TableRule.TenantTable
                        && logical.foreignKeys(table).stream()
                                .anyMatch(key -> key.columns().equals(List.of(column.column()))
                                        && logical.rootOf(key.referenced()).equals(tenants)))
                .map(tenants -> {
                    List<String> id = Optional.ofNullable(rules.get(tenants))
                            .orElseThrow()
                            .ownerColumns();
                    boolean isKey = catalogue.require(tenants).rowKey().equals(id);
                    return new TableRule.ByPath(List.of(column.column()), tenants, isKey ? List.of() : id);
                });
    }

    private List<Seen> look(Table table, List<TableRule.ByPath> links, Map<TableName, TableRule> rules) {
        List<String> columns = DataChecks.columns(links.toArray(TableRule[]::new));
        OwnerSql sql = new OwnerSql(catalogue, given.tenantSchemas(), rules);
        String set = IntStream.range(0, links.size())
                .mapToObj(i -> "CASE WHEN " + PathColumns.areSet(links.get(i).columns(), "s") + " THEN " + (1 << i)
                        + " ELSE 0 END")
                .collect(Collectors.joining(" + "));
        String owners =
                links.stream().map(link -> sql.owner(table.name(), link, "s")).collect(Collectors.joining(", "));
        return samples.of(table.name(), columns).stream()
                .flatMap(sample -> samples
                        .list(
                                table.name(),
                                "SELECT links, count(*), count(*) FILTER (WHERE owners > 1) FROM (SELECT " + set
                                        + " AS links, (SELECT count(DISTINCT o) FROM unnest(ARRAY[" + owners
                                        + "]) o) AS owners FROM (" + sample + ") s OFFSET 0) o GROUP BY links",
                                row -> new Seen(row.getInt(1), row.getLong(2), row.getLong(3)))
                        .stream())
                .toList();
    }

    /** Those that are set in a row in which none of those before is. */
    private static List<TableRule.ByPath> needed(List<TableRule.ByPath> links, List<Seen> seen) {
        List<TableRule.ByPath> needed = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            int link = i;
            boolean alone = seen.stream()
                    .anyMatch(one ->
                            one.isSet(link) && needed.stream().noneMatch(before -> one.isSet(links.indexOf(before))));
            if (alone) {
                needed.add(links.get(i));
            }
        }
        return needed;
    }
}
