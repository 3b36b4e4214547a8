package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which tables are of all tenants and of none. What is called shared is captured but never restored with a tenant, so
 * only a table that tenants' or other shared tables refer to, or whose key is made of references to shared ones.
 */
final class SharedTables {
    private final LogicalTables logical;
    private final Facts facts;
    private final Map<TableName, Proposal> proposals;
    private final Map<TableName, String> doubts = new TreeMap<>();

    /** @param proposals those known so far; shared ones are added */
    SharedTables(LogicalTables logical, Facts facts, Map<TableName, Proposal> proposals) {
        this.logical = logical;
        this.facts = facts;
        this.proposals = proposals;
    }

    void propose(List<Table> tables) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Table table : tables) {
                Optional<String> reason =
                        proposals.containsKey(table.name()) ? Optional.empty() : reason(table, tables);
                if (reason.isPresent()) {
                    proposals.put(table.name(), Proposal.of(table.name(), new TableRule.Shared(), reason.get()));
                    changed = true;
                }
            }
        }
    }

    /** Why a table that looked shared was not called so. */
    Optional<String> doubt(TableName table) {
        return facts.notShared(table).or(() -> Optional.ofNullable(doubts.get(table)));
    }

    private Optional<String> reason(Table table, List<Table> tables) {
        if (refersToTenants(table).isPresent()
                || facts.notShared(table.name()).isPresent()
                || facts.asked(table.name()).isPresent()) {
            return Optional.empty();
        }
        for (Table referrer : tables) {
            if (!isCaptured(proposals.get(referrer.name())) || referrer.name().equals(table.name())) {
                continue;
            }
            for (ForeignKey key : logical.foreignKeys(referrer)) {
                boolean refers = logical.rootOf(key.referenced()).equals(table.name());
                if (refers && !isOneToOne(referrer, key)) {
                    return Optional.of("no foreign key leads from it to a tenant, and " + referrer.name()
                            + " refers to it: rows of all tenants do");
                } else if (refers) {
                    doubts.put(
                            table.name(),
                            "each of its rows is referred to by at most one of " + referrer.name()
                                    + ", so it may be that row's own part");
                }
            }
        }
        return logical.foreignKeys(table).stream()
                .filter(k -> rule(k).filter(TableRule.Shared.class::isInstance).isPresent()
                        && table.primaryKey().containsAll(k.columns()))
                .findFirst()
                .map(k -> "its key is made of references to " + k.referenced() + ", which is shared");
    }

    private Optional<TableRule> rule(ForeignKey key) {
        return Optional.ofNullable(proposals.get(logical.rootOf(key.referenced())))
                .map(Proposal::rule);
    }

    private static boolean isOneToOne(Table referrer, ForeignKey key) {
        Set<String> columns = new HashSet<>(key.columns());
        return referrer.uniqueConstraints().stream().anyMatch(u -> columns.containsAll(u.columns()));
    }

    /** A foreign key of it to a table whose rows are tenants'. */
    Optional<ForeignKey> refersToTenants(Table table) {
        return logical.foreignKeys(table).stream()
                .filter(k -> !logical.rootOf(k.referenced()).equals(table.name()))
                .filter(k -> rule(k).filter(TableRule::isOwned).isPresent())
                .findFirst();
    }

    static boolean isCaptured(@Nullable Proposal proposal) {
        return proposal != null
                && !(proposal.rule() instanceof TableRule.Ignored || proposal.rule() instanceof TableRule.Unmapped);
    }
}
