package dev.reinstate.capture.owner;

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
    private final Map<TableName, TableOwnership> current = new HashMap<>();
    private final Map<TableSchema, TableOwnership> compiled = new IdentityHashMap<>();
    private final Map<TableName, Set<TableName>> descendants = new HashMap<>();

    /** @param tables the shapes that captured tables have now */
    public Ownership(TenancyMap map, Iterable<TableSchema> tables) {
        this.map = map;
        for (TableName table : map.rules().keySet()) {
            TableName ancestor = table;
            while (map.rules().get(ancestor) instanceof TableRule.ByPath path) {
                ancestor = path.parent();
                descendants.computeIfAbsent(ancestor, name -> new HashSet<>()).add(table);
            }
        }
        tables.forEach(this::of);
    }

    public TenancyMap map() {
        return map;
    }

    /** A shape's ownership; a shape not seen before becomes the current one of the table of that name. */
    public TableOwnership of(TableSchema schema) {
        TableOwnership known = compiled.get(schema);
        if (known == null) {
            known = compile(schema);
            compiled.put(schema, known);
            current.put(schema.name(), known);
        }
        return known;
    }

    /** The ownership of the table of that name, in its current shape. */
    @Nullable TableOwnership current(TableName name) {
        return current.get(name);
    }

    private TableOwnership compile(TableSchema schema) {
        TableRule rule = map.rules().get(schema.name());
        if (rule instanceof TableRule.TenantTable tenant) {
            return owned(schema, List.of(tenant.idColumn()), Optional.empty());
        }
        if (rule instanceof TableRule.ByColumn byColumn) {
            return owned(schema, List.of(byColumn.column()), Optional.empty());
        }
        if (rule instanceof TableRule.ByPath path) {
            return owned(schema, path.columns(), Optional.of(path.parent()));
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
        return new TableOwnership(
                schema,
                TableOwnership.Kind.OWNED,
                columns,
                keyColumns.contains(-1) ? List.of() : keyColumns,
                parent,
                descendants.getOrDefault(schema.name(), Set.of()));
    }

    private static TableOwnership unowned(TableSchema schema, TableOwnership.Kind kind) {
        return new TableOwnership(schema, kind, List.of(), List.of(), Optional.empty(), Set.of());
    }
}
