package dev.reinstate.capture.owner;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tenancy map, compiled for the shapes that tables have. Not thread-safe. */
public final class Ownership {
    private final TenancyMap map;
    private final Map<TableName, Root> roots;
    private final Map<Integer, TableName> names = new HashMap<>();
    private final Map<TableName, TableOwnership> current = new HashMap<>();
    private final IdentityHashMap<TableSchema, TableOwnership> compiled = new IdentityHashMap<>();
    private final IdentityHashMap<TableOwnership, TableOwnership> parents = new IdentityHashMap<>();
    private final Set<Integer> parentOids = new HashSet<>();
    private final Map<TableName, Set<TableName>> descendants = new HashMap<>();
    private final Map<TableName, Set<List<String>>> named = new HashMap<>();

    /** The topmost table of a partition. */
    public record Root(int oid, TableName name) {}

    /**
     * @param tables the shapes that captured tables have now
     * @param roots the topmost table of every partition; other tables need none
     */
    public Ownership(TenancyMap map, Iterable<TableSchema> tables, Map<TableName, Root> roots) {
        this.map = map;
        this.roots = new HashMap<>(roots);
        for (TableName table : map.rules().keySet()) {
            ancestors(table)
                    .forEach(ancestor -> descendants
                            .computeIfAbsent(ancestor, name -> new HashSet<>())
                            .add(table));
            map.rule(table).map(TableRule::paths).orElse(List.of()).stream()
                    .filter(path -> !path.parentColumns().isEmpty())
                    .forEach(path -> named.computeIfAbsent(path.parent(), name -> new LinkedHashSet<>())
                            .add(path.parentColumns()));
        }
        Map<TableName, TableSchema> shapes = new HashMap<>();
        tables.forEach(table -> names.put(table.oid(), table.name()));
        tables.forEach(table -> shapes.put(root(table).name(), table));
        map.tenantTablesParentsFirst().forEach(name -> {
            TableSchema shape = shapes.get(name);
            if (shape != null) {
                see(shape);
            }
        });
    }

    public TenancyMap map() {
        return map;
    }

    private Set<TableName> ancestors(TableName table) {
        Set<TableName> ancestors = new HashSet<>();
        Deque<TableName> next = new ArrayDeque<>(parents(table));
        while (!next.isEmpty()) {
            TableName ancestor = next.pop();
            if (ancestors.add(ancestor)) {
                next.addAll(parents(ancestor));
            }
        }
        return ancestors;
    }

    private Collection<TableName> parents(TableName table) {
        return map.rule(table).map(TableRule::parents).orElse(List.of());
    }

    /** Says that a table has that shape from now on, and of a partition, what its topmost table is. */
    public void see(TableSchema schema, Root root) {
        if (root.oid() != schema.oid() && !root.equals(roots.put(name(schema), root))) {
            compiled.remove(schema);
        }
        see(schema);
    }

    private void see(TableSchema schema) {
        TableOwnership ownership = of(schema);
        if (!ownership.equals(current.put(schema.name(), ownership))) {
            parents.clear();
        }
        current.put(root(schema).name(), ownership);
        if (ownership.hasDescendants()) {
            parentOids.add(ownership.indexOid());
        }
    }

    /** A shape's ownership. */
    public TableOwnership of(TableSchema schema) {
        TableOwnership known = compiled.get(schema);
        if (known == null) {
            known = compile(schema);
            compiled.put(schema, known);
        }
        return known;
    }

    /** The ownership of the table whose row that record names, in its current shape; null when it is not known. */
    @Nullable
    TableOwnership parentOf(TableOwnership table, OwnerRecord record) {
        ParentReference reference = table.naming().parent().orElse(null);
        return switch (reference) {
            case null -> null;
            case ParentReference.ByKey key -> parentOf(table, key.parent());
            case ParentReference.ByValue value -> parentOf(table, value.parent());
            case ParentReference.ByType type -> {
                TableName parent = type.parent(TypedKey.of(record.reference()).type());
                yield parent == null ? null : current.get(parent);
            }
            case ParentReference.First first ->
                current.get(first.way(record.reference()).parent());
        };
    }

    private @Nullable TableOwnership parentOf(TableOwnership table, TableName name) {
        TableOwnership known = parents.get(table);
        if (known == null) {
            known = current.get(name);
            if (known != null) {
                parents.put(table, known);
            }
        }
        return known;
    }

    /** Whether rows of the table may belong to rows of the same table. */
    public boolean isTree(TableOwnership table) {
        return table.naming().parent().stream()
                .flatMap(reference -> reference.parents().stream())
                .map(current::get)
                .anyMatch(parent -> parent != null && parent.indexOid() == table.indexOid());
    }

    /** Whether rows of the table filed under that oid may own others. */
    public boolean isParent(int indexOid) {
        return parentOids.contains(indexOid);
    }

