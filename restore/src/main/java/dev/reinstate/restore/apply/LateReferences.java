package dev.reinstate.restore.apply;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.plan.TableOrder.OpenedKey;
import dev.reinstate.restore.plan.WriteMode;
import dev.reinstate.restore.spool.TupleSpool;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * References that go round in a circle, where the server checks them and they cannot be deferred: rows are first written
 * with NULL there, and get the reference once what they refer to is there too. Not thread-safe.
 */
final class LateReferences implements AutoCloseable {
    private record Late(TableLayout table, List<String> columns, TupleSpool rows) {}

    private final List<OpenedKey> openedKeys;
    private final WriteMode mode;
    private final Path directory;
    private final Map<TableName, Late> late = new LinkedHashMap<>();

    /** @param openedKeys references to tables that are written later */
    LateReferences(List<OpenedKey> openedKeys, WriteMode mode, Path directory) {
        this.openedKeys = openedKeys;
        this.mode = mode;
        this.directory = directory;
    }

    /** Columns of the table to write NULL into at first. */
    Set<String> nullAtFirst(TableLayout table) {
        if (mode == WriteMode.REPLICA_ROLE) {
            return Set.of();
        }
        Set<String> columns = new LinkedHashSet<>();
        for (OpenedKey opened : openedKeys) {
            if (opened.table().equals(table.name()) && !opened.key().deferrable()) {
                opened.key().columns().stream()
                        .flatMap(column -> table.table().column(column).stream())
                        .filter(column -> !column.notNull())
                        .map(TableColumn::name)
                        .forEach(columns::add);
            }
        }
        if (!columns.isEmpty() && !table.hasKey()) {
            throw ReinstateException.conflict(
                    "Table " + table.name() + " cannot be restored by this role",
                    "its references go in a circle and it has no key to complete its rows by",
                    "restore as a role that may set session_replication_role");
        }
        return columns;
    }

    /** A row was written with NULL in those columns. */
    void written(TableLayout table, Set<String> columns, RowShape shape, Tuple row) {
        List<String> there =
                columns.stream().filter(column -> shape.sourceOf(column) >= 0).toList();
        if (there.stream().allMatch(column -> row.isNull(shape.sourceOf(column)))) {
            return;
        }
        Late rows = late.computeIfAbsent(
                table.name(),
                name -> new Late(
                        table,
                        there,
                        new TupleSpool(directory, table.keyColumns().size() + there.size())));
        Tuple.Builder builder = new Tuple.Builder(64);
        table.keyColumns().forEach(column -> builder.addColumn(row, shape.sourceOf(column)));
        rows.columns().forEach(column -> builder.addColumn(row, shape.sourceOf(column)));
        rows.rows().add(builder.build());
    }

    /** Writes what was left out. */
    void complete(LiveRowChanges changes) {
        late.values()
                .forEach(rows ->
                        changes.fillIn(rows.table().table(), rows.table().keyColumns(), rows.columns(), rows.rows()));
    }

    @Override
    public void close() {
        late.values().forEach(rows -> rows.rows().close());
    }
}
