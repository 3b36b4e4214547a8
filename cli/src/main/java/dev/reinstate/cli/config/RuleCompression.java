package dev.reinstate.cli.config;

import dev.reinstate.model.PatternRule;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Finds few rules for many tables that say exactly what a map says table by table; tables that no pattern gets right are
 * spelled out. In this order, so that the safest decides first: names that are ignored, columns that hold the tenant,
 * columns that lead to a parent, names that are shared. A table of tomorrow is decided by the patterns, too: so one is
 * only taken that is right for nearly all of the tables it fits today, and one by names alone only when right for all.
 */
public final class RuleCompression {
    private static final int LEAST_BY_COLUMN = 2;
    private static final int LEAST_BY_PATH = 4;
    private static final int LEAST_BY_NAME = 4;
    private static final int LEAST_SCHEMAS = 3; // with a table of one name in each
    private static final double NEARLY_ALL = 0.75;

    /**
     * The same map in few words.
     *
     * @param saidBy the tables that have their rule from each pattern
     */
    public record Compressed(TenancyRules rules, Map<PatternRule, List<TableName>> saidBy) {
        public Compressed {
            saidBy = Map.copyOf(saidBy);
        }
    }

    private final TenancyMap map;
    private final List<TenancyRules.Member> roots;
    private final Map<TableName, PatternRule> deciding = new TreeMap<>();
    private final List<PatternRule> patterns = new ArrayList<>();

    private RuleCompression(TenancyMap map, Collection<TenancyRules.Member> members) {
        this.map = map;
        this.roots = members.stream()
                .filter(member -> member.root().equals(member.name()) && !map.isTenantTable(member.name()))
                .sorted(Comparator.comparing(TenancyRules.Member::name))
                .toList();
    }

    /**
     * Rules that resolve to that map on those tables.
     *
     * @param given patterns a person gave, which stay and come first
     */
    public static Compressed compress(
            TenancyMap map, Collection<TenancyRules.Member> members, List<PatternRule> given) {
        RuleCompression compression = new RuleCompression(map, members);
        compression.find(given);
        TenancyRules brief = compression.withExceptions(members);
        return brief.resolve(members).equals(map)
                ? new Compressed(brief, compression.saidBy())
                : new Compressed(TenancyRules.of(map), Map.of());
    }

    private void find(List<PatternRule> given) {
        given.forEach(this::take);
        byName(new TableRule.Ignored());
        byColumns(TableRule.ByColumn.class::isInstance, LEAST_BY_COLUMN);
        byColumns(TableRule.ByPath.class::isInstance, LEAST_BY_PATH);
        byName(new TableRule.Shared());
    }

    private void take(PatternRule pattern) {
        patterns.add(pattern);
        undecided(pattern).forEach(root -> deciding.put(root.name(), pattern));
    }

    private List<TenancyRules.Member> undecided(PatternRule pattern) {
        List<String> needed = pattern.rule().ownerColumns();
        return roots.stream()
                .filter(root -> root.columns().containsAll(needed)
                        && !deciding.containsKey(root.name())
                        && pattern.tables().matches(root.name()))
                .toList();
    }

    private Optional<TableRule> wanted(TenancyRules.Member root) {
        return map.rule(root.name());
    }

    private boolean isUndecided(TenancyRules.Member root, TableRule rule) {
        return !deciding.containsKey(root.name())
                && wanted(root).filter(rule::equals).isPresent();
    }

