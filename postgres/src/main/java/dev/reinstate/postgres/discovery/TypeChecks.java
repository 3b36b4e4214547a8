package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.TypePairs.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What polymorphic references refer to: the types that samples, statistics and indexes know, the tables they name, and
 * whether the ids exist there. A type whose ids do not exist in the table of its name stands for something else.
 */
final class TypeChecks {
    private static final int MOST_TYPES = 100;
    private static final double CONFIRMED = 0.9;

    /** How often a type was seen in a sample, and how many of its ids exist in the table it names. */
    private record Seen(long rows, long ids, long found) {}

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Samples samples;
    private final Facts facts;
    private final TypeNames names;
    private final Map<TableName, Map<String, TableName>> contentTypes = new HashMap<>();
    private final Map<TableName, Set<String>> subclasses = new HashMap<>();

    TypeChecks(Catalogue catalogue, LogicalTables logical, Given given, Samples samples, Facts facts) {
        this.catalogue = catalogue;
        this.logical = logical;
        this.given = given;
        this.samples = samples;
        this.facts = facts;
        this.names = new TypeNames(logical.roots());
    }

    void check() {
        List<Pair> pairs = new ArrayList<>();
        for (Table table : logical.roots()) {
            if (!given.decided().containsKey(table.name())) {
                pairs.addAll(TypePairs.of(table, logical));
            }
        }
        if (!pairs.isEmpty()) {
            Set<Pair> indexed = indexed(pairs);
            pairs.forEach(pair -> check(pair, indexed.contains(pair)));
        }
    }

    private void check(Pair pair, boolean indexed) {
        Optional<String> sample = samples.of(pair.table(), List.of(pair.typeColumn(), pair.idColumn()));
        if (sample.isEmpty()) {
            facts.pair(pair, new TreeMap<>(), "it has no rows yet that would say what they refer to");
            return;
        }
        Map<String, Long> types = types(pair, sample.get(), indexed);
        SortedMap<String, TableName> named = new TreeMap<>();
        types.keySet().forEach(type -> table(pair, type).ifPresent(table -> named.put(type, table)));
        Map<String, Seen> seen = named.isEmpty() ? Map.of() : verify(pair, sample.get(), named);
        judge(pair, types, named, seen);
    }

    private Optional<TableName> table(Pair pair, String type) {
        Optional<TableName> table = pair.isDjango()
                ? Optional.ofNullable(contentTypes(pair.contentTypes()).get(type))
                : names.table(type, pair.table().schema()).or(() -> superclass(type));
        return table.filter(
                t -> OwnerSql.keyMatch(catalogue.require(pair.table()), pair.idColumn(), catalogue.require(t), "p", "s")
                        .isPresent());
    }

    /** The types, with how many sampled rows have each. */
    private Map<String, Long> types(Pair pair, String sample, boolean indexed) {
        String type = Sql.identifier(pair.typeColumn());
        Map<String, Long> types = new LinkedHashMap<>();
        samples.list(
                pair.table(),
                "SELECT s." + type + "::text, count(*) FROM (" + sample + ") s WHERE s." + type
                        + " IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT " + MOST_TYPES,
                row -> types.put(row.getString(1), row.getLong(2)));
        if (indexed) {
            String table = Sql.table(pair.table());
            samples.list(
                    pair.table(),
                    ("WITH RECURSIVE t (v) AS ((SELECT %1$s FROM %2$s WHERE %1$s IS NOT NULL ORDER BY %1$s LIMIT 1)"
                                    + " UNION ALL SELECT (SELECT %1$s FROM %2$s WHERE %1$s > t.v ORDER BY %1$s LIMIT 1)"
                                    + " FROM t WHERE t.v IS NOT NULL) SELECT v::text FROM t WHERE v IS NOT NULL LIMIT %3$d")
                            .formatted(type, table, MOST_TYPES),
                    row -> types.putIfAbsent(row.getString(1), 0L));
        }
        samples.list(
                pair.table(),
                "SELECT unnest(most_common_vals::text::text[]) FROM pg_stats WHERE schemaname = "
                        + Sql.literal(pair.table().schema()) + " AND tablename = "
                        + Sql.literal(pair.table().name()) + " AND attname = " + Sql.literal(pair.typeColumn())
                        + " LIMIT " + MOST_TYPES,
                row -> types.putIfAbsent(row.getString(1), 0L));
        return types;
    }

    /** Pairs whose types an index that begins with them can list without a scan. */
    private Set<Pair> indexed(List<Pair> pairs) {
        Set<Facts.ColumnOf> leading = new HashSet<>();
        samples.list(
                pairs.getFirst().table(),
                """
                SELECT n.nspname, c.relname, a.attname
                  FROM pg_index i
                  JOIN pg_class c ON c.oid = i.indrelid AND c.relkind = 'r'
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_am m ON m.amname = 'btree'
                  JOIN pg_class ic ON ic.oid = i.indexrelid AND ic.relam = m.oid
                  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                 WHERE i.indisvalid AND i.indpred IS NULL AND n.nspname NOT LIKE 'pg\\_%'
                """,
                row -> leading.add(
                        new Facts.ColumnOf(new TableName(row.getString(1), row.getString(2)), row.getString(3))));
        Set<Pair> indexed = new HashSet<>();
        pairs.stream()
                .filter(pair -> leading.contains(new Facts.ColumnOf(pair.table(), pair.typeColumn()))
                        && logical.parts(pair.table()).isEmpty())
                .forEach(indexed::add);
        return indexed;
    }

