package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether rows of a table that looks shared are used by several tenants. A table whose every row only one tenant's rows
 * refer to may hold that tenant's data (its address, its files), so it is asked about.
 */
final class SharedChecks {
    private static final int MOST_REFERRERS = 12;
    private static final int MOST_KEYS = 2000;

    private record Reference(Table table, ForeignKey key) {}

    /** One row of the table that looks shared, as samples of its referrers know it. */
    private static final class Use {
        private final Set<String> tenants = new HashSet<>();
        private long rows;
    }

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Samples samples;
    private final Facts facts;
    private final DataChecks.Looked<TableName> looked = new DataChecks.Looked<>();

    SharedChecks(Catalogue catalogue, LogicalTables logical, Given given, Samples samples, Facts facts) {
        this.catalogue = catalogue;
        this.logical = logical;
        this.given = given;
        this.samples = samples;
        this.facts = facts;
    }

    /** Looks at what was not looked at yet; whether there was anything. */
    boolean check(List<Proposal> proposals) {
        Map<TableName, TableRule> rules = DataChecks.rules(proposals);
        boolean any = false;
        for (Proposal proposal : proposals) {
            if (proposal.rule() instanceof TableRule.Shared
                    && DataChecks.root(catalogue, proposal).isPresent()
                    && !given.decided().containsKey(proposal.table())) {
                List<Reference> references = references(proposal.table(), rules);
                if (!references.isEmpty() && looked.firstTime(proposal.table())) {
                    any = true;
                    look(proposal.table(), references, rules);
                }
            }
        }
        return any;
    }

    /** Foreign keys of tenants' rows to the table, those of the largest tables first. */
    private List<Reference> references(TableName shared, Map<TableName, TableRule> rules) {
        List<Reference> references = new ArrayList<>();
        for (Table table : logical.roots()) {
            if (Optional.ofNullable(rules.get(table.name()))
                    .filter(TableRule::isOwned)
                    .isPresent()) {
                logical.foreignKeys(table).stream()
                        .filter(key -> logical.rootOf(key.referenced()).equals(shared))
                        .forEach(key -> references.add(new Reference(table, key)));
            }
        }
        references.sort(Comparator.comparing(
                        (Reference r) -> samples.estimatedRows(r.table().name())
                                .map(rows -> -rows)
                                .orElse(0L))
                .thenComparing(r -> r.table().name())
                .thenComparing(r -> r.key().name()));
        return references.size() > MOST_REFERRERS ? references.subList(0, MOST_REFERRERS) : references;
    }

    private void look(TableName shared, List<Reference> references, Map<TableName, TableRule> rules) {
        Map<String, Use> uses = new HashMap<>();
        for (Reference reference : references) {
            look(reference, rules, uses);
        }
        long repeated = uses.values().stream().filter(use -> use.rows > 1).count();
        long several =
                uses.values().stream().filter(use -> use.tenants.size() > 1).count();
        String from = Counted.some(
                references.stream().map(r -> r.table().name()).distinct().toList());
        if (uses.isEmpty()) {
            facts.notShared(
                    shared,
                    "no foreign key leads from it to a tenant, and no row of " + from
                            + " refers to it yet, so it is open whether tenants share its rows");
        } else if (several == 0 || 2 * several < repeated) {
            facts.notShared(
                    shared,
                    "no foreign key leads from it to a tenant, and of " + Counted.of(uses.size(), "row")
                            + " that sampled rows of " + from + " refer to, "
                            + (several == 0 ? "none is" : several + " are")
                            + " used by more than one tenant: it may hold tenants' own data");
        } else {
            facts.note(
                    shared,
                    new TableRule.Shared(),
                    several + " of " + Counted.of(uses.size(), "row") + " that sampled rows of " + from
                            + " refer to are used by more than one tenant");
        }
    }

    private void look(Reference reference, Map<TableName, TableRule> rules, Map<String, Use> uses) {
        TableName table = reference.table().name();
        TableRule rule = rules.getOrDefault(table, new TableRule.Unmapped());
        Set<String> columns = new HashSet<>(reference.key().columns());
        columns.addAll(rule.ownerColumns());
        Optional<String> sample = samples.of(table, List.copyOf(columns));
        if (sample.isEmpty()) {
            return;
        }
        String key = reference.key().columns().stream()
                .map(column -> "s." + Sql.identifier(column))
                .collect(Collectors.joining(", "));
        String owner = new OwnerSql(catalogue, given.tenantSchemas(), rules).owner(table, rule, "s");
        samples.list(
                table,
                "SELECT k, w, count(*) FROM (SELECT ROW(" + key + ")::text AS k, " + owner + " AS w FROM ("
                        + sample.get() + ") s WHERE " + key.replace(", ", " IS NOT NULL AND ")
                        + " IS NOT NULL OFFSET 0) o WHERE w IS NOT NULL GROUP BY k, w LIMIT " + MOST_KEYS,
                row -> {
                    Use use = uses.computeIfAbsent(row.getString(1), k -> new Use());
                    use.tenants.add(row.getString(2));
                    use.rows += row.getLong(3);
                    return 0;
                });
    }
}
