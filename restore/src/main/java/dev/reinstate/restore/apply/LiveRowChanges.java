package dev.reinstate.restore.apply;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.copy.CopyIn;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.reference.ByIndex;
import dev.reinstate.restore.spool.TupleSpool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Changes and deletes live rows exactly as they were read: a row is found by its place ({@code ctid}) and only if its
 * version ({@code xmin}) is still the one compared. A row that someone changed meanwhile is not touched, and the restore
 * ends in {@code CONFLICT}.
 */
final class LiveRowChanges {
    private static final int BATCH = 5_000;

    private final Connection connection;
    private int temporaryTables;

    LiveRowChanges(Connection connection) {
        this.connection = connection;
    }

    /** Deletes those rows; fewer than that many found is a {@code CONFLICT} where {@code exact}. */
    void delete(TableName table, TupleSpool places, boolean exact) {
        String sql = """
                DELETE FROM ONLY %s AS live
                USING unnest(?::text[]::tid[], ?::text[]::xid[]) AS compared(place, version)
                WHERE live.ctid = compared.place AND live.xmin = compared.version
                """.formatted(Sql.table(table));
        long deleted = inBatches(table, places, sql);
        if (exact) {
            requireAll(table, places.count(), deleted);
        }
    }

    /** Keeps rows that are to be deleted from being referred to anew. */
    void lock(TableName table, TupleSpool places) {
        String sql = """
                SELECT FROM ONLY %s AS live
                JOIN unnest(?::text[]::tid[], ?::text[]::xid[]) AS compared(place, version)
                  ON live.ctid = compared.place AND live.xmin = compared.version
                FOR UPDATE OF live
                """.formatted(Sql.table(table));
        inBatches(table, places, sql);
    }

    private long inBatches(TableName table, TupleSpool places, String sql) {
        if (places.count() == 0) {
            return 0;
        }
        return ByIndex.call(connection, () -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                long[] rows = new long[1];
                List<Tuple> batch = new ArrayList<>();
                places.forEach(place -> {
                    batch.add(place);
                    if (batch.size() == BATCH) {
                        rows[0] += execute(table, statement, batch);
                    }
                });
                rows[0] += execute(table, statement, batch);
                return rows[0];
            } catch (SQLException e) {
                throw PostgresFailure.of("Changing rows of " + table, e);
            }
        });
    }

    private long execute(TableName table, PreparedStatement statement, List<Tuple> batch) {
        try {
            for (int column = 0; column < 2; column++) {
                int at = column;
                String[] texts = batch.stream()
                        .map(place -> place.text(at).orElseThrow())
                        .toArray(String[]::new);
                statement.setArray(column + 1, connection.createArrayOf("text", texts));
            }
            batch.clear();
            boolean isQuery = statement.execute();
            return isQuery ? 0 : statement.getUpdateCount();
        } catch (SQLException e) {
            throw PostgresFailure.of("Changing rows of " + table, e);
        }
    }

    /** Changes rows to the values given, in those columns that any of them differs in. */
    void update(TableName table, RowShape shape, Set<String> differing, TupleSpool rows) {
        // those alone: a table that is as wide as tables can be has no room for two more columns
        List<String> columns =
                shape.columns().stream().filter(differing::contains).toList();
        int places = shape.columns().size();
        int[] copiedFrom = IntStream.concat(
                        columns.stream().mapToInt(shape.columns()::indexOf), IntStream.of(places, places + 1))
                .toArray();
        String temporary = "pg_temp.reinstate_change_" + temporaryTables++;
        execute("CREATE TEMPORARY TABLE " + temporary + " ON COMMIT DROP AS SELECT " + Sql.identifiers(columns)
                + ", ctid AS reinstate_place, xmin AS reinstate_version FROM ONLY " + Sql.table(table)
                + " WITH NO DATA");
        List<String> copied = new ArrayList<>(columns);
        copied.add("reinstate_place");
        copied.add("reinstate_version");
        try (CopyIn copy = CopyIn.start(connection, temporary, copied)) {
            rows.forEach(row -> copy.add(row, copiedFrom));
            copy.finish();
        }
        String assignments = columns.stream()
                .map(column -> Sql.identifier(column) + " = change." + Sql.identifier(column))
                .collect(Collectors.joining(", "));
        long updated = ByIndex.call(
                connection,
                () -> execute("UPDATE ONLY " + Sql.table(table) + " AS live SET " + assignments + " FROM " + temporary
                        + " AS change WHERE live.ctid = change.reinstate_place"
                        + " AND live.xmin = change.reinstate_version"));
        requireAll(table, rows.count(), updated);
    }

    /** Writes columns of rows that were inserted without them, found by their key. */
    void fillIn(Table to, List<String> key, List<String> columns, TupleSpool rows) {
        TableName table = to.name();
        String temporary = "pg_temp.reinstate_change_" + temporaryTables++;
        List<String> copied = new ArrayList<>(key);
        copied.addAll(columns);
        String selected = IntStream.range(0, copied.size())
                .mapToObj(i -> Sql.identifier(copied.get(i)) + " AS c" + i)
                .collect(Collectors.joining(", "));
        List<String> names =
                IntStream.range(0, copied.size()).mapToObj(i -> "c" + i).toList();
        execute("CREATE TEMPORARY TABLE " + temporary + " ON COMMIT DROP AS SELECT " + selected + " FROM ONLY "
                + Sql.table(table) + " WITH NO DATA");
        try (CopyIn copy = CopyIn.start(connection, temporary, names)) {
            rows.forEach(copy::add);
            copy.finish();
        }
        String assignments = IntStream.range(0, columns.size())
                .mapToObj(i -> Sql.identifier(columns.get(i)) + " = change.c" + (key.size() + i))
                .collect(Collectors.joining(", "));
        String match = IntStream.range(0, key.size())
                .mapToObj(i -> to.equality(key.get(i)).of("live." + Sql.identifier(key.get(i)), "change.c" + i))
                .collect(Collectors.joining(" AND "));
        long updated = ByIndex.call(
                connection,
                () -> execute("UPDATE ONLY " + Sql.table(table) + " AS live SET " + assignments + " FROM " + temporary
                        + " AS change WHERE " + match));
        requireAll(table, rows.count(), updated);
    }

    private long execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw PostgresFailure.of("Changing rows", e);
        }
    }

    private static void requireAll(TableName table, long expected, long found) {
        if (found != expected) {
            throw ReinstateException.conflict(
                    "Rows of " + table + " changed while they were being restored",
                    (expected - found) + " of " + expected + " are not as they were compared",
                    "stop writes to the tenant, look at the plan again and retry; nothing was changed");
        }
    }
}
