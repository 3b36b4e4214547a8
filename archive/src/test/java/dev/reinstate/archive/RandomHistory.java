package dev.reinstate.archive;

import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * A made-up store and its history, with the plain truth beside it: after every transaction, what rows each partition has.
 * It knows nothing of the archive.
 */
final class RandomHistory {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int KEYLESS_OID = (int) 4_000_000_000L; // oids are unsigned

    final Random random;
    final List<Partition> partitions = new ArrayList<>();
    final Map<Partition, SortedMap<RowId, Tuple>> rows = new HashMap<>();
    private final List<TableSchema> tables = new ArrayList<>();
    private final int valueLength;
    private long lsn = 0x1_0000_0000L;
    private long nextId = 1;

    /** A row's place: table as unsigned oid, then key. */
    record RowId(long oid, RowKey key) implements Comparable<RowId> {
        @Override
        public int compareTo(RowId other) {
            int byTable = Long.compare(oid, other.oid);
            return byTable != 0 ? byTable : key.compareTo(other.key);
        }
    }

    /** A transaction and the truth after it. */
    record Transaction(Commit commit, List<Change> changes, Map<Partition, SortedMap<RowId, Tuple>> after) {}

    RandomHistory(long seed, int tenants, int valueLength) {
        this.random = new Random(seed);
        this.valueLength = valueLength;
        for (int i = 0; i < tenants; i++) {
            partitions.add(Partition.of(new TenantId("site-" + i)));
        }
        partitions.add(Partition.SHARED);
        partitions.add(Partition.UNATTRIBUTED);
        partitions.forEach(partition -> rows.put(partition, new TreeMap<>()));
        tables.add(schema(100, "ticket", List.of("id", "title", "body"), List.of(0)));
        tables.add(schema(200, "page", List.of("space", "id", "text"), List.of(0, 1)));
        tables.add(schema(KEYLESS_OID, "log", List.of("line", "at"), List.of()));
    }

    static TenancyMap tenancyMap() {
        TableName site = new TableName("public", "site");
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(site, new TableRule.TenantTable("id"));
        rules.put(new TableName("public", "ticket"), new TableRule.ByColumn("site_id"));
        rules.put(
                new TableName("public", "page"),
                new TableRule.ByPath(List.of("ticket_id"), new TableName("public", "ticket")));
        rules.put(new TableName("public", "country"), new TableRule.Shared());
        rules.put(new TableName("public", "tmp"), new TableRule.Ignored());
        return new TenancyMap(site, rules);
    }

