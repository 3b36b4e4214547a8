package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
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

/**
 * Finds each table's best way to its tenant: a search from the tenant table outwards along foreign keys, cheapest way
 * first (Dijkstra), so that a table is reached after its parent and circles end by themselves. Cheaper is: fewer
 * nullable columns on the way, a column before a path, a column with a foreign key before one without, fewer steps,
 * then by name.
 */
final class TenantPaths {
    /**
     * One way of a table's rows to their tenant.
     *
     * @param nullables nullable columns on the whole way
     * @param rank 0 a referencing column, 1 a column known by its name, 2 a path
     * @param steps foreign keys on the whole way
     */
    record Way(
            TableName table,
            TableRule rule,
            int nullables,
            int rank,
            int steps,
            String reason,
            List<String> warnings) {}

    /** The way taken and those not taken. */
    record Found(Way best, List<Way> others) {}

    private static final Comparator<Way> CHEAPEST_FIRST = Comparator.comparingInt(Way::nullables)
            .thenComparingInt(Way::rank)
            .thenComparingInt(Way::steps)
            .thenComparing(Way::table)
            .thenComparing(way -> way.rule().toString());

    private final Catalogue catalogue;
    private final Table tenantTable;
    private final String idColumn;
    private final PriorityQueue<Way> queue = new PriorityQueue<>(CHEAPEST_FIRST);
    private final Map<TableName, Way> best = new LinkedHashMap<>();
    private final Map<TableName, List<Way>> others = new HashMap<>();

    TenantPaths(Catalogue catalogue, Table tenantTable, String idColumn) {
        this.catalogue = catalogue;
        this.tenantTable = tenantTable;
        this.idColumn = idColumn;
    }

    Map<TableName, Found> find(List<Table> tables) {
        queue.add(new Way(
                tenantTable.name(),
                new TableRule.TenantTable(idColumn),
                0,
                -1,
                0,
                "the tenant table, one row a tenant, known by " + idColumn,
                List.of()));
        tables.forEach(this::offerByName);
        while (!queue.isEmpty()) {
            Way way = queue.remove();
            if (best.putIfAbsent(way.table(), way) == null) {
                tables.forEach(child -> offerFrom(child, way));
            } else if (!best.get(way.table()).rule().equals(way.rule())) {
                others.computeIfAbsent(way.table(), t -> new ArrayList<>()).add(way);
            }
        }
        Map<TableName, Found> found = new LinkedHashMap<>();
        best.forEach((table, way) -> found.put(table, new Found(way, others.getOrDefault(table, List.of()))));
        return found;
    }

    private void offerFrom(Table child, Way parentWay) {
        if (child.name().equals(tenantTable.name()) || child.name().equals(parentWay.table())) {
            return;
        }
        for (ForeignKey key : child.foreignKeys()) {
            Optional<Table> parent = catalogue.table(key.referenced());
            if (parent.isPresent() && catalogue.root(key.referenced()).equals(parentWay.table())) {
                Optional<Way> column = byColumn(child, key, parentWay);
                Optional<Way> way = column.isPresent() ? column : byPath(child, key, parent.get(), parentWay);
                way.ifPresent(queue::add);
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
        String reason = "column " + column + " references " + key.referenced() + "." + tenantColumn
                + (direct ? "" : ", that table's tenant column") + " (" + key.name() + ")";
        return Optional.of(new Way(
                child.name(),
                new TableRule.ByColumn(column),
                nullables(child, List.of(column)),
                0,
                direct ? 1 : 2,
                reason,
                nullableWarnings(child, List.of(column))));
    }

    private Optional<Way> byPath(Table child, ForeignKey key, Table parent, Way parentWay) {
        List<String> parentKey = parent.rowKey();
        if (parentKey.isEmpty() || !new HashSet<>(parentKey).equals(new HashSet<>(key.referencedColumns()))) {
            return Optional.empty();
        }
        List<String> columns = parentKey.stream()
                .map(k -> key.columns().get(key.referencedColumns().indexOf(k)))
                .toList();
        int steps = parentWay.steps() + 1;
        List<String> warnings = new ArrayList<>(nullableWarnings(child, columns));
        if (parentWay.nullables() > 0) {
            warnings.add("the way on from " + parent.name() + " has a nullable column");
        }
        return Optional.of(new Way(
                child.name(),
                new TableRule.ByPath(columns, parent.name()),
                parentWay.nullables() + nullables(child, columns),
                2,
                steps,
                "follows " + parent.name() + " through " + String.join(", ", columns) + " (" + key.name() + "), "
                        + steps + " foreign keys from the tenant",
                warnings));
    }

    /** A column named and typed as those that refer to the tenant table are, but without a foreign key. */
    private void offerByName(Table table) {
        if (table.name().equals(tenantTable.name())) {
            return;
        }
        Set<String> referencing = new HashSet<>();
        table.foreignKeys().forEach(k -> referencing.addAll(k.columns()));
        int idType = tenantTable.column(idColumn).map(c -> c.column().typeOid()).orElse(0);
        Set<String> names = tenantColumnNames();
        table.columns().stream()
                .filter(c -> names.contains(c.name()) && c.column().typeOid() == idType)
                .filter(c -> !c.generated() && !referencing.contains(c.name()))
                .map(TableColumn::name)
                .forEach(column -> queue.add(new Way(
                        table.name(),
                        new TableRule.ByColumn(column),
                        nullables(table, List.of(column)),
                        1,
                        1,
                        "column " + column + " is named and typed as columns that hold the id of " + tenantTable.name()
                                + ", but has no foreign key",
                        nullableWarnings(table, List.of(column)))));
    }

    private Set<String> tenantColumnNames() {
        Set<String> names = new HashSet<>();
        names.add(tenantTable.name().name() + "_" + idColumn);
        names.add(idColumn);
        for (Table table : catalogue.tables()) {
            table.foreignKeys().stream()
                    .filter(k -> k.referenced().equals(tenantTable.name())
                            && !table.name().equals(tenantTable.name())
                            && k.referencedColumns().equals(List.of(idColumn)))
                    .forEach(k -> names.add(k.columns().getFirst()));
        }
        names.removeAll(Set.of("id", "uuid", "key", "name", "code"));
        return names;
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

    private static boolean isNullable(Table table, String column) {
        return table.column(column).map(c -> !c.notNull()).orElse(true);
    }
}
