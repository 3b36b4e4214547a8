package dev.reinstate.postgres.discovery;

import dev.reinstate.model.Column;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Finds, from the catalogue alone, schemas that hold (nearly) the same tables, as they do where each tenant has one, and
 * what their names have in common.
 */
public final class SchemaPatterns {
    /** So much of two schemas' tables must be alike. */
    private static final double ALIKE = 0.7;

    /** Fewer schemas whose names have nothing in common are not taken for tenants'. */
    private static final int ENOUGH_WITHOUT_A_NAME = 3;

    private static final double NEARLY_ALL = 0.9;
    private static final int MOST_TENANTS = 200;

    private static final Set<String> TEMPLATES = Set.of("template", "tmpl", "skeleton", "blueprint");

    /**
     * A schema a tenant.
     *
     * @param pattern {@code {tenant}} alone when the schemas' names have nothing in common
     * @param schemas tenants' schemas, by name
     * @param reasons for a person, a sentence each
     */
    public record Found(SchemaPattern pattern, List<String> schemas, List<String> reasons) {
        public Found {
            schemas = List.copyOf(schemas);
            reasons = List.copyOf(reasons);
        }
    }

    private record Alike(Set<String> tables, List<String> schemas) {}

    private SchemaPatterns() {}

    /** The largest group of such schemas; none when there is no such group. */
    public static Optional<Found> find(Catalogue catalogue) {
        return groups(catalogue).stream()
                .sorted(Comparator.comparingInt(
                                (Alike group) -> -group.schemas().size())
                        .thenComparing(group -> group.schemas().getFirst()))
                .flatMap(group -> found(group).stream())
                .findFirst();
    }

    private static Optional<Found> found(Alike group) {
        List<String> named = group.schemas().stream()
                .filter(schema -> !schema.equals("public"))
                .toList();
        if (named.size() < 2) {
            return Optional.empty();
        }
        String before = commonStart(named);
        String after =
                commonEnd(named.stream().map(s -> s.substring(before.length())).toList());
        if (before.isEmpty() && after.isEmpty() && named.size() < ENOUGH_WITHOUT_A_NAME) {
            return Optional.empty();
        }
        List<String> reasons = new ArrayList<>();
        reasons.add(Counted.of(named.size(), "schema") + " hold nearly the same tables: "
                + Counted.some(new TreeSet<>(group.tables())));
        if (before.isEmpty() && after.isEmpty()) {
            reasons.add("their names have nothing in common, so each name is taken for a tenant's id");
        }
        if (group.schemas().contains("public")) {
            reasons.add("the schema public holds those tables too: it may be their template");
        }
        return Optional.of(new Found(new SchemaPattern(before + "{tenant}" + after), named, reasons));
    }

    /**
     * The tenants' schemas under a pattern: those whose names fit; where any name would, those that hold nearly the same
     * tables as others.
     */
    static Set<String> schemas(Catalogue catalogue, SchemaPattern pattern) {
        Set<String> schemas = new TreeSet<>();
        if (pattern.tenantOf("public").isPresent()) {
            find(catalogue).ifPresent(found -> schemas.addAll(found.schemas()));
        } else {
            catalogue.tables().stream()
                    .map(table -> table.name().schema())
                    .filter(schema -> pattern.tenantOf(schema).isPresent())
                    .forEach(schemas::add);
        }
        return schemas;
    }