    /** Rules by columns, the one of most tables first, each for as many schemas as it is right in. */
    private void byColumns(Predicate<TableRule> kind, int least) {
        Map<TableRule, Long> counts = roots.stream()
                .filter(root -> !deciding.containsKey(root.name()))
                .flatMap(root -> wanted(root).stream())
                .filter(kind)
                .collect(Collectors.groupingBy(rule -> rule, Collectors.counting()));
        counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= least)
                .sorted(Comparator.comparingLong((Map.Entry<TableRule, Long> entry) -> -entry.getValue())
                        .thenComparing(entry -> entry.getKey().toString()))
                .forEach(entry -> offerByColumns(entry.getKey(), least));
    }

    private void offerByColumns(TableRule rule, int least) {
        if (isNearlyRight(new PatternRule(new TablePattern("*.*"), rule), least)) {
            return;
        }
        roots.stream()
                .filter(root -> isUndecided(root, rule))
                .map(root -> root.name().schema())
                .filter(RuleCompression::isLiteral)
                .distinct()
                .toList()
                .forEach(schema -> isNearlyRight(new PatternRule(new TablePattern(schema + ".*"), rule), least));
    }

    private boolean isNearlyRight(PatternRule pattern, int least) {
        List<TenancyRules.Member> decided = undecided(pattern);
        long right = decided.stream()
                .filter(root -> isUndecided(root, pattern.rule()))
                .count();
        boolean good = right >= least && right >= decided.size() * NEARLY_ALL;
        if (good) {
            take(pattern);
        }
        return good;
    }

    /** Rules by names alone: of most tables first, until none is left that says enough. */
    private void byName(TableRule rule) {
        Map<String, List<TenancyRules.Member>> named = new TreeMap<>();
        for (TenancyRules.Member root : roots) {
            globs(root.name())
                    .forEach(glob ->
                            named.computeIfAbsent(glob, g -> new ArrayList<>()).add(root));
        }
        named.values()
                .removeIf(members -> !members.stream()
                        .allMatch(root -> wanted(root).filter(rule::equals).isPresent()));
        while (true) {
            Optional<String> best = named.keySet().stream()
                    .filter(glob -> news(named.getOrDefault(glob, List.of()), rule) >= least(glob))
                    .max(Comparator.comparingLong((String glob) -> news(named.getOrDefault(glob, List.of()), rule))
                            .thenComparing(Comparator.<String>naturalOrder().reversed()));
            if (best.isEmpty()) {
                return;
            }
            take(new PatternRule(new TablePattern(best.get()), rule));
            named.remove(best.get());
        }
    }

    private long news(List<TenancyRules.Member> members, TableRule rule) {
        return members.stream().filter(root -> isUndecided(root, rule)).count();
    }

    private static int least(String glob) {
        return glob.startsWith("*.") ? LEAST_SCHEMAS : LEAST_BY_NAME;
    }

    /** Patterns a table's name suggests: one name in every schema, a first word, a last word, a whole schema. */
    private static Set<String> globs(TableName table) {
        Set<String> globs = new HashSet<>();
        if (!isLiteral(table.schema()) || !isLiteral(table.name())) {
            return globs;
        }
        globs.add("*." + table.name());
        int first = table.name().indexOf('_', 1);
        int last = table.name().lastIndexOf('_');
        if (first > 0 && last < table.name().length() - 1) {
            globs.add(table.schema() + "." + table.name().substring(0, first + 1) + "*");
            globs.add(table.schema() + ".*" + table.name().substring(last));
        }
        if (!table.schema().equals("public")) {
            globs.add(table.schema() + ".*");
        }
        return globs;
    }

    /** Whether a pattern can stand for this name alone. */
    private static boolean isLiteral(String name) {
        return name.indexOf('*') < 0 && name.indexOf('.') < 0;
    }

    private TenancyRules withExceptions(Collection<TenancyRules.Member> members) {
        SortedMap<TableName, TableRule> tables = new TreeMap<>(map.rules());
        Map<TableName, TableRule> said = new HashMap<>();
        for (TenancyRules.Member root : roots) {
            said(root).ifPresent(rule -> said.put(root.name(), rule));
            if (said(root).equals(wanted(root))) {
                tables.remove(root.name());
            }
        }
        for (TenancyRules.Member member : members) {
            TableRule ofRoot = tables.getOrDefault(member.root(), said.get(member.root()));
            if (!member.root().equals(member.name())
                    && map.rule(member.name())
                            .filter(rule -> rule.equals(ofRoot))
                            .isPresent()) {
                tables.remove(member.name());
            }
        }
        return new TenancyRules(map.tenantTable(), map.tenantSchemas(), patterns, tables);
    }

    /** What the patterns alone say of a table. */
    private Optional<TableRule> said(TenancyRules.Member root) {
        return Optional.ofNullable(deciding.get(root.name()))
                .map(PatternRule::rule)
                .or(() -> map.tenantSchemas()
                        .flatMap(schemas -> schemas.tenantOf(root.name().schema()))
                        .map(tenant -> new TableRule.BySchema()));
    }

    private Map<PatternRule, List<TableName>> saidBy() {
        Map<PatternRule, List<TableName>> saidBy = new LinkedHashMap<>();
        for (TenancyRules.Member root : roots) {
            PatternRule pattern = deciding.get(root.name());
            if (pattern != null && wanted(root).filter(pattern.rule()::equals).isPresent()) {
                saidBy.computeIfAbsent(pattern, p -> new ArrayList<>()).add(root.name());
            }
        }
        return saidBy;
    }
}
