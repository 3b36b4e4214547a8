package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the way that a table's rows take leads every sampled row to a tenant, and whether the ways not taken lead to the
 * same one. A row that a second way gives to another tenant, or that only a second way gives to any, is a question for a
 * person; unless a column with a foreign key names the tenant outright.
 */
final class WayChecks {
    private static final int MOST_ALTERNATIVES = 8;

    private record Question(TableName table, TableRule rule, List<TableRule> others) {}

    /** What one other way says of the sampled rows. */
    private record Compared(Proposal.Alternative other, long both, long differ, long only) {}

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Samples samples;
    private final Facts facts;
    private final DataChecks.Looked<Question> looked = new DataChecks.Looked<>();

    WayChecks(Catalogue catalogue, LogicalTables logical, Given given, Samples samples, Facts facts) {
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
            Optional<Table> table = DataChecks.root(catalogue, proposal);
            if (table.isPresent() && isOpen(table.get(), proposal)) {
                List<Proposal.Alternative> others = others(proposal);
                boolean worth = !others.isEmpty() || !proposal.warnings().isEmpty();
                Question question = new Question(
                        table.get().name(),
                        proposal.rule(),
                        others.stream().map(Proposal.Alternative::rule).toList());
                if (worth && looked.firstTime(question)) {
                    any = true;
                    look(table.get(), proposal, others, rules);
                }
            }
        }
        return any;
    }

    private boolean isOpen(Table table, Proposal proposal) {
        boolean chosen = proposal.rule() instanceof TableRule.ByColumn
                || proposal.rule() instanceof TableRule.ByPath
                || proposal.rule() instanceof TableRule.ByType;
        return chosen && !given.decided().containsKey(table.name());
    }

    private static List<Proposal.Alternative> others(Proposal proposal) {
        return proposal.alternatives().stream()
                .filter(other -> !other.doubtful())
                .limit(MOST_ALTERNATIVES)
                .toList();
    }

    private void look(
            Table table, Proposal proposal, List<Proposal.Alternative> others, Map<TableName, TableRule> rules) {
        List<TableRule> all = new ArrayList<>(List.of(proposal.rule()));
        others.forEach(other -> all.add(other.rule()));
        Optional<String> sample = samples.of(table.name(), DataChecks.columns(all.toArray(TableRule[]::new)));
        if (sample.isEmpty()) {
            facts.note(table.name(), "it has no rows to look at");
            return;
        }
        OwnerSql sql = new OwnerSql(catalogue, given.tenantSchemas(), rules);
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
        if (owned == rows) {
            facts.note(table, proposal.rule(), "all of " + Counted.of(rows, "sampled row") + " lead to a tenant");
        } else {
            lost(proposal, rows, owned, others);
        }
        others.forEach(other -> compare(proposal, rows, other));
    }

    private void lost(Proposal proposal, long rows, long owned, List<Compared> others) {
        String lost = Counted.share(rows - owned, rows) + " of " + Counted.of(rows, "sampled row")
                + " lead to no tenant this way (" + proposal.reason() + ")";
        Optional<Compared> other = others.stream().filter(o -> o.only() > 0).findFirst();
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
        if (namesTheTenant(proposal)) {
            facts.warn(table, proposal.rule(), differ + ": the first is taken");
        } else {
            facts.ask(table, differ);
        }
    }

    /** A foreign key of its own to the tenant table: that is where the row says whose it is. */
    private boolean namesTheTenant(Proposal proposal) {
        return proposal.rule() instanceof TableRule.ByColumn column
                && logical.foreignKeys(catalogue.require(proposal.table())).stream()
                        .anyMatch(key -> key.columns().equals(List.of(column.column()))
                                && given.tenantTable()
                                        .filter(logical.rootOf(key.referenced())::equals)
                                        .isPresent());
    }
}
