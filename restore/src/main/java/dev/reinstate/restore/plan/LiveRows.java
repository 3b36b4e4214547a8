package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.copy.CopyOut;
import dev.reinstate.restore.reference.ByIndex;
import java.sql.Connection;
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
        Stream<String> columns =
                Stream.concat(table.liveColumns().stream().map(Sql::identifier), Stream.of("ctid", "xmin"));
        String query = "SELECT "
                + columns.map(column -> ALIAS + "." + column).collect(Collectors.joining(", "))
                + " FROM ONLY " + Sql.table(table.name()) + " AS " + ALIAS + " WHERE "
                + target.tenancy().condition(table.name(), ALIAS, tenant);
        return start(connection, table.name(), query, columnCount);
    }

    /** Reads back the columns that are hashed. */
    public void readBack(Connection connection, TableLayout table, Consumer<Tuple> rows) {
        String query = target.tenancy().selectRows(table.name(), table.commonColumns(), tenant);
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
