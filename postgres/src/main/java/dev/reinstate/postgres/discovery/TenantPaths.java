package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds each table's best way to its tenant: a search from the tenant table outwards along foreign keys, cheapest way
 * first (Dijkstra), so that a table is reached after its parent and circles end by themselves. Cheaper is: fewer
 * nullable columns on the way, a column before a path, a column with a foreign key before one without, fewer steps,
 * then by name.
 *
 * <p>A way in doubt is never taken: who made or changed a row is not whose it is, and a name that only could be the
 * tenant's proves nothing before the data has been looked at. It stands among the others, for a person to choose.
 */
final class TenantPaths {
    /** Columns that say who did something. */
    private static final Pattern ACTOR = Pattern.compile(
            "[^_].*_by(_(id|uuid|user|user_id))?|.*[a-z]By(Id|Uuid|User|UserId)?|.*(?i:last_?(editor|modifier)).*");

    /**
     * One way of a table's rows to their tenant.
     *
     * @param doubtful not to be taken without a person's word
     * @param nullables nullable columns on the whole way
     * @param rank 0 a referencing column, 1 a column known by its name, 2 a path, 3 a polymorphic reference
     * @param steps foreign keys on the whole way
     */
    record Way(
            TableName table,
            TableRule rule,
            boolean doubtful,
            int nullables,
            int rank,
            int steps,
            String reason,
            List<String> warnings) {
        Way {
            warnings = List.copyOf(warnings);
        }

        Proposal.Alternative asAlternative() {
            return new Proposal.Alternative(rule, reason, doubtful);
        }
    }

    /** The way taken, if there is one that may be, and those not taken, cheapest first. */
    record Found(Optional<Way> best, List<Way> others) {}

    private static final Comparator<Way> CHEAPEST_FIRST = Comparator.comparing(Way::doubtful)
            .thenComparingInt(Way::nullables)
            .thenComparingInt(Way::rank)
            .thenComparingInt(Way::steps)
            .thenComparing(Way::table)
            .thenComparing(way -> way.rule().toString());

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Optional<SoftColumns> softColumns;
    private final Facts facts;
    private final Map<TableName, List<Table>> referrers = new HashMap<>();
    private final PriorityQueue<Way> queue = new PriorityQueue<>(CHEAPEST_FIRST);
    private final Map<TableName, Way> best = new LinkedHashMap<>();
    private final Map<TableName, List<Way>> others = new LinkedHashMap<>();
    private final Map<TypePairs.Pair, SortedMap<String, TableName>> types;
    private final Map<TableName, TableRule.ByPaths> several;
    private final boolean supposing;
    private final List<Way> held = new ArrayList<>();
    private final PriorityQueue<Way> last = new PriorityQueue<>(CHEAPEST_FIRST);

    /**
     * @param tables the tables to find ways for, none of them a part of another
     * @param supposing whether tables that a person is asked about take their cheapest way, too; last of all those that
     *     others' rows speak against
     */
    TenantPaths(
            Catalogue catalogue,
            LogicalTables logical,
            Optional<SoftColumns> softColumns,
            Facts facts,
            List<Table> tables,
            boolean supposing) {
        this.catalogue = catalogue;
        this.logical = logical;
        this.softColumns = softColumns;
        this.facts = facts;
        this.types = new LinkedHashMap<>(facts.types());
        Set<TableName> names = tables.stream().map(Table::name).collect(Collectors.toSet());
        types.keySet().removeIf(pair -> !names.contains(pair.table()));
        this.several = new LinkedHashMap<>(facts.several());
        several.keySet().retainAll(names);
        several.keySet().removeIf(table -> supposing && facts.asked(table).isPresent());
        this.supposing = supposing;
        for (Table table : tables) {
            Set<TableName> parents = new HashSet<>();
            logical.foreignKeys(table).forEach(key -> parents.add(logical.rootOf(key.referenced())));
            parents.forEach(parent ->
                    referrers.computeIfAbsent(parent, p -> new ArrayList<>()).add(table));
            softColumns.ifPresent(soft -> soft.of(table).forEach(column -> offer(table, column, soft)));
        }
    }

