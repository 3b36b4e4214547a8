package dev.reinstate.restore.apply;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.copy.CopyIn;
import dev.reinstate.postgres.copy.CopyOut;
import dev.reinstate.restore.content.ContentHash;
import dev.reinstate.restore.content.ContentSum;
import dev.reinstate.restore.content.RowHasher;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.plan.TableTally;
import dev.reinstate.restore.plan.ThenRows;
import dev.reinstate.restore.reference.ByIndex;
import dev.reinstate.restore.spool.TupleSpool;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Brings back the shared rows of a plan, before any row of the tenant is written: those that are not there are inserted,
 * all in one statement, so that references among them are checked when all are there; none is ever changed. Rows that
 * have come back since the plan was made must be what would have been written. Not thread-safe.
 */
final class SharedWriter {
    private final Writing writing;
    private final SideFile side;
    private final Connection connection;
    private final RowHasher hasher = new RowHasher();
    private final List<Staged> staged = new ArrayList<>();

    /** Rows of one shape in a temporary table. */
    private record Staged(TableLayout table, RowShape shape, String temporary) {
        /** A condition: the live row and the staged one have the same key. */
        String sameKey() {
            return table.keyColumns().stream()
                    .map(column -> table.table()
                            .equality(column)
                            .of("live." + Sql.identifier(column), "staged." + Sql.identifier(column)))
                    .collect(Collectors.joining(" AND "));
        }

        String isMissing() {
            return "NOT EXISTS (SELECT FROM " + live() + " WHERE " + sameKey() + ")";
        }

        String live() {
            return "ONLY " + Sql.table(table.name()) + " AS live";
        }
    }

    SharedWriter(Writing writing, SideFile side) {
        this.writing = writing;
        this.side = side;
        this.connection = writing.connection();
    }

    /**
     * Writes them and reads them back.
     *
     * @param lock let go as soon as it turns out that all rows are there already
     * @param tallies filled with a tally for every table
     */
    List<Applied.Shared> write(ThenRows then, SharedLock lock, List<TableTally> tallies) {
        RestorePlan plan = writing.plan();
        Map<TableName, TableTally> byTable = new LinkedHashMap<>();
        plan.shared()
                .layouts()
                .forEach(table -> byTable.put(
                        table.name(), new TableTally(table, plan.request().policy())));
        stage(then, byTable);
        tallies.addAll(byTable.values());
        List<Long> inserted = insert(lock);
        List<Applied.Shared> written = new ArrayList<>();
        byTable.forEach((name, tally) -> {
            long rows = IntStream.range(0, staged.size())
                    .filter(i -> staged.get(i).table() == tally.table())
                    .mapToLong(inserted::get)
                    .sum();
            ContentHash found = readBack(tally.table());
            if (!found.equals(tally.toReadBack())) {
                throw notAsWritten(name, tally.toReadBack().rows(), found.rows());
            }
            written.add(new Applied.Shared(
                    name, rows, tally.rowsToWrite() - rows, tally.toPlan().then()));
        });
        return written;
    }

    private static ReinstateException notAsWritten(TableName table, long rows, long found) {
        return ReinstateException.conflict(
                        "Shared rows read back are not those of then",
                        "someone put them back meanwhile with other values, or a trigger or a default changed them",
                        "the restore was rolled back; look at the plan again")
                .withDetails(List.of(table + ": " + rows + " rows must be there, " + found + " were read back"
                        + (found == rows ? ", some of them with other values" : "")));
    }

