package dev.reinstate.e2e.proof;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The whole database as it would be with one tenant as it was: all others' rows of now, the tenant's of then. Where that
 * breaks a constraint, a restore must refuse; where it does not, it must succeed.
 */
final class Wanted {
    private final Truth now;
    private final Map<ProofTable, List<Map<String, String>>> rows = new HashMap<>();

    Wanted(Truth now, Truth then, String tenant) {
        this.now = now;
        Set<List<Object>> back = new HashSet<>();
        then.of(tenant).forEach((oid, lines) -> lines.forEach(line -> back.add(key(oid, line))));
        now.rows()
                .forEach((owner, tables) -> tables.forEach((oid, lines) -> lines.forEach(line -> {
                    boolean loose = now.loose().contains(new Truth.Row(oid, line));
                    boolean replaced = loose ? back.contains(key(oid, line)) : owner.equals(tenant);
                    if (!replaced) {
                        add(oid, line);
                    }
                })));
        then.of(tenant).forEach((oid, lines) -> lines.forEach(line -> add(oid, line)));
    }

    private void add(int oid, String line) {
        rows.computeIfAbsent(tableOf(oid).table(), table -> new ArrayList<>()).add(fields(oid, line));
    }

    private Truth.Shape tableOf(int oid) {
        Truth.Shape shape = now.tables().get(oid);
        if (shape == null) {
            throw new IllegalStateException("table " + oid + " is gone");
        }
        return shape;
    }

    private Map<String, String> fields(int oid, String line) {
        String[] values = line.split("\t", -1);
        Map<String, String> fields = new HashMap<>();
        int i = 0;
        for (Truth.Column column : tableOf(oid).columns().values()) {
            fields.put(column.name(), values[i++]);
        }
        return fields;
    }

    private List<Object> key(int oid, String line) {
        ProofTable table = tableOf(oid).table();
        Map<String, String> fields = fields(oid, line);
        List<Object> key = new ArrayList<>(List.of(table));
        table.key.forEach(column -> key.add(fields.getOrDefault(column, "")));
        return table.isKeyless() ? List.of(table, line) : key;
    }

    /** What breaks, for a person. */
    List<String> violations() {
        List<String> violations = new ArrayList<>();
        rows.forEach((table, list) -> {
            if (!table.isKeyless()) {
                unique(table, table.key, list, violations);
            }
            table.uniques.forEach(column -> unique(table, List.of(column), list, violations));
            table.references.stream()
                    .filter(reference -> !reference.constraint().isEmpty())
                    .forEach(reference -> references(table, reference, list, violations));
        });
        return violations;
    }

    private static void unique(
            ProofTable table, List<String> columns, List<Map<String, String>> list, List<String> violations) {
        if (values(list, columns).size() < list.size()) {
            violations.add(table.name + ": two rows with the same " + columns);
        }
    }

    private void references(
            ProofTable table, ProofTable.Reference reference, List<Map<String, String>> list, List<String> violations) {
        Set<List<String>> there = values(rows.getOrDefault(reference.target(), List.of()), reference.targetColumns());
        Set<List<String>> wanted = values(list, reference.columns());
        wanted.removeIf(value -> value.contains("\\N"));
        wanted.removeAll(there);
        wanted.forEach(
                value -> violations.add(table.name + ": " + reference.columns() + " = " + value + " leads nowhere"));
    }

    private static Set<List<String>> values(List<Map<String, String>> list, List<String> columns) {
        Set<List<String>> values = new HashSet<>();
        for (Map<String, String> row : list) {
            values.add(
                    columns.stream().map(column -> row.getOrDefault(column, "")).toList());
        }
        return values;
    }
}