    private Map<String, TableName> contentTypes(TableName table) {
        return contentTypes.computeIfAbsent(table, t -> {
            Map<String, TableName> types = new HashMap<>();
            samples.list(t, "SELECT id::text, app_label, model FROM " + Sql.table(t) + " LIMIT 5000", row -> {
                String id = row.getString(1);
                names.djangoTable(row.getString(2), row.getString(3), t.schema())
                        .ifPresent(name -> types.put(id, name));
                return id;
            });
            return types;
        });
    }

    /** The table in whose column {@code type} the text stands, as Rails keeps subclasses: one and no other. */
    private Optional<TableName> superclass(String type) {
        if (subclasses.isEmpty()) {
            for (Table table : logical.roots()) {
                boolean has = table.column("type")
                        .filter(column -> KeyTypes.isText(column.column().typeOid()))
                        .isPresent();
                Optional<String> sample = has ? samples.of(table.name(), List.of("type")) : Optional.empty();
                Set<String> found = subclasses.computeIfAbsent(table.name(), t -> new HashSet<>());
                sample.ifPresent(rows -> samples.list(
                        table.name(),
                        "SELECT DISTINCT s.type FROM (" + rows + ") s WHERE s.type IS NOT NULL LIMIT " + MOST_TYPES,
                        row -> found.add(row.getString(1))));
            }
        }
        List<TableName> found = subclasses.entrySet().stream()
                .filter(entry -> entry.getValue().contains(type))
                .map(Map.Entry::getKey)
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private Map<String, Seen> verify(Pair pair, String sample, SortedMap<String, TableName> named) {
        Table table = catalogue.require(pair.table());
        String type = "s." + Sql.identifier(pair.typeColumn()) + "::text";
        String id = "s." + Sql.identifier(pair.idColumn());
        StringBuilder found = new StringBuilder();
        named.forEach((text, name) -> {
            Table parent = catalogue.require(name);
            OwnerSql.keyMatch(table, pair.idColumn(), parent, "p", "s")
                    .ifPresent(match -> found.append(" WHEN ")
                            .append(Sql.literal(text))
                            .append(" THEN (SELECT 1 FROM ")
                            .append(Sql.table(name))
                            .append(" p WHERE ")
                            .append(match)
                            .append(" LIMIT 1)"));
        });
        Map<String, Seen> seen = new HashMap<>();
        samples.list(
                pair.table(),
                "SELECT " + type + ", count(*), count(" + id + "), count(CASE " + type + found + " END) FROM (" + sample
                        + ") s WHERE s." + Sql.identifier(pair.typeColumn()) + " IS NOT NULL GROUP BY 1",
                row -> seen.put(row.getString(1), new Seen(row.getLong(2), row.getLong(3), row.getLong(4))));
        return seen;
    }

    private void judge(Pair pair, Map<String, Long> types, SortedMap<String, TableName> named, Map<String, Seen> seen) {
        SortedMap<String, TableName> believed = new TreeMap<>();
        List<String> unknown = new ArrayList<>();
        types.forEach((type, rows) -> {
            TableName table = named.get(type);
            Seen of = seen.getOrDefault(type, new Seen(0, 0, 0));
            if (table == null) {
                unknown.add(type + " (" + Counted.of(rows, "row") + ")");
            } else if (of.ids() > 0 && of.found() < CONFIRMED * of.ids()) {
                unknown.add(type + " (" + Counted.of(rows, "row") + ", of whose ids only "
                        + Counted.share(of.found(), of.ids()) + " exist in " + table + ")");
            } else {
                believed.put(type, table);
                facts.note(
                        pair.table(),
                        pair.typeColumn() + " " + type + " is " + table + ": "
                                + (of.ids() == 0
                                        ? "by its name, no sampled row has it"
                                        : Counted.share(of.found(), of.ids()) + " of " + of.ids()
                                                + " sampled ids exist there"));
            }
        });
        if (!unknown.isEmpty()) {
            facts.note(
                    pair.table(),
                    pair.typeColumn() + " holds texts that name no table whose ids " + pair.idColumn() + " holds: "
                            + Counted.some(unknown));
        }
        facts.pair(
                pair,
                believed,
                types.isEmpty()
                        ? "it has no rows yet that would say what they refer to"
                        : "none of its types names a table whose ids it holds: " + Counted.some(unknown));
        if (!believed.isEmpty()) {
            long known = types.entrySet().stream()
                    .filter(entry -> believed.containsKey(entry.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            long all = types.values().stream().mapToLong(Long::longValue).sum();
            if (known < all) {
                facts.warn(
                        pair.table(),
                        new TableRule.ByType(pair.typeColumn(), pair.idColumn(), believed),
                        Counted.share(all - known, all) + " of sampled rows name types of no known table: "
                                + Counted.some(unknown));
            }
        }
    }
}
