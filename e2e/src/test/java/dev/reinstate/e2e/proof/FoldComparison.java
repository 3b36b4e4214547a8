package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.e2e.RowText;
import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.UncertainInterval;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Folds and compares with the truth, byte for byte. Tables are known by oid, columns by number. Rows of a table may
 * differ where the archive says that they are uncertain, and nowhere else. A table that was not published yet when it
 * was dropped again has left nothing by which anybody could know of it: the archive has never heard of it.
 */
final class FoldComparison {
    private int checks;
    private int unsure;

    /** How many (tenant, position) pairs were compared. */
    int checks() {
        return checks;
    }

    /** How many (table, position) pairs were left out, because the archive says that rows are uncertain there. */
    int unsure() {
        return unsure;
    }

    /** What differs at those positions; nothing when all is right. */
    List<Difference> compare(ArchiveReader reader, List<Truth> truths) {
        List<Difference> differences = new ArrayList<>();
        Names names = new Names(truths, reader.catalogueHistory());
        truths.forEach(truth -> new Look(reader, truth, names, differences).compare());
        return differences;
    }

    /** What tables and columns were ever called. */
    private static final class Names {
        private final Map<Integer, Map<String, Set<Integer>>> columns = new HashMap<>();
        private final Map<Integer, Set<TableName>> tables = new HashMap<>();
        private final Set<Integer> last;

        Names(List<Truth> truths, List<TableVersion> history) {
            truths.forEach(truth -> truth.tables()
                    .forEach((oid, shape) -> shape.columns()
                            .forEach((number, column) -> columns.computeIfAbsent(oid, o -> new HashMap<>())
                                    .computeIfAbsent(column.name(), name -> new HashSet<>())
                                    .add(number))));
            history.forEach(version -> tables.computeIfAbsent(version.oid(), oid -> new HashSet<>())
                    .add(version.name()));
            last = truths.getLast().tables().keySet();
        }

        /** Whether nobody can have heard of the table: the catalogue history has not, and in the end it was gone. */
        boolean cameAndWent(int oid) {
            return !tables.containsKey(oid) && !last.contains(oid);
        }

        /** The number of a column that the archive knows by name alone, when only one had that name. */
        int number(int oid, Column column) {
            Set<Integer> numbers = columns.getOrDefault(oid, Map.of()).getOrDefault(column.name(), Set.of());
            return column.attnum() != 0 || numbers.size() != 1
                    ? column.attnum()
                    : numbers.iterator().next();
        }

        Predicate<TableName> except(Set<Integer> oids) {
            Set<TableName> out = oids.stream()
                    .flatMap(oid -> tables.getOrDefault(oid, Set.of()).stream())
                    .collect(Collectors.toSet());
            return table -> !table.schema().equals(OwnerLedger.SCHEMA) && !out.contains(table);
        }
    }

    /** One position. */
    private final class Look {
        private final ArchiveReader reader;
        private final Truth truth;
        private final Names names;
        private final List<Difference> differences;
        private final Set<Integer> uncertain;

        Look(ArchiveReader reader, Truth truth, Names names, List<Difference> differences) {
            this.reader = reader;
            this.truth = truth;
            this.names = names;
            this.differences = differences;
            this.uncertain = reader.state().uncertain().stream()
                    .filter(interval -> interval.covers(truth.position()))
                    .map(UncertainInterval::oid)
                    .collect(Collectors.toSet());
        }

        void compare() {
            unsure += uncertain.size();
            TreeSet<String> owners = new TreeSet<>(truth.tenants());
            reader.tenants().forEach(tenant -> owners.add(tenant.tenant().value()));
            for (String tenant : owners) {
                compare(tenant, Partition.of(new TenantId(tenant)));
                checks++;
            }
            compare(Truth.SHARED, Partition.SHARED);
            compare(Truth.NOBODY, Partition.UNATTRIBUTED);
        }

        private void compare(String owner, Partition partition) {
            String where = owner + " at " + truth.position();
            SortedMap<Integer, List<String>> folded;
            try {
                folded = foldWhatCanBe(partition);
            } catch (RuntimeException e) {
                differences.add(Difference.failure("a fold", "of " + where, e));
                return;
            }
            SortedMap<Integer, List<String>> expected = truth.of(owner);
            TreeSet<Integer> tables = new TreeSet<>(expected.keySet());
            tables.addAll(folded.keySet());
            tables.removeAll(uncertain);
            tables.removeIf(names::cameAndWent);
            for (int oid : tables) {
                List<String> there = expected.getOrDefault(oid, List.of());
                List<String> archived = folded.getOrDefault(oid, List.of());
                Truth.Shape shape = truth.tables().get(oid);
                String table = where + ", " + (shape == null ? "table " + oid : shape.name());
                minus(there, archived)
                        .forEach(row -> differences.add(
                                new Difference("rows the archive lacks", table + ": the archive lacks " + row)));
                minus(archived, there)
                        .forEach(row -> differences.add(
                                new Difference("rows only the archive has", table + ": only the archive has " + row)));
            }
        }

        /** Uncertain tables are left out where the archive refuses to tell their rows; what it refuses must not be damage. */
        private SortedMap<Integer, List<String>> foldWhatCanBe(Partition partition) {
            try {
                return fold(partition, names.except(Set.of()));
            } catch (ReinstateException e) {
                if (uncertain.isEmpty() || e.kind() != FailureKind.NOT_RESTORABLE) {
                    throw e;
                }
                return fold(partition, names.except(uncertain));
            }
        }

        private SortedMap<Integer, List<String>> fold(Partition partition, Predicate<TableName> tables) {
            SortedMap<Integer, List<String>> rows = new TreeMap<>();
            try (ArchiveReader.RowStream folded =
                    reader.fold(partition, truth.position(), table -> tables.test(table.name()))) {
                while (folded.hasNext()) {
                    FoldedRow row = folded.next();
                    rows.computeIfAbsent(row.table().oid(), oid -> new ArrayList<>())
                            .add(line(row));
                }
            }
            rows.values().forEach(lines -> lines.sort(null));
            return rows;
        }

        /** The row as COPY would write it, in the table's shape at the position. */
        private String line(FoldedRow row) {
            Map<Integer, Optional<String>> values = new TreeMap<>();
            int oid = row.table().oid();
            for (int i = 0; i < row.tuple().columnCount(); i++) {
                values.put(
                        names.number(oid, row.table().columns().get(i)),
                        row.tuple().text(i));
            }
            Truth.Shape shape = truth.tables().get(oid);
            return shape == null
                    ? values.toString()
                    : shape.columns().keySet().stream()
                            .map(number -> values.getOrDefault(number, Optional.empty())
                                    .map(RowText::escape)
                                    .orElse("\\N"))
                            .collect(Collectors.joining("\t"));
        }
    }

    private static List<String> minus(List<String> rows, List<String> others) {
        List<String> rest = new ArrayList<>(rows);
        others.forEach(rest::remove);
        return rest;
    }
}