    private TableOwnership compile(TableSchema schema) {
        @Nullable
        TableRule rule =
                map.rule(name(schema)).or(() -> map.rule(root(schema).name())).orElse(null);
        return switch (rule) {
            case TableRule.TenantTable tenant -> owned(schema, List.of(tenant.idColumn()), Optional.empty());
            case TableRule.ByColumn byColumn -> owned(schema, List.of(byColumn.column()), Optional.empty());
            case TableRule.ByPath path -> owned(schema, path.columns(), Optional.of(reference(path)));
            case TableRule.ByPaths paths -> byPaths(schema, paths);
            case TableRule.ByType type ->
                owned(
                        schema,
                        List.of(type.typeColumn(), type.idColumn()),
                        Optional.of(
                                new ParentReference.ByType(type.parentsByType(), isPadded(schema, type.typeColumn()))));
            case TableRule.BySchema bySchema ->
                tenantOf(schema)
                        .map(tenant -> owned(schema, TableOwnership.Naming.of(OwnerRecord.tenant(tenant))))
                        .orElseGet(() -> unowned(schema, TableOwnership.Kind.UNKNOWN));
            case TableRule.Shared shared -> unowned(schema, TableOwnership.Kind.SHARED);
            case null -> unowned(schema, TableOwnership.Kind.UNKNOWN);
            case TableRule.Ignored ignored -> unowned(schema, TableOwnership.Kind.UNKNOWN);
            case TableRule.Unmapped unmapped -> unowned(schema, TableOwnership.Kind.UNKNOWN);
        };
    }

    private static boolean isPadded(TableSchema schema, String column) {
        int at = schema.indexOf(column);
        return at >= 0 && schema.columns().get(at).typeName().startsWith("character(");
    }

    private TableOwnership byPaths(TableSchema schema, TableRule.ByPaths paths) {
        List<ParentReference.Way> ways = paths.paths().stream()
                .map(path -> new ParentReference.Way(
                        path.columns().stream().map(schema::indexOf).toList(), reference(path)))
                .toList();
        List<Integer> columns =
                paths.ownerColumns().stream().map(schema::indexOf).toList();
        return columns.contains(-1)
                ? unowned(schema, TableOwnership.Kind.UNKNOWN)
                : owned(
                        schema,
                        new TableOwnership.Naming(
                                columns, List.of(), Optional.of(new ParentReference.First(ways)), Optional.empty()));
    }

    private static ParentReference.OfTable reference(TableRule.ByPath path) {
        return path.parentColumns().isEmpty()
                ? new ParentReference.ByKey(path.parent())
                : new ParentReference.ByValue(path.parent(), path.parentColumns());
    }

    private Optional<TenantId> tenantOf(TableSchema schema) {
        return map.tenantSchemas()
                .flatMap(pattern -> pattern.tenantOf(schema.name().schema()));
    }

    private TableOwnership owned(TableSchema schema, List<String> columnNames, Optional<ParentReference> parent) {
        List<Integer> columns = new ArrayList<>();
        List<Integer> keyColumns = new ArrayList<>();
        for (String name : columnNames) {
            int column = schema.indexOf(name);
            if (column < 0) {
                return unowned(schema, TableOwnership.Kind.UNKNOWN);
            }
            columns.add(column);
            keyColumns.add(schema.keyColumns().indexOf(column));
        }
        boolean keyNamesOwner =
                !keyColumns.contains(-1) && parent.map(this::isNamedByKey).orElse(true);
        return owned(
                schema,
                new TableOwnership.Naming(columns, keyNamesOwner ? keyColumns : List.of(), parent, Optional.empty()));
    }

    /** Whether what names a parent leads to its tenant without its record. */
    private boolean isNamedByKey(ParentReference reference) {
        return !(reference instanceof ParentReference.ByValue)
                && reference.parents().stream().allMatch(parent -> {
                    TableOwnership known = current.get(parent);
                    return known != null && known.keyNamesOwner();
                });
    }

    private TableOwnership owned(TableSchema schema, TableOwnership.Naming naming) {
        Root root = root(schema);
        List<UniqueValue> uniqueValues = new ArrayList<>();
        for (List<String> names : named.getOrDefault(root.name(), Set.of())) {
            List<Integer> columns = names.stream().map(schema::indexOf).toList();
            if (schema.hasKey() && !columns.contains(-1)) {
                uniqueValues.add(new UniqueValue(names, columns));
            }
        }
        return new TableOwnership(
                schema,
                root.oid(),
                TableOwnership.Kind.OWNED,
                naming,
                uniqueValues,
                descendants.getOrDefault(root.name(), Set.of()));
    }

    private Root root(TableSchema schema) {
        Root root = roots.get(name(schema));
        return root == null ? new Root(schema.oid(), name(schema)) : root;
    }

    /** The name by which the map knows the table, which had another before, or has another by now. */
    public TableName name(TableSchema schema) {
        return names.getOrDefault(schema.oid(), schema.name());
    }

    private static TableOwnership unowned(TableSchema schema, TableOwnership.Kind kind) {
        return new TableOwnership(schema, schema.oid(), kind, TableOwnership.Naming.NONE, List.of(), Set.of());
    }
}