    static TableSchema schema(int oid, String name, List<String> columns, List<Integer> key) {
        List<Column> made = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            made.add(new Column(i + 1, columns.get(i), 25, "text"));
        }
        return new TableSchema(oid, new TableName("public", name), made, key);
    }

    Lsn lsn() {
        return new Lsn(lsn);
    }

    /** Fills the store with rows that are there before history begins. */
    void fill(int count) {
        for (int i = 0; i < count; i++) {
            Partition partition = anyPartition();
            TableSchema table = anyTable();
            Tuple tuple = newTuple(table);
            RowKey key = table.hasKey() ? RowKey.of(table, tuple) : RowKey.keyless(new Lsn(lsn), i);
            rowsOf(partition).put(id(table, key), tuple);
        }
        lsn += 100;
    }

    void addImageTo(ImageWriter image) {
        addImageTo(image, rows, oid -> true);
    }

    /** Adds the rows of some tables as they were. */
    void addImageTo(ImageWriter image, Map<Partition, SortedMap<RowId, Tuple>> truth, LongPredicate oids) {
        truth.forEach((partition, partitionRows) -> partitionRows.forEach((id, tuple) -> {
            if (oids.test(id.oid())) {
                image.add(partition, schemaFor((int) id.oid(), tuple), id.key(), tuple);
            }
        }));
    }

    /** Oids of all tables, and their names. */
    Map<Long, TableName> tableNames() {
        Map<Long, TableName> names = new TreeMap<>();
        tables.forEach(table -> names.put(Integer.toUnsignedLong(table.oid()), table.name()));
        return names;
    }

    /** What the catalogue would say now, and that one table is gone. */
    List<TableVersion> tableVersions() {
        List<TableVersion> versions = new ArrayList<>();
        for (TableSchema table : tables) {
            versions.add(new TableVersion(
                    lsn(), START, table.oid(), table.name(), Optional.of(table), "node 1", "image", true));
        }
        TableName gone = new TableName("public", "gone");
        versions.add(new TableVersion(lsn(), START, -5, gone, Optional.empty(), "", "seen", false));
        return versions;
    }

    /** Rewrites a table without a word: rows get other values, some go, some come. Returns the commit LSN nobody hears. */
    Lsn rewrite(long oid) {
        TableSchema table = tables.get(lastOf((int) oid));
        for (SortedMap<RowId, Tuple> partitionRows : rows.values()) {
            partitionRows.keySet().removeIf(id -> id.oid() == oid && random.nextInt(4) == 0);
            if (table.hasKey()) {
                partitionRows.replaceAll((id, tuple) -> id.oid() == oid ? fresh(table, id.key()) : tuple);
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                Tuple tuple = newTuple(table);
                RowKey key = table.hasKey() ? RowKey.of(table, tuple) : RowKey.keyless(new Lsn(lsn), nextId++);
                partitionRows.put(id(table, key), tuple);
            }
        }
        Lsn commit = new Lsn(lsn);
        lsn += 16;
        return commit;
    }

    private TableSchema schemaFor(int oid, Tuple tuple) {
        return tables.stream()
                .filter(table -> table.oid() == oid && table.columns().size() == tuple.columnCount())
                .findFirst()
                .orElseThrow();
    }

    /** One more transaction of a few changes; sometimes one that changes nothing captured. */
    Transaction next() {
        lsn += 8 + random.nextInt(200);
        long end = lsn + 48;
        long jitterMicros = random.nextInt(10) == 0 ? -random.nextInt(700) : 0;
        Instant time = START.plusMillis((lsn - 0x1_0000_0000L)).plusNanos(jitterMicros * 1000);
        String origin = random.nextInt(5) == 0 ? "origin-" + random.nextInt(2) : "";
        Commit commit = new Commit(new Lsn(lsn), new Lsn(end), time, 4_294_967_000L + random.nextInt(290), origin);
        List<Change> changes = new ArrayList<>();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            change(commit, changes);
        }
        lsn = end;
        return new Transaction(commit, changes, truth());
    }

    /** A transaction that deletes all rows of a partition. */
    Transaction clear(Partition partition) {
        lsn += 8;
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 48), START.plusMillis(lsn - 0x1_0000_0000L), 7, "");
        List<Change> changes = new ArrayList<>();
        for (RowId id : rowsOf(partition).keySet()) {
            TableSchema table = tables.get(lastOf((int) id.oid()));
            changes.add(new Change(partition, table, Operation.DELETE, id.key(), Tuple.EMPTY, commit, changes.size()));
        }
        lsn += 48;
        rowsOf(partition).clear();
        return new Transaction(commit, changes, truth());
    }

    private Map<Partition, SortedMap<RowId, Tuple>> truth() {
        Map<Partition, SortedMap<RowId, Tuple>> after = new HashMap<>();
        rows.forEach((partition, partitionRows) -> after.put(partition, new TreeMap<>(partitionRows)));
        return after;
    }

    private void change(Commit commit, List<Change> changes) {
        long ordinal = changes.isEmpty() ? 0 : changes.getLast().ordinal() + 1;
        Partition partition = anyPartition();
        int dice = random.nextInt(100);
        if (dice < 2) {
            truncate(commit, changes, ordinal);
        } else if (dice < 4) {
            addColumn();
        } else if (dice < 45 || rowsOf(partition).isEmpty()) {
            insert(commit, changes, ordinal, partition);
        } else {
            touch(commit, changes, ordinal, partition, dice);
        }
    }

    private void truncate(Commit commit, List<Change> changes, long ordinal) {
        TableSchema table = anyTable();
        long oid = Integer.toUnsignedLong(table.oid());
        rows.values().forEach(partitionRows -> partitionRows.keySet().removeIf(id -> id.oid() == oid));
        changes.add(new Change(
                Partition.STORE_EVENTS, table, Operation.TRUNCATE, RowKey.EMPTY, Tuple.EMPTY, commit, ordinal));
    }

    private void addColumn() {
        for (int i = 0; i < tables.size(); i++) {
            TableSchema table = tables.get(i);
            if (table.oid() == 100 && table.columns().size() < 6 && i == lastOf(100)) {
                List<Column> columns = new ArrayList<>(table.columns());
                columns.add(1, new Column(columns.size() + 1, "added_" + columns.size(), 25, "text"));
                tables.add(new TableSchema(table.oid(), table.name(), columns, List.of(0)));
                return;
            }
        }
    }

    private int lastOf(int oid) {
        int last = -1;
        for (int i = 0; i < tables.size(); i++) {
            last = tables.get(i).oid() == oid ? i : last;
        }
        return last;
    }

    private void insert(Commit commit, List<Change> changes, long ordinal, Partition partition) {
        TableSchema table = anyTable();
        Tuple tuple = newTuple(table);
        RowKey key = table.hasKey() ? RowKey.of(table, tuple) : RowKey.keyless(commit.commitLsn(), ordinal);
        rowsOf(partition).put(id(table, key), tuple);
        changes.add(new Change(partition, table, Operation.INSERT, key, tuple, commit, ordinal));
    }

    private void touch(Commit commit, List<Change> changes, long ordinal, Partition partition, int dice) {
        List<RowId> ids = List.copyOf(rowsOf(partition).keySet());
        RowId id = ids.get(random.nextInt(ids.size()));
        TableSchema table = tables.get(lastOf((int) id.oid()));
        if (!table.hasKey()) {
            return;
        }
        if (dice < 60) {
            rowsOf(partition).remove(id);
            changes.add(new Change(partition, table, Operation.DELETE, id.key(), Tuple.EMPTY, commit, ordinal));
        } else if (dice < 70) {
            move(commit, changes, ordinal, partition, id);
        } else if (dice < 78) {
            rekey(commit, changes, ordinal, partition, id);
        } else {
            update(commit, changes, ordinal, partition, id);
        }
    }

    private void move(Commit commit, List<Change> changes, long ordinal, Partition from, RowId id) {
        Partition to = anyPartition();
        if (to.equals(from)) {
            return;
        }
        TableSchema table = tables.get(lastOf((int) id.oid()));
        Tuple tuple = fresh(table, id.key());
        rowsOf(from).remove(id);
        rowsOf(to).put(id, tuple);
        changes.add(new Change(from, table, Operation.LEAVE, id.key(), Tuple.EMPTY, commit, ordinal));
        changes.add(new Change(to, table, Operation.ENTER, id.key(), tuple, commit, ordinal));
    }

    private void rekey(Commit commit, List<Change> changes, long ordinal, Partition partition, RowId id) {
        TableSchema table = tables.get(lastOf((int) id.oid()));
        Tuple tuple = newTuple(table);
        RowKey key = RowKey.of(table, tuple);
        rowsOf(partition).remove(id);
        rowsOf(partition).put(id(table, key), tuple);
        changes.add(new Change(partition, table, Operation.REKEY_OUT, id.key(), Tuple.EMPTY, commit, ordinal));
        changes.add(new Change(partition, table, Operation.REKEY_IN, key, tuple, commit, ordinal));
    }

    private void update(Commit commit, List<Change> changes, long ordinal, Partition partition, RowId id) {
        TableSchema table = tables.get(lastOf((int) id.oid()));
        Tuple before = Objects.requireNonNull(rowsOf(partition).get(id));
        TableSchema beforeTable = schemaFor(table.oid(), before);
        Tuple values = fresh(table, id.key());
        Tuple.Builder stored = new Tuple.Builder(64);
        Tuple.Builder truth = new Tuple.Builder(64);
        for (int column = 0; column < values.columnCount(); column++) {
            int old = beforeTable.indexOf(table.columns().get(column).name());
            if (!table.keyColumns().contains(column) && old >= 0 && random.nextInt(3) == 0) {
                stored.addUnchanged();
                truth.addColumn(before, old);
            } else {
                stored.addColumn(values, column);
                truth.addColumn(values, column);
            }
        }
        rowsOf(partition).put(id, truth.build());
        changes.add(new Change(partition, table, Operation.UPDATE, id.key(), stored.build(), commit, ordinal));
    }

    private Tuple newTuple(TableSchema table) {
        Tuple.Builder builder = new Tuple.Builder(64);
        for (int column = 0; column < table.columns().size(); column++) {
            if (table.keyColumns().contains(column)) {
                builder.addText(Long.toString(nextId++ * 7919 % 100_003).getBytes(StandardCharsets.UTF_8));
            } else {
                addValue(builder);
            }
        }
        return builder.build();
    }

    private Tuple fresh(TableSchema table, RowKey key) {
        Tuple keyValues = key.values(table.keyColumns().size());
        Tuple.Builder builder = new Tuple.Builder(64);
        for (int column = 0; column < table.columns().size(); column++) {
            int inKey = table.keyColumns().indexOf(column);
            if (inKey >= 0) {
                builder.addColumn(keyValues, inKey);
            } else {
                addValue(builder);
            }
        }
        return builder.build();
    }

    private void addValue(Tuple.Builder builder) {
        if (random.nextInt(8) == 0) {
            builder.addNull();
            return;
        }
        byte[] value = new byte[random.nextInt(valueLength)];
        random.nextBytes(value);
        builder.addText(value);
    }

    private SortedMap<RowId, Tuple> rowsOf(Partition partition) {
        return Objects.requireNonNull(rows.get(partition));
    }

    private Partition anyPartition() {
        return partitions.get(random.nextInt(partitions.size()));
    }

    private TableSchema anyTable() {
        TableSchema any = tables.get(random.nextInt(tables.size()));
        return tables.get(lastOf(any.oid()));
    }

    private static RowId id(TableSchema table, RowKey key) {
        return new RowId(Integer.toUnsignedLong(table.oid()), key);
    }
}
