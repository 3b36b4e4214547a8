package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TenantId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Folds and compares with the truth, byte for byte. Tables are known by oid, columns by number. */
final class FoldComparison {
    private final ArchiveReader reader;
    private int checks;

    FoldComparison(ArchiveReader reader) {
        this.reader = reader;
    }

    /** How many (tenant, position) pairs were compared. */
    int checks() {
        return checks;
    }

    /** What differs at that position, for a person; nothing when all is right. */
    List<String> compare(Truth truth) {
        List<String> differences = new ArrayList<>();
        TreeSet<String> owners = new TreeSet<>(truth.tenants());
        reader.tenants().forEach(tenant -> owners.add(tenant.tenant().value()));
        for (String tenant : owners) {
            compare(truth, tenant, Partition.of(new TenantId(tenant)), differences);
            checks++;
        }
        compare(truth, Truth.SHARED, Partition.SHARED, differences);
        compare(truth, Truth.NOBODY, Partition.UNATTRIBUTED, differences);
        return differences;
    }

    private void compare(Truth truth, String owner, Partition partition, List<String> differences) {
        SortedMap<Integer, List<String>> folded;
        try {
            folded = fold(truth, partition);
        } catch (RuntimeException e) {
            differences.add(owner + " at " + truth.position() + ": the fold fails: " + e);
            return;
        }
        SortedMap<Integer, List<String>> expected = truth.of(owner);
        TreeSet<Integer> tables = new TreeSet<>(expected.keySet());
        tables.addAll(folded.keySet());
        for (int oid : tables) {
            List<String> missing = minus(expected.getOrDefault(oid, List.of()), folded.getOrDefault(oid, List.of()));
            List<String> surplus = minus(folded.getOrDefault(oid, List.of()), expected.getOrDefault(oid, List.of()));
            Truth.Shape shape = truth.tables().get(oid);
            String table = owner + " at " + truth.position() + ", " + (shape == null ? "table " + oid : shape.name());
            missing.forEach(row -> differences.add(table + ": the archive lacks " + row));
            surplus.forEach(row -> differences.add(table + ": only the archive has " + row));
        }
    }

    private static List<String> minus(List<String> rows, List<String> others) {
        List<String> rest = new ArrayList<>(rows);
        others.forEach(rest::remove);
        return rest;
    }

    private SortedMap<Integer, List<String>> fold(Truth truth, Partition partition) {
        SortedMap<Integer, List<String>> rows = new TreeMap<>();
        try (ArchiveReader.RowStream folded = reader.fold(
                partition, truth.position(), table -> !table.schema().equals(OwnerLedger.SCHEMA))) {
            while (folded.hasNext()) {
                FoldedRow row = folded.next();
                rows.computeIfAbsent(row.table().oid(), oid -> new ArrayList<>())
                        .add(line(row, truth.tables().get(row.table().oid())));
            }
        }
        rows.values().forEach(lines -> lines.sort(null));
        return rows;
    }

    /** The row as COPY would write it, in the table's shape at the position. */
    private static String line(FoldedRow row, Truth.@org.jspecify.annotations.Nullable Shape shape) {
        Map<String, Optional<String>> byName = new HashMap<>();
        Map<Integer, Optional<String>> byNumber = new HashMap<>();
        for (int i = 0; i < row.tuple().columnCount(); i++) {
            byNumber.put(row.table().columns().get(i).attnum(), row.tuple().text(i));
            byName.put(row.table().columns().get(i).name(), row.tuple().text(i));
        }
        if (shape == null) {
            return byName.toString();
        }
        List<String> fields = new ArrayList<>();
        shape.columns().forEach((number, column) -> {
            Optional<String> value = byNumber.get(number);
            if (value == null) {
                value = byNumber.containsKey(0) && byName.containsKey(column.name())
                        ? byName.get(column.name())
                        : column.missing();
            }
            fields.add(value == null || value.isEmpty() ? "\\N" : escape(value.get()));
        });
        return String.join("\t", fields);
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\")
                .replace("\b", "\\b")
                .replace("\f", "\\f")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t")
                .replace("\u000b", "\\v");
    }
}