    /** A way that a person gave. */
    void decide(TableName table, TableRule rule) {
        queue.add(new Way(table, rule, false, -1, -1, 0, "told so", List.of()));
    }

    void tenantTable(TableName table, String idColumn) {
        queue.add(new Way(
                table,
                new TableRule.TenantTable(idColumn),
                false,
                0,
                -1,
                0,
                "the tenant table, one row a tenant, known by " + idColumn,
                List.of()));
    }

    Map<TableName, Found> find() {
        do {
            drain();
        } while (offerByTypes(true)
                || offerSeveral()
                || release(false)
                || offerByTypes(false)
                || release(true)
                || releaseLast());
        Map<TableName, Found> found = new LinkedHashMap<>();
        best.forEach((table, way) ->
                found.put(table, new Found(Optional.of(way), others.getOrDefault(table, List.of()))));
        others.forEach((table, ways) -> found.putIfAbsent(table, new Found(Optional.empty(), ways)));
        return found;
    }

    private void drain() {
        while (!queue.isEmpty()) {
            Way way = queue.remove();
            if (supposing && facts.isBlamed(way.table())) {
                last.add(way);
            } else if (way.nullables() > 0 && !types.isEmpty()) {
                held.add(way);
            } else {
                take(way);
            }
        }
    }

    private void take(Way way) {
        boolean decided = way.nullables() < 0;
        boolean open = !supposing && facts.asked(way.table()).isPresent();
        if (way.doubtful() || (!decided && (open || several.containsKey(way.table())))) {
            addOther(way);
        } else if (best.putIfAbsent(way.table(), way) == null) {
            referrers.getOrDefault(way.table(), List.of()).forEach(child -> offerFrom(child, way));
        } else if (!best.get(way.table()).rule().equals(way.rule())) {
            addOther(way);
        }
    }

    /** Whether it waits for the tables that its polymorphic reference names, which is better than a nullable way. */
    private boolean mayFollowTypes(TableName table) {
        return !best.containsKey(table)
                && types.keySet().stream().anyMatch(pair -> pair.table().equals(table));
    }

    /**
     * Takes the cheapest of the ways that waited; when none has to wait any more, all go back among the others.
     *
     * @param all also those of tables that wait for their own polymorphic reference
     */
    private boolean release(boolean all) {
        if (types.isEmpty()) {
            boolean waited = queue.addAll(held);
            held.clear();
            return waited;
        }
        Optional<Way> cheapest =
                held.stream().filter(way -> all || !mayFollowTypes(way.table())).min(CHEAPEST_FIRST);
        cheapest.ifPresent(way -> {
            held.remove(way);
            take(way);
        });
        return cheapest.isPresent();
    }

    private boolean releaseLast() {
        Optional<Way> way = Optional.ofNullable(last.poll());
        way.ifPresent(this::take);
        return way.isPresent();
    }

    /**
     * Offers ways by polymorphic references whose tables have found their own.
     *
     * @param complete only those of whose tables none is missing; else the first of the others, with those there are
     */
    private boolean offerByTypes(boolean complete) {
        for (Map.Entry<TypePairs.Pair, SortedMap<String, TableName>> entry : List.copyOf(types.entrySet())) {
            TypePairs.Pair pair = entry.getKey();
            SortedMap<String, TableName> reached = new TreeMap<>(entry.getValue());
            reached.values()
                    .removeIf(parent -> !parent.equals(pair.table())
                            && !Optional.ofNullable(best.get(parent))
                                    .filter(way -> way.rule().isOwned())
                                    .isPresent());
            boolean whole = reached.size() == entry.getValue().size();
            boolean leadsOut = reached.values().stream().anyMatch(parent -> !parent.equals(pair.table()));
            if (leadsOut && (whole || !complete)) {
                types.remove(pair);
                queue.add(byTypes(pair, reached, entry.getValue()));
                return true;
            }
        }
        return false;
    }

