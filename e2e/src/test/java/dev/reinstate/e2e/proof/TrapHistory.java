package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Change;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.model.UncertainInterval;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an archive says happened to every tenant, as text: transactions are numbered, in the order of their commits. Of
 * tables that were altered the rows at the end are said as well, and between which transactions they were uncertain.
 */
final class TrapHistory {
    private static final int LONGEST = 40;

    private final ArchiveReader reader;

    TrapHistory(ArchiveReader reader) {
        this.reader = reader;
    }

    String text(Lsn from, Lsn to) {
        Map<String, Partition> partitions = new LinkedHashMap<>();
        reader.tenants()
                .forEach(tenant -> partitions.put("tenant " + tenant.tenant().value(), Partition.of(tenant.tenant())));
        Map<String, Partition> sorted = new LinkedHashMap<>(new TreeMap<>(partitions));
        sorted.put("every tenant", Partition.STORE_EVENTS);
        sorted.put("shared", Partition.SHARED);
        sorted.put("nobody", Partition.UNATTRIBUTED);
        Map<String, List<Change>> changes = new LinkedHashMap<>();
        SortedSet<Lsn> commits = new TreeSet<>();
        sorted.forEach((name, partition) -> changes.put(name, changes(partition, from, to, commits)));
        List<Lsn> order = List.copyOf(commits);
        List<String> lines = new ArrayList<>();
        sorted.forEach((name, partition) -> {
            List<String> said = new ArrayList<>();
            changes.getOrDefault(name, List.of())
                    .forEach(change ->
                            said.add("  " + (order.indexOf(change.commit().commitLsn()) + 1) + " " + line(change)));
            if (!partition.equals(Partition.STORE_EVENTS)) {
                rows(partition, from, to).forEach(row -> said.add("  = " + row));
            }
            if (!said.isEmpty()) {
                lines.add(name);
                lines.addAll(said);
            }
        });
        List<String> uncertain = reader.state().uncertain().stream()
                .map(interval -> "  " + interval.table() + " " + between(interval, order) + ": " + interval.reason())
                .sorted()
                .toList();
        if (!uncertain.isEmpty()) {
            lines.add("uncertain");
            lines.addAll(uncertain);
        }
        return String.join("\n", lines);
    }

    private static String between(UncertainInterval interval, List<Lsn> order) {
        long before = order.stream().filter(interval.from()::isAfter).count();
        long within = order.stream().filter(interval.to()::isAfter).count();
        return "after " + (before == 0 ? "the start" : before) + " and before "
                + (within == order.size() ? "the end" : within + 1);
    }

    /** Rows of tables that were altered, as they are at the end. */
    private List<String> rows(Partition partition, Lsn from, Lsn to) {
        Set<Integer> altered = new HashSet<>();
        reader.catalogueHistory().stream()
                .filter(version -> version.position().isAfter(from))
                .forEach(version -> altered.add(version.oid()));
        reader.state().tableImages().stream()
                .flatMap(image -> image.tables().stream())
                .forEach(table -> altered.add(table.oid()));
        List<String> rows = new ArrayList<>();
        try (ArchiveReader.RowStream stream = reader.fold(partition, to, table -> true)) {
            while (stream.hasNext()) {
                FoldedRow row = stream.next();
                if (altered.contains(row.table().oid())) {
                    rows.add(row.table().name() + " " + values(row.table(), row.tuple()));
                }
            }
        }
        return rows;
    }

    private List<Change> changes(Partition partition, Lsn from, Lsn to, SortedSet<Lsn> commits) {
        List<Change> changes = new ArrayList<>();
        try (ArchiveReader.ChangeStream stream = reader.changes(partition, from, to)) {
            while (stream.hasNext()) {
                Change change = stream.next();
                if (!change.table().name().schema().equals(OwnerLedger.SCHEMA)) {
                    changes.add(change);
                    commits.add(change.commit().commitLsn());
                }
            }
        }
        return changes;
    }

    private static String line(Change change) {
        TableSchema table = change.table();
        String what = change.operation() + " " + table.name();
        if (change.tuple().columnCount() > 0) {
            return what + " " + values(table, change.tuple());
        }
        return change.key().equals(RowKey.EMPTY) ? what : what + " " + key(table, change.key());
    }

    private static String key(TableSchema table, RowKey key) {
        Tuple values = key.values(table.keyColumns().size());
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < values.columnCount(); i++) {
            fields.add(table.columns().get(table.keyColumns().get(i)).name() + "=" + value(values, i));
        }
        return String.join(" ", fields);
    }

    private static String values(TableSchema table, Tuple tuple) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < tuple.columnCount(); i++) {
            fields.add(table.columns().get(i).name() + "=" + value(tuple, i));
        }
        return String.join(" ", fields);
    }

    private static String value(Tuple tuple, int column) {
        if (tuple.isUnchanged(column)) {
            return "(unchanged)";
        }
        return tuple.text(column)
                .map(text ->
                        text.length() > LONGEST ? text.substring(0, 4) + "… " + text.length() + " characters" : text)
                .map(text -> text.isEmpty() ? "''" : text)
                .orElse("NULL");
    }
}