    /** Rows wait on disk until all are read: reading them may ask the server what types make of values. */
    private void stage(ThenRows then, Map<TableName, TableTally> tallies) {
        Map<RowShape, TupleSpool> spools = new LinkedHashMap<>();
        Map<RowShape, TableLayout> layouts = new HashMap<>();
        try {
            try (RowStream rows = then.foldShared(writing.plan().shared())) {
                while (rows.hasNext()) {
                    FoldedRow row = rows.next();
                    TableTally tally = tallies.get(row.table().name());
                    if (tally == null) {
                        throw new IllegalStateException(
                                "no plan for " + row.table().name());
                    }
                    RowShape shape = tally.table().shape(row.table()).orElseThrow();
                    Tuple written = shape.toInsert(row.tuple());
                    tally.missing(shape, row.tuple());
                    note(tally.table(), shape.inserted(), written);
                    layouts.put(shape.inserted(), tally.table());
                    spools.computeIfAbsent(
                                    shape.inserted(), s -> new TupleSpool(writing.directory(), written.columnCount()))
                            .add(written);
                }
            }
            spools.forEach((shape, rows) -> {
                TableLayout table = layouts.get(shape);
                if (table != null) {
                    staged.add(stage(table, shape, rows));
                }
            });
        } finally {
            spools.values().forEach(TupleSpool::close);
        }
    }

    private void note(TableLayout table, RowShape shape, Tuple row) {
        writing.references().written(table, shape, row);
        writing.sequences().note(table, shape, row);
        side.written(table, shape, row);
    }

    private Staged stage(TableLayout table, RowShape shape, TupleSpool rows) {
        String temporary = "pg_temp.reinstate_shared_" + staged.size();
        Query.execute(
                connection,
                "Preparing shared rows of " + table.name(),
                "CREATE TEMPORARY TABLE " + temporary + " ON COMMIT DROP AS SELECT " + Sql.identifiers(shape.columns())
                        + " FROM ONLY " + Sql.table(table.name()) + " WITH NO DATA");
        try (CopyIn copy = CopyIn.start(connection, temporary, shape.columns())) {
            rows.forEach(row -> copy.add(row, shape.source()));
            copy.finish();
        }
        return new Staged(table, shape, temporary);
    }

    /** How many rows of each shape were not there. */
    private List<Long> insert(SharedLock lock) {
        List<Long> missing = counts(staged.stream()
                .map(rows -> "SELECT count(*) FROM " + rows.temporary() + " AS staged WHERE " + rows.isMissing())
                .toList());
        if (missing.stream().allMatch(count -> count == 0)) {
            lock.release();
            return missing;
        }
        String inserts = numbered(i -> {
            Staged rows = staged.get(i);
            String columns = Sql.identifiers(rows.shape().columns());
            return "inserted_" + i + " AS (INSERT INTO "
                    + Sql.table(rows.table().name()) + " (" + columns
                    + ") OVERRIDING SYSTEM VALUE SELECT " + columns + " FROM " + rows.temporary() + " AS staged WHERE "
                    + rows.isMissing() + " RETURNING 1)";
        });
        return query("WITH " + inserts + " SELECT " + numbered(i -> "(SELECT count(*) FROM inserted_" + i + ")"));
    }

    private List<Long> counts(List<String> selects) {
        return query(selects.stream().collect(Collectors.joining("), (", "SELECT (", ")")));
    }

    private String numbered(IntFunction<String> each) {
        return IntStream.range(0, staged.size()).mapToObj(each).collect(Collectors.joining(", "));
    }

    private List<Long> query(String sql) {
        return ByIndex.call(
                connection,
                () -> Query.one(connection, "Bringing shared rows back", sql, row -> {
                    List<Long> counts = new ArrayList<>();
                    for (int i = 1; i <= staged.size(); i++) {
                        counts.add(row.getLong(i));
                    }
                    return counts;
                }));
    }

    private ContentHash readBack(TableLayout table) {
        ContentSum sum = new ContentSum();
        List<String> columns = table.verifiedColumns();
        String names =
                columns.stream().map(column -> "live." + Sql.identifier(column)).collect(Collectors.joining(", "));
        for (Staged rows : staged) {
            if (rows.table() == table) {
                String query = "SELECT " + names + " FROM " + rows.temporary() + " AS staged JOIN " + rows.live()
                        + " ON " + rows.sameKey();
                ByIndex.call(
                        connection,
                        () -> CopyOut.forEach(connection, query, columns.size(), row -> sum.add(hasher.hash(row))));
            }
        }
        return sum.toHash();
    }
}
