package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** What samples of the data said so far. Empty, discovery rests on the catalogue alone. */
final class Facts {
    /** Whether a column without a foreign key holds tenants' ids. */
    enum Verdict {
        /** Nothing was looked at, or there was nothing to see. */
        UNKNOWN,
        CONFIRMED,
        /** Many values do, many do not. */
        DOUBTFUL,
        WITHDRAWN
    }

    /** A column of a table. */
    record ColumnOf(TableName table, String column) {}

    /** A rule of a table: notes hold only for the way they were taken of. */
    private record Way(TableName table, TableRule rule) {}

    private final Set<TableName> empty = new HashSet<>();
    private Optional<String> tenantIdColumn = Optional.empty();
    private final Map<ColumnOf, Verdict> columns = new HashMap<>();
    private final Map<TypePairs.Pair, SortedMap<String, TableName>> types = new LinkedHashMap<>();
    private final Map<TableName, String> typesMissing = new HashMap<>();
    private final Map<TableName, TableRule.ByPaths> several = new LinkedHashMap<>();
    private final Map<TableName, String> asked = new HashMap<>();
    private final Set<TableName> blamed = new HashSet<>();
    private final Set<TableName> news = new HashSet<>();
    private final Map<TableName, String> notShared = new HashMap<>();
    private final Map<Way, Set<String>> warnings = new HashMap<>();
    private final Map<Way, Set<String>> evidence = new HashMap<>();
    private final Map<TableName, Set<String>> seen = new HashMap<>();

    /** The table, its parts included, has no pages. */
    void empty(TableName table) {
        empty.add(table);
    }

    boolean isEmpty(TableName table) {
        return empty.contains(table);
    }

    /** The tenant table's column that holds the ids that schemas are named by. */
    void tenantIdColumn(String column) {
        tenantIdColumn = Optional.of(column);
    }

    Optional<String> tenantIdColumn() {
        return tenantIdColumn;
    }

    void column(TableName table, String column, Verdict verdict) {
        columns.put(new ColumnOf(table, column), verdict);
    }

    Verdict column(TableName table, String column) {
        return columns.getOrDefault(new ColumnOf(table, column), Verdict.UNKNOWN);
    }

    /**
     * What the types of a polymorphic reference stand for.
     *
     * @param missing why nothing is known, where nothing is
     */
    void pair(TypePairs.Pair pair, SortedMap<String, TableName> parents, String missing) {
        if (parents.isEmpty()) {
            typesMissing.put(
                    pair.table(),
                    pair.typeColumn() + " and " + pair.idColumn() + " look like a reference to several tables, but "
                            + missing);
        } else {
            types.put(pair, parents);
        }
    }

    Map<TypePairs.Pair, SortedMap<String, TableName>> types() {
        return types;
    }

    /** Why a polymorphic reference of the table is no way to a tenant. */
    Optional<String> typesMissing(TableName table) {
        return Optional.ofNullable(typesMissing.get(table));
    }

    /** Rows of the table belong by one of several paths. */
    void several(TableName table, TableRule.ByPaths paths) {
        several.put(table, paths);
        news.add(table);
    }

    Map<TableName, TableRule.ByPaths> several() {
        return several;
    }

    /** A person must be asked about the table, for that reason, whatever the catalogue says. */
    void ask(TableName table, String reason) {
        asked.putIfAbsent(table, reason);
        news.add(table);
    }

    Optional<String> asked(TableName table) {
        return Optional.ofNullable(asked.get(table));
    }

    /** A person must be asked about the table, because rows that refer to it would be another tenant's by way of it. */
    void blame(TableName table, String reason) {
        blamed.add(table);
        ask(table, reason);
    }

    /** Tables whose rule may be another than it was when this was last emptied. */
    Set<TableName> news() {
        return news;
    }

    boolean isBlamed(TableName table) {
        return blamed.contains(table);
    }

    void notShared(TableName table, String reason) {
        notShared.putIfAbsent(table, reason);
    }

    Optional<String> notShared(TableName table) {
        return Optional.ofNullable(notShared.get(table));
    }

    void warn(TableName table, TableRule rule, String warning) {
        warnings.computeIfAbsent(new Way(table, rule), w -> new LinkedHashSet<>())
                .add(warning);
    }

    void note(TableName table, TableRule rule, String line) {
        evidence.computeIfAbsent(new Way(table, rule), w -> new LinkedHashSet<>())
                .add(line);
    }

    /** A line of evidence that holds whatever the rule. */
    void note(TableName table, String line) {
        seen.computeIfAbsent(table, t -> new LinkedHashSet<>()).add(line);
    }

    Proposal applyTo(Proposal proposal) {
        Way way = new Way(proposal.table(), proposal.rule());
        List<String> lines = new ArrayList<>(seen.getOrDefault(proposal.table(), Set.of()));
        lines.addAll(evidence.getOrDefault(way, Set.of()));
        return proposal.with(List.copyOf(warnings.getOrDefault(way, Set.of())), lines);
    }
}