    /** Offers a way by several paths of which each leads to a table that has found its own. */
    private boolean offerSeveral() {
        Optional<TableName> ready = several.entrySet().stream()
                .filter(entry -> entry.getValue().parents().stream()
                        .allMatch(parent -> Optional.ofNullable(best.get(logical.rootOf(parent)))
                                .filter(way -> way.rule().isOwned())
                                .isPresent()))
                .map(Map.Entry::getKey)
                .findFirst();
        ready.ifPresent(table -> queue.add(
                bySeveral(table, Optional.ofNullable(several.remove(table)).orElseThrow())));
        return ready.isPresent();
    }

    private Way bySeveral(TableName table, TableRule.ByPaths rule) {
        String links = rule.paths().stream()
                .map(path -> path.parent() + " through " + String.join(", ", path.columns()))
                .collect(Collectors.joining(", else "));
        List<Way> parents = rule.parents().stream()
                .map(parent ->
                        Optional.ofNullable(best.get(logical.rootOf(parent))).orElseThrow())
                .toList();
        List<String> warnings = new ArrayList<>(List.of(
                "of several links the first that is set decides; rows with none belong to no tenant and are kept as"
                        + " unattributed"));
        parents.stream()
                .filter(parent -> parent.nullables() > 0)
                .map(parent -> "the way on from " + parent.table() + " has a nullable column")
                .forEach(warnings::add);
        return new Way(
                table,
                rule,
                false,
                parents.stream().mapToInt(Way::nullables).max().orElse(0) + 1,
                2,
                parents.stream().mapToInt(Way::steps).max().orElse(0) + 1,
                "follows " + links,
                warnings);
    }

    private Way byTypes(TypePairs.Pair pair, SortedMap<String, TableName> reached, SortedMap<String, TableName> all) {
        Table table = catalogue.require(pair.table());
        List<String> columns = List.of(pair.typeColumn(), pair.idColumn());
        int before = 0;
        int steps = 0;
        for (TableName parent : reached.values()) {
            if (parent.equals(pair.table())) {
                continue; // a row of it belongs where the row it names belongs
            }
            Way way = Optional.ofNullable(best.get(parent)).orElseThrow();
            before = Math.max(before, way.nullables());
            steps = Math.max(steps, way.steps() + 1);
        }
        List<String> warnings = new ArrayList<>(nullableWarnings(table, columns));
        all.forEach((type, parent) -> {
            if (!reached.containsKey(type)) {
                warnings.add("rows of " + pair.typeColumn() + " " + type + " lead to no tenant, because " + parent
                        + " does not: they are kept as unattributed");
            }
        });
        return new Way(
                pair.table(),
                new TableRule.ByType(pair.typeColumn(), pair.idColumn(), reached),
                pair.isActor(),
                before + nullables(table, columns),
                3,
                steps,
                "follows the row that " + pair.typeColumn() + " and " + pair.idColumn() + " name: "
                        + Counted.some(new TreeSet<>(reached.values()))
                        + (pair.isActor() ? "; but who did something is not whose it is" : ""),
                warnings);
    }

    private void addOther(Way way) {
        List<Way> ways = others.computeIfAbsent(way.table(), t -> new ArrayList<>());
        if (ways.stream().noneMatch(w -> w.rule().equals(way.rule()))) {
            ways.add(way);
        }
    }

    private void offerFrom(Table child, Way parentWay) {
        boolean isTenantTable = Optional.ofNullable(best.get(child.name()))
                .filter(way -> way.rule() instanceof TableRule.TenantTable)
                .isPresent();
        if (isTenantTable
                || child.name().equals(parentWay.table())
                || !parentWay.rule().isOwned()) {
            return;
        }
        for (ForeignKey key : logical.foreignKeys(child)) {
            Optional<Table> parent = catalogue.table(key.referenced());
            if (parent.isPresent() && logical.rootOf(key.referenced()).equals(parentWay.table())) {
                queue.add(byColumn(child, key, parentWay).orElseGet(() -> byPath(child, key, parent.get(), parentWay)));
            }
        }
    }

