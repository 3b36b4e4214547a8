package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which table could be the one with one row a tenant, from the catalogue alone: the one that many tables refer to, by
 * foreign key or by a column named after it, whose name is one that tenants go by.
 *
 * <p>A table of users is referred to even more often than that of their organisation. So what counts besides is that
 * tenants are called so, and that the other heavily referenced tables refer to it and not the other way round.
 */
public final class TenantTableCandidates {
    private static final int MOST = 8;

    /**
     * A table that could be the tenant table.
     *
     * @param idColumn the column that would hold the tenant's id
     * @param referencingTables tables with a foreign key to it
     * @param sameNamedColumns tables that have only a column named after it
     * @param score higher is likelier; comparable within one database only
     * @param reasons for a person, a sentence each
     */
    public record Candidate(
            TableName table,
            String idColumn,
            int referencingTables,
            int sameNamedColumns,
            double score,
            List<String> reasons) {
        public Candidate {
            reasons = List.copyOf(reasons);
        }
    }

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Map<TableName, Set<TableName>> referrers = new HashMap<>();
    private final Map<Words, Set<TableName>> columnsByNoun = new HashMap<>();
    private final Set<Words> tableNouns = new HashSet<>();

    private TenantTableCandidates(Catalogue catalogue) {
        this.catalogue = catalogue;
        this.logical = new LogicalTables(catalogue);
    }

    /** The likeliest first, at most eight; none when no table is referred to by others. */
    public static List<Candidate> find(Catalogue catalogue) {
        return new TenantTableCandidates(catalogue).find();
    }

    private List<Candidate> find() {
        for (Table table : logical.roots()) {
            tableNouns.add(Words.of(table.name().name()));
            for (Table.ForeignKey key : logical.foreignKeys(table)) {
                TableName parent = logical.rootOf(key.referenced());
                if (!parent.equals(table.name())) {
                    referrers.computeIfAbsent(parent, p -> new HashSet<>()).add(table.name());
                }
            }
            table.columns().stream()
                    .map(Table.TableColumn::name)
                    .filter(Words::namesAKey)
                    .map(Words::referredTo)
                    .forEach(noun -> columnsByNoun
                            .computeIfAbsent(noun, n -> new HashSet<>())
                            .add(table.name()));
        }
        List<Candidate> candidates = new ArrayList<>();
        logical.roots().stream()
                .filter(table -> SetAside.reason(table, catalogue).isEmpty())
                .forEach(table -> candidate(table).ifPresent(candidates::add));
        return candidates.stream()
                .sorted(Comparator.comparingDouble(Candidate::score).reversed().thenComparing(Candidate::table))
                .limit(MOST)
                .toList();
    }

    private Optional<Candidate> candidate(Table table) {
        Optional<String> id = TenantIdColumn.find(catalogue, table);
        Set<TableName> direct = referrers.getOrDefault(table.name(), Set.of());
        Set<TableName> named = new HashSet<>(sameNamed(table));
        named.removeAll(direct);
        named.remove(table.name());
        if (id.isEmpty() || (direct.isEmpty() && named.isEmpty())) {
            return Optional.empty();
        }
        List<String> reasons = new ArrayList<>();
        if (!direct.isEmpty()) {
            reasons.add(Counted.of(direct.size(), "table") + " refer to it by foreign key");
        }
        if (!named.isEmpty()) {
            reasons.add(Counted.of(named.size(), "table") + " have a column named after it, without a foreign key");
        }
        int reached = reached(table.name()).size();
        reasons.add(reached + " of " + logical.roots().size() + " tables lead to it through foreign keys");
        double score = direct.size() + 0.8 * named.size() + 0.5 * reached;
        Optional<String> usual = TenantNouns.usual(Words.of(table.name().name()));
        if (usual.isPresent()) {
            score = 1.5 * score + 0.3 * logical.roots().size();
            reasons.add("\"" + usual.get() + "\" is what tenants are often called");
        }
        long outwards = logical.foreignKeys(table).stream()
                .map(key -> logical.rootOf(key.referenced()))
                .filter(parent -> !parent.equals(table.name()))
                .filter(parent -> referrers.getOrDefault(parent, Set.of()).size() >= direct.size() / 2 + 1)
                .distinct()
                .count();
        if (outwards > 0) {
            score /= 1.0 + outwards;
            reasons.add("but it refers itself to " + Counted.of(outwards, "table") + " that many refer to");
        }
        if (usual.isEmpty()
                && TenantNouns.isOfPeopleOrLookups(Words.of(table.name().name()))) {
            score /= 4;
            reasons.add("but such a table mostly holds people or settings, not tenants");
        }
        return Optional.of(new Candidate(table.name(), id.get(), direct.size(), named.size(), score, reasons));
    }

    private Set<TableName> sameNamed(Table table) {
        Words name = Words.of(table.name().name());
        Set<TableName> found = new HashSet<>();
        columnsByNoun.forEach((noun, tables) -> {
            if (noun.equals(name) || (noun.endOf(name) && !tableNouns.contains(noun))) {
                found.addAll(tables);
            }
        });
        return found;
    }

    /** Tables that lead to it over any number of foreign keys. */
    private Set<TableName> reached(TableName table) {
        Set<TableName> reached = new HashSet<>();
        List<TableName> next = new ArrayList<>(List.of(table));
        while (!next.isEmpty()) {
            for (TableName referrer : referrers.getOrDefault(next.removeLast(), Set.of())) {
                if (!referrer.equals(table) && reached.add(referrer)) {
                    next.add(referrer);
                }
            }
        }
        return reached;
    }
}
