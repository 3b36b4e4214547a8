package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.restore.reference.DistinctValues;
import dev.reinstate.restore.reference.ReferenceQueries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds, among the archive's shared rows of the position, those that rows to write refer to and that are gone now, and
 * those that these refer to in turn. Reads the shared tables asked for once for every step of such a chain. Not
 * thread-safe.
 */
final class SharedSearch {
    private static final int BATCH = 2_000;
    private static final int BATCH_BYTES = 4 << 20;

    /**
     * What foreign keys lead to.
     *
     * @param byText whether what they take for equal is written the same
     */
    private record Place(TableName table, List<String> columns, boolean byText) {}

    /** A row that may be one of those sought in one place. */
    private record Candidate(RowKey value, FoldedRow row) {}

    /** The values asked for in one place. */
    private static final class Sought {
        private final Set<RowKey> asked = new HashSet<>();
        private final Set<RowKey> toWrite = new HashSet<>();
        private final Set<RowKey> pending = new HashSet<>();
        private final Set<RowKey> found = new HashSet<>();
        private final List<Candidate> candidates = new ArrayList<>();
        private long candidateBytes;
    }

    private final TargetTables target;
    private final RestoreRequest request;
    private final ThenRows then;
    private final ReferenceQueries queries;
    private final Map<Place, Sought> places = new LinkedHashMap<>();
    private final Map<Integer, Set<RowKey>> rows = new HashMap<>();
    private final Map<TableName, Set<TableSchema>> shapes = new HashMap<>();
    private final Map<ReferenceOut, Set<RowKey>> onward = new LinkedHashMap<>();
    private Map<ReferenceOut, DistinctValues> next = new LinkedHashMap<>();
    private long asked;
    private boolean tooMany;

    SharedSearch(TargetTables target, RestoreRequest request, ThenRows then, ReferenceQueries queries) {
        this.target = target;
        this.request = request;
        this.then = then;
        this.queries = queries;
    }

    /** Why rows that the foreign key leads to cannot be brought back, whatever the archive has. */
    Optional<String> hindrance(ForeignKey key) {
        TableName to = key.referenced();
        if (!(target.map().rule(to).orElseGet(TableRule.Unmapped::new) instanceof TableRule.Shared)) {
            return Optional.of(to + " is no shared table");
        }
        if (request.leavesOut(to)) {
            return Optional.of(to + " is left out");
        }
        if (!target.table(to).hasKey()) {
            return Optional.of(to + " has no key, so which rows it had then is not known");
        }
        return Optional.empty();
    }

    /**
     * Asks for values that a foreign key leads to and that are gone.
     *
     * @param toWrite whether the rows are to be brought back, or it only is to be known whether there were any
     */
    void ask(ReferenceOut reference, Collection<RowKey> values, boolean toWrite) {
        if (hindrance(reference.key()).isPresent()) {
            return;
        }
        Sought sought = places.computeIfAbsent(placeOf(reference), place -> new Sought());
        for (RowKey value : values) {
            boolean isNew = sought.asked.add(value);
            isNew |= toWrite && sought.toWrite.add(value);
            if (isNew) {
                sought.pending.add(value);
                asked += toWrite ? 1 : 0;
            }
        }
    }

    private Place placeOf(ReferenceOut reference) {
        ForeignKey key = reference.key();
        boolean byText = target.refersByText(reference.from(), key);
        return new Place(key.referenced(), key.referencedColumns(), byText);
    }

    /** Whether the archive has a row with that value. */
    boolean isFound(ReferenceOut reference, RowKey value) {
        Sought sought = places.get(placeOf(reference));
        return sought != null && sought.found.contains(value);
    }

    /** Whether so many rows were asked for that not all were looked for. */
    boolean isCutShort() {
        return tooMany;
    }

    /** The rows found that are to be brought back: the archive's keys, by the table's oid. */
    Map<Integer, Set<RowKey>> rows() {
        return rows;
    }

    /** The shapes of those rows, by the names that their tables have now. */
    Map<TableName, Set<TableSchema>> shapes() {
        return shapes;
    }

    /** Values that foreign keys of those rows lead to and that are gone now, those found included. */
    Map<ReferenceOut, Set<RowKey>> onward() {
        return onward;
    }

    /** What a person has to decide before rows of some shared tables can be told. */
    List<Problem> problems() {
        return then.problems();
    }

