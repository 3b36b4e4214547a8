package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.ReimagedTable;
import dev.reinstate.model.Change;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The history of changes agrees with the folds: replayed naively over the rows at the first look it yields the rows at
 * the last, and whatever leaves one partition enters another. Tables that were read anew in between, because of
 * something the stream does not show, are left out: their rows do not follow from their changes.
 */
final class ChangeComparison {
    private final ArchiveReader reader;

    private record Row(int oid, RowKey key) {}

    /** A row's values, and what the table was when they were written. */
    private record Values(TableSchema table, Tuple tuple) {}

    private record Move(Lsn commit, long ordinal, int oid) {}

    ChangeComparison(ArchiveReader reader) {
        this.reader = reader;
    }

    List<Difference> compare(List<Truth> truths) {
        Lsn from = truths.getFirst().position();
        Lsn to = truths.getLast().position();
        List<Partition> partitions = new ArrayList<>(List.of(Partition.SHARED, Partition.UNATTRIBUTED));
        reader.tenants().forEach(tenant -> partitions.add(Partition.of(tenant.tenant())));
        List<Change> truncations = changes(Partition.STORE_EVENTS, from, to);
        Set<Integer> reimaged = reader.state().tableImages().stream()
                .flatMap(image -> image.tables().stream())
                .map(ReimagedTable::oid)
                .collect(Collectors.toSet());
        List<Difference> differences = new ArrayList<>();
        Map<Move, List<Partition>> leaves = new HashMap<>();
        Map<Move, List<Partition>> enters = new HashMap<>();
        for (Partition partition : partitions) {
            List<Change> changes = changes(partition, from, to);
            for (Change change : changes) {
                Move move = new Move(
                        change.commit().commitLsn(),
                        change.ordinal(),
                        change.table().oid());
                if (change.operation() == Operation.LEAVE) {
                    leaves.computeIfAbsent(move, m -> new ArrayList<>()).add(partition);
                } else if (change.operation() == Operation.ENTER) {
                    enters.computeIfAbsent(move, m -> new ArrayList<>()).add(partition);
                }
            }
            Map<Row, Tuple> replayed = replay(partition, from, changes, truncations);
            Map<Row, Tuple> folded = rows(partition, to);
            replayed.keySet().removeIf(row -> reimaged.contains(row.oid()));
            folded.keySet().removeIf(row -> reimaged.contains(row.oid()));
            if (!replayed.equals(folded)) {
                differences.add(new Difference(
                        "changes that do not lead to the rows",
                        partition + ": its changes from " + from + " to " + to + " do not lead to its rows: "
                                + odd(replayed, folded) + " by the changes, " + odd(folded, replayed)
                                + " by the fold"));
            }
        }
        unpaired(leaves, enters, differences);
        return differences;
    }

    /** A few of the rows that only one side has so. */
    private static List<Map.Entry<Row, Tuple>> odd(Map<Row, Tuple> rows, Map<Row, Tuple> others) {
        return rows.entrySet().stream()
                .filter(row -> !others.entrySet().contains(row))
                .limit(3)
                .toList();
    }

    private static void unpaired(
            Map<Move, List<Partition>> leaves, Map<Move, List<Partition>> enters, List<Difference> differences) {
        if (!leaves.keySet().equals(enters.keySet())) {
            Map<Move, List<Partition>> alone = new HashMap<>(leaves);
            alone.putAll(enters);
            alone.keySet().removeIf(move -> leaves.containsKey(move) && enters.containsKey(move));
            differences.add(new Difference(
                    "moves that do not pair up", "rows that leave and rows that enter do not pair up: " + alone));
        }
        leaves.forEach((move, from) -> {
            List<Partition> to = enters.getOrDefault(move, List.of());
            if (from.size() != 1 || to.size() != 1 || from.equals(to)) {
                differences.add(
                        new Difference("moves that do not pair up", move + " leaves " + from + " and enters " + to));
            }
        });
    }

    private Map<Row, Tuple> replay(Partition partition, Lsn from, List<Change> changes, List<Change> truncations) {
        Map<Row, Values> rows = values(partition, from);
        int next = 0;
        for (Change change : changes) {
            for (; next < truncations.size() && isBefore(truncations.get(next), change); next++) {
                truncate(rows, truncations.get(next));
            }
            apply(rows, change);
        }
        for (; next < truncations.size(); next++) {
            truncate(rows, truncations.get(next));
        }
        return tuples(rows);
    }

    private static boolean isBefore(Change one, Change other) {
        int order = one.commit().compareTo(other.commit());
        return order < 0 || (order == 0 && one.ordinal() < other.ordinal());
    }

    private static void truncate(Map<Row, Values> rows, Change truncation) {
        rows.keySet().removeIf(row -> row.oid() == truncation.table().oid());
    }

    private static void apply(Map<Row, Values> rows, Change change) {
        Row row = new Row(change.table().oid(), change.key());
        if (!change.operation().leavesRow()) {
            rows.remove(row);
            return;
        }
        Tuple.Builder tuple = new Tuple.Builder(64);
        Values earlier = rows.get(row);
        for (int i = 0; i < change.tuple().columnCount(); i++) {
            int source = change.tuple().isUnchanged(i) && earlier != null
                    ? earlier.table().indexOf(change.table().columns().get(i))
                    : -1;
            if (source >= 0 && earlier != null) {
                tuple.addColumn(earlier.tuple(), source);
            } else {
                tuple.addColumn(change.tuple(), i);
            }
        }
        rows.put(row, new Values(change.table(), tuple.build()));
    }

    private List<Change> changes(Partition partition, Lsn from, Lsn to) {
        List<Change> changes = new ArrayList<>();
        try (ArchiveReader.ChangeStream stream = reader.changes(partition, from, to)) {
            while (stream.hasNext()) {
                changes.add(stream.next());
            }
        }
        return changes;
    }

    private Map<Row, Tuple> rows(Partition partition, Lsn position) {
        return tuples(values(partition, position));
    }

    private static Map<Row, Tuple> tuples(Map<Row, Values> rows) {
        Map<Row, Tuple> tuples = new HashMap<>();
        rows.forEach((row, values) -> tuples.put(row, values.tuple()));
        return tuples;
    }

    private Map<Row, Values> values(Partition partition, Lsn position) {
        Map<Row, Values> rows = new HashMap<>();
        try (ArchiveReader.RowStream stream = reader.fold(partition, position, table -> true)) {
            while (stream.hasNext()) {
                FoldedRow row = stream.next();
                rows.put(new Row(row.table().oid(), row.key()), new Values(row.table(), row.tuple()));
            }
        }
        return rows;
    }
}
