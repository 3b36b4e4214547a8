package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.copy.CopyOut;
import dev.reinstate.restore.reference.ByIndex;
import java.sql.Connection;
import java.util.List;
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

    /** Takes a live row that has a key asked for. */
    interface AtKey {
        /**
         * @param at which of the keys
         * @param cutOff whether the row itself refers to nothing, so that what hangs below it is nobody's for that
         */
        void accept(int at, Tuple live, Holder holder, boolean cutOff);
    }

    /** Whose a row is that has a key asked for. */
    enum Holder {
        NOBODY,
        /** The very tenant: its key is equal, and written differently. */
        TENANT,
        ANOTHER
    }

    /** Rows as {@link TableLayout} wants them, where and since when they are included. */
    CopyOut read(Connection connection, TableLayout table, int columnCount) {
        String query = "SELECT " + columns(table) + " FROM " + from(table) + " WHERE "
                + target.tenancy().condition(table.name(), ALIAS, tenant);
        return start(connection, table.name(), query, columnCount);
    }

    private static String columns(TableLayout table) {
        return Stream.concat(table.liveColumns().stream().map(Sql::identifier), Stream.of("ctid", "xmin"))
                .map(column -> ALIAS + "." + column)
                .collect(Collectors.joining(", "));
    }

    private static String from(TableLayout table) {
        return "ONLY " + Sql.table(table.name()) + " AS " + ALIAS;
    }

    /** Rows at those keys, whosever they are, as {@link #read} has them and a few columns behind. */
    void forEachAt(Connection connection, TableLayout table, List<Tuple> keys, AtKey rows) {
        String query = "SELECT " + columns(table) + ", wanted.n - 1, "
                + target.tenancy().owner(table.name(), ALIAS) + " IS NULL, "
                + target.tenancy().isCutOff(table.name(), ALIAS)
                + ", (" + target.tenancy().condition(table.name(), ALIAS, tenant) + ") IS TRUE"
                + " FROM " + Wanted.relation(table.table(), table.keyColumns(), keys) + " JOIN " + from(table) + " ON "
                + Wanted.match(table.table(), ALIAS, table.keyColumns());
        int behind = table.xminColumn() + 1;
        forEach(connection, query, behind + 4, row -> {
            int at = Integer.parseInt(row.text(behind).orElseThrow());
            Holder held = isTrue(row, behind + 3) ? Holder.TENANT : Holder.ANOTHER;
            rows.accept(at, row, isTrue(row, behind + 1) ? Holder.NOBODY : held, isTrue(row, behind + 2));
        });
    }

    /** Rows that name no owner, as {@link #read} has them. */
    void forEachCutOff(Connection connection, TableLayout table, Consumer<Tuple> rows) {
        String nameless = target.rule(table.name()).ownerColumns().stream()
                .map(column -> ALIAS + "." + Sql.identifier(column) + " IS NULL")
                .collect(Collectors.joining(" OR "));
        String query = "SELECT " + columns(table) + " FROM " + from(table) + " WHERE " + nameless;
        ByIndex.set(connection, target.isIndexed(table.name()));
        CopyOut.forEach(connection, query, table.xminColumn() + 1, rows);
    }

    private static boolean isTrue(Tuple row, int column) {
        return row.text(column).filter("t"::equals).isPresent();
    }

    /** Rows of a table on other tables' paths. */
    record Above(TableName table, List<String> keyColumns, List<Tuple> keys) {}

    /** Rows that belong, over any number of tables, to rows with those keys of a table on the path. */
    void forEachBelow(Connection connection, TableLayout table, Above above, Consumer<Tuple> rows) {
        for (String way : target.tenancy().joinsTo(above.table(), "above", table.name(), ALIAS)) {
            String query = "SELECT " + columns(table) + ", 't' FROM " + from(table) + way
                    + " JOIN " + Wanted.relation(target.table(above.table()), above.keyColumns(), above.keys()) + " ON "
                    + Wanted.match(target.table(above.table()), "above", above.keyColumns());
            ByIndex.set(connection, target.isIndexed(table.name()));
            CopyOut.forEach(connection, query, table.xminColumn() + 2, rows);
        }
    }

    /** Rows of nobody that name rows of then, by those keys, which are not there now and will be. */
    void forEachReturning(
            Connection connection,
            TableLayout table,
            LooseReference reference,
            List<Tuple> keys,
            Consumer<Tuple> rows) {
        List<String> columns = reference.columns();
        boolean typed = reference.comparesAsTyped(table.table(), target.table(reference.parent()));
        String wanted = typed ? Wanted.relation(table.table(), columns, keys) : Wanted.texts(columns, keys);
        String match = typed
                ? Wanted.matchExactly(table.table(), ALIAS, columns)
                : Wanted.matchTexts(table.table(), ALIAS, columns);
        String query = "SELECT " + columns(table) + ", 't' FROM " + from(table) + " JOIN " + wanted + " ON " + match
                + " WHERE " + reference.namesParent(table.table(), ALIAS) + " AND "
                + target.tenancy().owner(table.name(), ALIAS) + " IS NULL";
        ByIndex.set(connection, target.isIndexed(table.name()));
        CopyOut.forEach(connection, query, table.xminColumn() + 2, rows);
    }

    private static void forEach(Connection connection, String query, int columnCount, Consumer<Tuple> rows) {
        ByIndex.call(connection, () -> CopyOut.forEach(connection, query, columnCount, rows));
    }

    /** Reads back the columns that are hashed. */
    public void readBack(Connection connection, TableLayout table, Consumer<Tuple> rows) {
        String query = target.tenancy().selectRows(table.name(), table.verifiedColumns(), tenant);
        try (CopyOut copy =
                start(connection, table.name(), query, table.verifiedColumns().size())) {
            for (Tuple row = copy.next(); row != null; row = copy.next()) {
                rows.accept(row);
            }
        }
    }

    /** The same of rows that are nobody's and have one of those keys. */
    public void readBackOrphans(Connection connection, TableLayout table, List<Tuple> keys, Consumer<Tuple> rows) {
        String columns = table.verifiedColumns().stream()
                .map(column -> ALIAS + "." + Sql.identifier(column))
                .collect(Collectors.joining(", "));
        String query = "SELECT " + columns + " FROM " + Wanted.relation(table.table(), table.keyColumns(), keys)
                + " JOIN " + from(table) + " ON " + Wanted.match(table.table(), ALIAS, table.keyColumns()) + " WHERE "
                + target.tenancy().owner(table.name(), ALIAS) + " IS NULL";
        forEach(connection, query, table.verifiedColumns().size(), rows);
    }

    private CopyOut start(Connection connection, TableName table, String query, int columnCount) {
        ByIndex.set(connection, target.isIndexed(table));
        return CopyOut.start(connection, query, columnCount);
    }
}