    /** Looks for all that was asked for, and for what is asked for meanwhile. */
    void run() {
        while (true) {
            Map<Place, Sought> now = new LinkedHashMap<>();
            Set<TableName> tables = new HashSet<>();
            places.forEach((place, sought) -> {
                if (!sought.pending.isEmpty()) {
                    now.put(place, sought);
                    tables.add(place.table());
                }
            });
            tooMany |= asked > ReferenceChecks.MANY_GONE;
            if (now.isEmpty() || tooMany) {
                return;
            }
            look(now, tables);
            follow();
        }
    }

    private void look(Map<Place, Sought> now, Set<TableName> tables) {
        try (RowStream fold = then.fold(
                Partition.SHARED,
                table -> tables.contains(table) || tables.contains(target.root(table)),
                row -> true)) {
            while (fold.hasNext()) {
                FoldedRow row = fold.next();
                if (row.table().hasKey() && !request.leavesOut(row.table().name())) {
                    now.forEach((place, sought) -> meet(place, sought, row));
                }
            }
        }
        now.forEach((place, sought) -> {
            compare(place, sought);
            sought.pending.clear();
        });
    }

    private void meet(Place place, Sought sought, FoldedRow row) {
        TableName table = row.table().name();
        if (!place.table().equals(table) && !place.table().equals(target.root(table))) {
            return;
        }
        List<Integer> columns =
                place.columns().stream().map(row.table()::indexOf).toList();
        if (columns.stream().anyMatch(at -> at < 0 || row.tuple().isNull(at))) {
            return;
        }
        RowKey value = RowKey.ofColumns(row.tuple(), columns);
        if (!place.byText()) {
            sought.candidates.add(new Candidate(value, row));
            sought.candidateBytes += row.tuple().encoded().length;
            if (sought.candidates.size() == BATCH || sought.candidateBytes >= BATCH_BYTES) {
                compare(place, sought);
            }
        } else if (sought.pending.contains(value)) {
            found(sought, value, row);
        }
    }

    /** Has the server say which candidates are equal to values sought. */
    private void compare(Place place, Sought sought) {
        List<RowKey> pending = List.copyOf(sought.pending);
        for (int from = 0; from < pending.size() && !sought.candidates.isEmpty(); from += BATCH) {
            List<RowKey> some = pending.subList(from, Math.min(from + BATCH, pending.size()));
            queries.equal(
                    target.table(place.table()),
                    place.columns(),
                    values(some, place),
                    values(sought.candidates.stream().map(Candidate::value).toList(), place),
                    (wanted, candidate) -> found(
                            sought,
                            some.get(wanted),
                            sought.candidates.get(candidate).row()));
        }
        sought.candidates.clear();
        sought.candidateBytes = 0;
    }

    private static List<Tuple> values(List<RowKey> keys, Place place) {
        int columns = place.columns().size();
        return keys.stream().map(key -> key.values(columns)).toList();
    }

    private void found(Sought sought, RowKey value, FoldedRow row) {
        sought.found.add(value);
        boolean isNew = sought.toWrite.contains(value)
                && rows.computeIfAbsent(row.table().oid(), oid -> new HashSet<>())
                        .add(row.key());
        if (isNew) {
            shapes.computeIfAbsent(row.table().name(), name -> new LinkedHashSet<>())
                    .add(row.table());
            noteReferences(row);
        }
    }

    private void noteReferences(FoldedRow row) {
        TableSchema shape = row.table();
        Table table = target.table(shape.name());
        List<String> key = shape.keyColumns().stream()
                .map(at -> shape.columns().get(at).name())
                .toList();
        for (ForeignKey reference : table.foreignKeys()) {
            List<Integer> columns =
                    reference.columns().stream().map(shape::indexOf).toList();
            boolean written = reference.columns().stream().noneMatch(name -> request.leavesOut(table.name(), name));
            if (written && !columns.contains(-1)) {
                next.computeIfAbsent(
                                new ReferenceOut(table, key, reference),
                                r -> new DistinctValues(PlanChecks.spoolDirectory(), columns.size()))
                        .add(row.tuple(), columns);
            }
        }
    }

    /** Asks for what the rows found since refer to. */
    private void follow() {
        Map<ReferenceOut, DistinctValues> met = next;
        next = new LinkedHashMap<>();
        met.forEach((reference, values) -> {
            try (values) {
                Table to = target.table(reference.key().referenced());
                values.forEachBatch(batch -> {
                    List<RowKey> gone = queries.absent(to, reference.key().referencedColumns(), batch).stream()
                            .map(ReferenceChecks::wholeKey)
                            .toList();
                    if (!gone.isEmpty()) {
                        onward.computeIfAbsent(reference, r -> new HashSet<>()).addAll(gone);
                        ask(reference, gone, true);
                    }
                });
            }
        });
    }
}
