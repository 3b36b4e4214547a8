package dev.reinstate.capture.owner;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tenancy map, compiled for the shapes that tables have. Not thread-safe. */
public final class Ownership {
    private final TenancyMap map;
    private final Map<TableName, Root> roots;
    private final Map<TableName, TableOwnership> current = new HashMap<>();
    private final IdentityHashMap<TableSchema, TableOwnership> compiled = new IdentityHashMap<>();
    private final IdentityHashMap<TableOwnership, TableOwnership> parents = new IdentityHashMap<>();
    private final Set<Integer> parentOids = new HashSet<>();
    private final Map<TableName, Set<TableName>> descendants = new HashMap<>();

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
            TableName ancestor = table;
            while (map.rules().get(ancestor) instanceof TableRule.ByPath path) {
                ancestor = path.parent();
                descendants.computeIfAbsent(ancestor, name -> new HashSet<>()).add(table);
            }
        }
        Map<TableName, TableSchema> shapes = new HashMap<>();
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

    /** Says that a table has that shape from now on, and of a partition, what its topmost table is. */
    public void see(TableSchema schema, Root root) {
        if (root.oid() != schema.oid() && !root.equals(roots.put(schema.name(), root))) {
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

    /** The ownership of the table that owns this one's rows, in its current shape; null when it is not known. */
    @Nullable
    TableOwnership parentOf(TableOwnership table) {
        TableOwnership known = parents.get(table);
        if (known == null && table.parent().isPresent()) {
            known = current.get(table.parent().get());
            if (known != null) {
                parents.put(table, known);
            }
        }
        return known;
    }

    /** Whether rows of the table filed under that oid may own others. */
    public boolean isParent(int indexOid) {
        return parentOids.contains(indexOid);
    }

    private TableOwnership compile(TableSchema schema) {
        @Nullable
        TableRule rule =
                map.rule(schema.name()).or(() -> map.rule(root(schema).name())).orElse(null);
        if (rule instanceof TableRule.TenantTable tenant) {
            return owned(schema, List.of(tenant.idColumn()), Optional.empty());
        }
        if (rule instanceof TableRule.ByColumn byColumn) {
            return owned(schema, List.of(byColumn.column()), Optional.empty());
        }
        if (rule instanceof TableRule.ByPath path && path.parentColumns().isEmpty()) {
            return owned(schema, path.columns(), Optional.of(path.parent()));
        }
        if (rule != null && rule.isOwned()) {
            throw ReinstateException.invalid(
                    "Rows of " + schema.name() + " cannot be followed to their tenant",
                    "capture does not know this kind of rule",
                    "give the table another rule");
        }
        boolean shared = rule instanceof TableRule.Shared;
        return unowned(schema, shared ? TableOwnership.Kind.SHARED : TableOwnership.Kind.UNKNOWN);
    }

    private TableOwnership owned(TableSchema schema, List<String> columnNames, Optional<TableName> parent) {
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
        Root root = root(schema);
        boolean keyNamesOwner = !keyColumns.contains(-1)
                && parent.map(current::get).map(TableOwnership::keyNamesOwner).orElse(parent.isEmpty());
        return new TableOwnership(
                schema,
                root.oid(),
                TableOwnership.Kind.OWNED,
                columns,
                keyNamesOwner ? keyColumns : List.of(),
                parent,
                descendants.getOrDefault(root.name(), Set.of()));
    }

    private Root root(TableSchema schema) {
        Root root = roots.get(schema.name());
        return root == null ? new Root(schema.oid(), schema.name()) : root;
    }

    private static TableOwnership unowned(TableSchema schema, TableOwnership.Kind kind) {
        return new TableOwnership(schema, schema.oid(), kind, List.of(), List.of(), Optional.empty(), Set.of());
    }
}
