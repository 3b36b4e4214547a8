package dev.reinstate.model;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** How the rows of one table find their tenant. */
public sealed interface TableRule {
    /** The tenant table itself: one row a tenant, whose id is this column. */
    record TenantTable(String idColumn) implements TableRule {
        @Override
        public List<String> ownerColumns() {
            return List.of(idColumn);
        }
    }

    /** A column holds the tenant's id. */
    record ByColumn(String column) implements TableRule {
        @Override
        public List<String> ownerColumns() {
            return List.of(column);
        }
    }

    /**
     * A row belongs where its parent row belongs.
     *
     * @param columns this table's referencing columns, in the order of what they refer to
     * @param parent a table with a rule of its own that ends at a tenant
     * @param parentColumns what they refer to: columns of a unique constraint of the parent; empty for its row key
     */
    record ByPath(List<String> columns, TableName parent, List<String> parentColumns) implements TableRule {
        public ByPath {
            columns = List.copyOf(columns);
            parentColumns = List.copyOf(parentColumns);
            if (columns.isEmpty() || !(parentColumns.isEmpty() || parentColumns.size() == columns.size())) {
                throw ReinstateException.invalid(
                        "A path of " + columns.size() + " columns to " + parentColumns.size() + " of " + parent,
                        "each column refers to one",
                        "name as many columns of " + parent + ", or none for its key");
            }
        }

        /** A path to the parent's row key. */
        public ByPath(List<String> columns, TableName parent) {
            this(columns, parent, List.of());
        }

        @Override
        public List<String> ownerColumns() {
            return columns;
        }

        @Override
        public Collection<TableName> parents() {
            return Set.of(parent);
        }
    }

    /**
     * A row belongs where the first of those paths leads whose columns are all set; where none is, to nobody. What a later
     * path says of such a row counts for nothing.
     *
     * @param paths two or more, in that order; none leads to the very table that has this rule
     */
    record ByPaths(List<ByPath> paths) implements TableRule {
        /** Places in the order fit into an unsigned byte. */
        private static final int MOST = 255;

        public ByPaths {
            paths = List.copyOf(paths);
            if (paths.size() < 2 || paths.size() > MOST || Set.copyOf(paths).size() < paths.size()) {
                throw ReinstateException.invalid(
                        "A rule of " + paths.size() + " paths, of which the first that is set counts",
                        "it takes two different ones, and at most " + MOST,
                        "write one path as: path COLUMN -> SCHEMA.TABLE");
            }
        }

        /** The columns of each path that comes before that one and, where it is set, counts instead. */
        public List<List<String>> sooner(ByPath path) {
            return paths.subList(0, paths.indexOf(path)).stream()
                    .map(ByPath::columns)
                    .toList();
        }

        @Override
        public List<String> ownerColumns() {
            return paths.stream()
                    .flatMap(path -> path.columns().stream())
                    .distinct()
                    .toList();
        }

        @Override
        public Collection<TableName> parents() {
            return paths.stream().map(ByPath::parent).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /**
     * One column names a table, another a row of it: a row belongs where that row belongs. Rows that name another text
     * than those listed belong to nobody.
     *
     * @param typeColumn names the table
     * @param idColumn holds that table's row key, which is one column
     * @param parentsByType what the type column's texts stand for: tables with rules of their own that end at a tenant, and
     *     perhaps the very table that has this rule
     */
    record ByType(String typeColumn, String idColumn, SortedMap<String, TableName> parentsByType) implements TableRule {
        public ByType {
            parentsByType = Collections.unmodifiableSortedMap(new TreeMap<>(parentsByType));
            if (parentsByType.isEmpty()) {
                throw ReinstateException.invalid(
                        "A rule by " + typeColumn + " that names no table",
                        "rows find their tenant through the table that their type stands for",
                        "list the types: type " + typeColumn + ", " + idColumn + " -> Type: schema.table");
            }
        }

        /** What its texts stand for besides that table, which has this rule. */
        public SortedMap<String, TableName> besides(TableName table) {
            SortedMap<String, TableName> others = new TreeMap<>(parentsByType);
            others.values().removeIf(table::equals);
            return others;
        }

        /** The texts that stand for that table. */
        public List<String> textsOf(TableName table) {
            return parentsByType.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(table))
                    .map(Map.Entry::getKey)
                    .toList();
        }

        @Override
        public List<String> ownerColumns() {
            return List.of(typeColumn, idColumn);
        }

        @Override
        public Collection<TableName> parents() {
            return new TreeSet<>(parentsByType.values());
        }
    }

    /** The table's schema names the tenant, by {@link TenancyMap#tenantSchemas}. */
    record BySchema() implements TableRule {}

    /** Rows belong to no tenant and to all. Captured; written by the restore of a tenant only when asked for rows that its rows refer to and that are gone. */
    record Shared() implements TableRule {}

    /** Not captured, by decision. */
    record Ignored() implements TableRule {}

    /** No rule could be found; nothing goes on before a person decides, unless told so by name. */
    record Unmapped() implements TableRule {}

    /** Columns of the table by which a row names its tenant or the row it belongs to. */
    default List<String> ownerColumns() {
        return List.of();
    }

    /** The paths it consists of, in their order; none for a rule that is no path. */
    default List<ByPath> paths() {
        return this instanceof ByPath path ? List.of(path) : List.of();
    }

    /** Tables whose rows own this table's rows. */
    default Collection<TableName> parents() {
        return List.of();
    }

    /** The same without the table that has this rule, of whose own rows others may hang below one another. */
    default Collection<TableName> parentsBesides(TableName table) {
        return parents().stream().filter(parent -> !parent.equals(table)).toList();
    }

    /** Whether rows belong to tenants. */
    default boolean isOwned() {
        return switch (this) {
            case TenantTable tenant -> true;
            case ByColumn column -> true;
            case ByPath path -> true;
            case ByPaths paths -> true;
            case ByType type -> true;
            case BySchema schema -> true;
            case Shared shared -> false;
            case Ignored ignored -> false;
            case Unmapped unmapped -> false;
        };
    }
}