    /** The key carries the very column that holds the parent's tenant. */
    private Optional<Way> byColumn(Table child, ForeignKey key, Way parentWay) {
        String tenantColumn = switch (parentWay.rule()) {
            case TableRule.TenantTable tenant -> tenant.idColumn();
            case TableRule.ByColumn column -> column.column();
            default -> "";
        };
        int index = key.referencedColumns().indexOf(tenantColumn);
        if (index < 0) {
            return Optional.empty();
        }
        String column = key.columns().get(index);
        boolean direct = parentWay.rule() instanceof TableRule.TenantTable;
        return Optional.of(new Way(
                child.name(),
                new TableRule.ByColumn(column),
                isActor(column)
                        || (direct && TenantNouns.isInAnotherRole(column))
                        || (direct && isOneOfSeveral(child, column, parentWay.table(), tenantColumn)),
                nullables(child, List.of(column)),
                0,
                direct ? 1 : 2,
                "column " + column + " references " + key.referenced() + "." + tenantColumn
                        + (direct ? "" : ", that table's tenant column") + " (" + key.name() + ")",
                nullableWarnings(child, List.of(column))));
    }

    /** Two columns refer to the tenant and no name tells which of them says whose row it is. */
    private boolean isOneOfSeveral(Table child, String column, TableName tenantTable, String idColumn) {
        List<String> direct = logical.foreignKeys(child).stream()
                .filter(k -> logical.rootOf(k.referenced()).equals(tenantTable))
                .filter(k -> k.referencedColumns().contains(idColumn))
                .map(k -> k.columns().get(k.referencedColumns().indexOf(idColumn)))
                .filter(c -> !isActor(c))
                .distinct()
                .toList();
        long canonical = direct.stream().filter(this::isCanonical).count();
        return direct.size() > 1 && (!isCanonical(column) || canonical > 1);
    }

    private Way byPath(Table child, ForeignKey key, Table parent, Way parentWay) {
        List<String> parentKey = parent.rowKey();
        boolean toKey = !parentKey.isEmpty() && new HashSet<>(parentKey).equals(new HashSet<>(key.referencedColumns()));
        List<String> columns = toKey
                ? parentKey.stream()
                        .map(k -> key.columns().get(key.referencedColumns().indexOf(k)))
                        .toList()
                : key.columns();
        int steps = parentWay.steps() + 1;
        List<String> warnings = new ArrayList<>(nullableWarnings(child, columns));
        if (parentWay.nullables() > 0) {
            warnings.add("the way on from " + parent.name() + " has a nullable column");
        }
        boolean actor = columns.stream().allMatch(TenantPaths::isActor);
        return new Way(
                child.name(),
                new TableRule.ByPath(columns, parent.name(), toKey ? List.of() : key.referencedColumns()),
                actor,
                Math.max(parentWay.nullables(), 0) + nullables(child, columns),
                2,
                steps,
                "follows " + parent.name() + " through " + String.join(", ", columns) + " (" + key.name() + "), "
                        + Counted.of(steps, "foreign key") + " from the tenant"
                        + (actor ? "; but who did something is not whose it is" : ""),
                warnings);
    }

    private void offer(Table table, SoftColumns.Soft soft, SoftColumns softColumns) {
        Facts.Verdict verdict = facts.column(table.name(), soft.column());
        if (verdict == Facts.Verdict.WITHDRAWN) {
            return;
        }
        boolean proven = verdict == Facts.Verdict.CONFIRMED && !softColumns.idsAreNumbers();
        queue.add(new Way(
                table.name(),
                new TableRule.ByColumn(soft.column()),
                !soft.strong() && !proven,
                nullables(table, List.of(soft.column())),
                1,
                1,
                soft.reason(),
                nullableWarnings(table, List.of(soft.column()))));
    }

    private boolean isCanonical(String column) {
        return softColumns.map(soft -> soft.isCanonical(column)).orElse(false);
    }

    static boolean isActor(String column) {
        return ACTOR.matcher(column).matches();
    }

    private static int nullables(Table table, List<String> columns) {
        return (int) columns.stream().filter(c -> isNullable(table, c)).count();
    }

    private static List<String> nullableWarnings(Table table, List<String> columns) {
        return columns.stream()
                .filter(c -> isNullable(table, c))
                .map(c -> c + " may be NULL: such rows belong to no tenant and are kept as unattributed")
                .toList();
    }

    static boolean isNullable(Table table, String column) {
        return table.column(column).map(c -> !c.notNull()).orElse(true);
    }
}
