package dev.reinstate.restore.plan;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.copy.CopyOut;
import dev.reinstate.restore.reference.ByIndex;
import java.sql.Connection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a tenant's live rows, in the running transaction, in two independent ways: to compare them, by the tenancy map's
 * condition; to read a restore back, by joining the tables the path leads through.
 */
public final class LiveRows {
    private static final String ALIAS = "live";

    private final TargetTables target;
    private final TenantId tenant;

    public LiveRows(TargetTables target, TenantId tenant) {
        this.target = target;
        this.tenant = tenant;
    }

    /** Rows as {@link TableLayout} wants them, where and since when they are included. */
    CopyOut read(Connection connection, TableLayout table, int columnCount) {
        return read(connection, table, target.tenancy().condition(table.name(), ALIAS, tenant), columnCount);
    }

    /** The same of rows that are nobody's. */
    CopyOut readNobodys(Connection connection, TableLayout table, int columnCount) {
        return read(connection, table, isNobodys(table), columnCount);
    }

    private CopyOut read(Connection connection, TableLayout table, String condition, int columnCount) {
        Stream<String> columns =
                Stream.concat(table.liveColumns().stream().map(Sql::identifier), Stream.of("ctid", "xmin"));
        String query = "SELECT "
                + columns.map(column -> ALIAS + "." + column).collect(Collectors.joining(", "))
                + " FROM ONLY " + Sql.table(table.name()) + " AS " + ALIAS + " WHERE " + condition;
        return start(connection, table.name(), query, columnCount);
    }

    private static String isNobodys(TableLayout table) {
        return table.nullableOwner().stream()
                .map(column -> ALIAS + "." + Sql.identifier(column) + " IS NULL")
                .collect(Collectors.joining(" OR "));
    }

    /** Reads back the columns that are hashed. */
    public void readBack(Connection connection, TableLayout table, Consumer<Tuple> rows) {
        readBack(connection, table, target.tenancy().selectRows(table.name(), table.commonColumns(), tenant), rows);
    }

    /** The same of those rows that are nobody's and have one of these keys. */
    public void readBackNobodys(Connection connection, TableLayout table, Set<RowKey> keys, Consumer<Tuple> rows) {
        List<Integer> key =
                table.keyColumns().stream().map(table.commonColumns()::indexOf).toList();
        String columns = table.commonColumns().stream()
                .map(column -> ALIAS + "." + Sql.identifier(column))
                .collect(Collectors.joining(", "));
        String query = "SELECT " + columns + " FROM ONLY " + Sql.table(table.name()) + " AS " + ALIAS + " WHERE "
                + isNobodys(table);
        readBack(connection, table, query, row -> {
            if (keys.contains(RowKey.ofColumns(row, key))) {
                rows.accept(row);
            }
        });
    }

    private void readBack(Connection connection, TableLayout table, String query, Consumer<Tuple> rows) {
        try (CopyOut copy =
                start(connection, table.name(), query, table.commonColumns().size())) {
            for (Tuple row = copy.next(); row != null; row = copy.next()) {
                rows.accept(row);
            }
        }
    }

    private CopyOut start(Connection connection, TableName table, String query, int columnCount) {
        ByIndex.set(connection, target.isIndexed(table));
        return CopyOut.start(connection, query, columnCount);
    }
}