    /**
     * The table outside tenants' schemas that has one row a tenant, known by a column in which (nearly) all tenants that
     * the schemas name exist. Looks ids up by that column's index. None when no table or more than one fits.
     */
    public static Optional<TenantTableCandidates.Candidate> tenantTable(
            Connection connection, Catalogue catalogue, SchemaPattern pattern) {
        Set<String> schemas = schemas(catalogue, pattern);
        List<String> tenants = schemas.stream()
                .filter(schema -> !isTemplate(pattern, schema))
                .flatMap(schema -> pattern.tenantOf(schema).stream())
                .map(TenantId::value)
                .limit(MOST_TENANTS)
                .toList();
        List<TenantTableCandidates.Candidate> found = new ArrayList<>();
        for (Table table : new LogicalTables(catalogue).roots()) {
            if (!schemas.contains(table.name().schema())) {
                TenantIdColumn.candidates(table).stream()
                        .flatMap(column -> candidate(connection, table, column, tenants).stream())
                        .findFirst()
                        .ifPresent(found::add);
            }
        }
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private static Optional<TenantTableCandidates.Candidate> candidate(
            Connection connection, Table table, String column, List<String> tenants) {
        Column id = table.column(column).orElseThrow().column();
        List<String> ids = KeyTypes.isInteger(id.typeOid())
                ? tenants.stream().filter(t -> t.matches("0|[1-9][0-9]{0,8}")).toList()
                : tenants;
        boolean possible = KeyTypes.isInteger(id.typeOid()) || KeyTypes.isText(id.typeOid());
        if (!possible || ids.isEmpty()) {
            return Optional.empty();
        }
        String list = ids.stream().map(Sql::literal).collect(Collectors.joining(", "));
        long exist = Query.one(
                connection,
                "Cannot look for the tenants that schemas name",
                "SELECT count(*) FROM " + Sql.table(table.name()) + " WHERE " + Sql.identifier(column) + " IN (" + list
                        + ")",
                row -> row.getLong(1));
        return exist < NEARLY_ALL * tenants.size()
                ? Optional.empty()
                : Optional.of(new TenantTableCandidates.Candidate(
                        table.name(),
                        column,
                        0,
                        0,
                        exist,
                        List.of(exist + " of " + Counted.of(tenants.size(), "tenant") + " that schemas name exist in "
                                + column)));
    }

    /** Whether a schema that fits the pattern is only what tenants' schemas are copied from. */
    static boolean isTemplate(SchemaPattern pattern, String schema) {
        return pattern.tenantOf(schema)
                .map(TenantId::value)
                .filter(tenant -> TEMPLATES.contains(tenant.replaceAll("[^a-z]", "")))
                .isPresent();
    }

    private static List<Alike> groups(Catalogue catalogue) {
        Map<String, Set<String>> tables = new TreeMap<>();
        for (Table table : new LogicalTables(catalogue).roots()) {
            TableName name = table.name();
            if (SetAside.reason(table, catalogue).isEmpty()) {
                tables.computeIfAbsent(name.schema(), s -> new HashSet<>()).add(name.name());
            }
        }
        List<Alike> groups = new ArrayList<>();
        tables.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, Set<String>> e) ->
                                -e.getValue().size())
                        .thenComparing(Map.Entry::getKey))
                .forEach(entry -> groups.stream()
                        .filter(group -> alike(group.tables(), entry.getValue()))
                        .findFirst()
                        .orElseGet(() -> {
                            Alike group = new Alike(entry.getValue(), new ArrayList<>());
                            groups.add(group);
                            return group;
                        })
                        .schemas()
                        .add(entry.getKey()));
        groups.forEach(group -> group.schemas().sort(Comparator.naturalOrder()));
        return groups;
    }

    /** Whether most tables are the same, or all but one. */
    private static boolean alike(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.retainAll(other);
        int all = one.size() + other.size() - both.size();
        return both.size() >= ALIKE * all || (both.size() > 1 && all - both.size() == 1);
    }

    /** What all begin with, up to a break between words, so that nothing of an id is taken for a prefix. */
    private static String commonStart(List<String> names) {
        String common = commonPrefix(names);
        int end = common.length();
        while (end > 0 && !breaks(names, end)) {
            end--;
        }
        return common.substring(0, end);
    }

    private static String commonPrefix(List<String> names) {
        String common = names.getFirst();
        for (String name : names) {
            int length = 0;
            while (length < Math.min(common.length(), name.length()) && common.charAt(length) == name.charAt(length)) {
                length++;
            }
            common = common.substring(0, length);
        }
        return common;
    }

    private static boolean breaks(List<String> names, int at) {
        return names.stream().allMatch(name -> at < name.length() && breaks(name.charAt(at - 1), name.charAt(at)));
    }

    private static boolean breaks(char before, char after) {
        return !Character.isLetterOrDigit(before) || (Character.isLetter(before) && Character.isDigit(after));
    }

    private static String commonEnd(List<String> names) {
        List<String> reversed = names.stream()
                .map(name -> new StringBuilder(name).reverse().toString())
                .toList();
        String common = commonPrefix(reversed);
        int end = common.length();
        while (end > 0 && Character.isLetterOrDigit(common.charAt(end - 1))) {
            end--;
        }
        int length = end;
        return reversed.stream().allMatch(name -> name.length() > length)
                ? new StringBuilder(common.substring(0, end)).reverse().toString()
                : "";
    }
}
