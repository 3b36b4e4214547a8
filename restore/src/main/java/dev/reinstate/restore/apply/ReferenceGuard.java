package dev.reinstate.restore.apply;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.OnDelete;
import dev.reinstate.restore.content.TupleColumns;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.plan.TablePlan;
import dev.reinstate.restore.plan.TableTally;
import dev.reinstate.restore.plan.TargetTables;
import dev.reinstate.restore.plan.TargetTables.Reference;
import dev.reinstate.restore.reference.DistinctValues;
import dev.reinstate.restore.reference.ReferenceQueries;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Sees to it that no reference dangles after a restore, in either direction: values that written rows refer to must be
 * there (and are kept from going until the commit), values that rows referred to must not have gone with rows that were
 * deleted or changed. Not thread-safe.
 */
final class ReferenceGuard implements AutoCloseable {
    private record Outbound(Table from, ForeignKey key) {}

    /** A foreign key of a table and where its columns are in the rows of one shape. */
    private record Placed(List<Integer> columns, DistinctValues values) {}

    private final TargetTables target;
    private final Path directory;
    private final ReferenceQueries queries;
    private final Map<Outbound, DistinctValues> outbound = new LinkedHashMap<>();
    private final Map<Reference, DistinctValues> inbound = new LinkedHashMap<>();
    private final Map<TableName, List<Reference>> referencesTo = new HashMap<>();
    private final Map<RowShape, List<Placed>> placed = new HashMap<>();
    private final Map<TableName, Boolean> lockable = new HashMap<>();
    private final Set<TableName> whollyWritten = new HashSet<>();
    private final Set<TableName> readBackByKey = new HashSet<>();

    ReferenceGuard(Connection connection, TargetTables target, Path directory) {
        this.target = target;
        this.directory = directory;
        this.queries = new ReferenceQueries(connection);
    }

    /** A row of then is written. */
    void written(TableLayout table, RowShape shape, Tuple row) {
        for (Placed reference : placed.computeIfAbsent(shape, s -> place(table, s))) {
            reference.values().add(row, reference.columns());
        }
    }

    private List<Placed> place(TableLayout table, RowShape shape) {
        List<Placed> all = new ArrayList<>();
        for (ForeignKey key : table.table().foreignKeys()) {
            int[] columns = key.columns().stream().mapToInt(shape::sourceOf).toArray();
            boolean written = IntStream.of(columns).allMatch(column -> column >= 0);
            if (written && !isProvedByReadingBack(table, key)) {
                Outbound reference = new Outbound(table.table(), key);
                DistinctValues values =
                        outbound.computeIfAbsent(reference, r -> new DistinctValues(directory, columns.length));
                all.add(new Placed(IntStream.of(columns).boxed().toList(), values));
            }
        }
        return all;
    }

    /** A table is merged: none of its rows of the tenant lived, so all there will be are written here. */
    void merged(TableTally tally) {
        TablePlan plan = tally.toPlan();
        boolean reached = tally.rowsUnreached() == 0;
        if (!reached) {
            readBackByKey.add(plan.table());
        }
        if (reached && plan.alreadyRight() == 0 && plan.relinked() == 0 && plan.writtenSince() == 0) {
            whollyWritten.add(plan.table());
        }
    }

    /**
     * The reference by which a row belongs to its tenant is followed when the tenant is read back: were the parent not
     * there, the row would not be found. And when all parents are our own, nobody can delete one before the commit.
     */
    private boolean isProvedByReadingBack(TableLayout table, ForeignKey key) {
        return target.rule(table.name()) instanceof TableRule.ByPath path
                && key.referenced().equals(path.parent())
                && key.columns().equals(path.columns())
                && (path.parentColumns().isEmpty() || key.referencedColumns().equals(path.parentColumns()))
                && whollyWritten.contains(path.parent())
                && !readBackByKey.contains(table.name());
    }

    /** A live row is deleted. */
    void deleted(TableLayout table, Tuple live) {
        for (Reference reference : referencesTo(table)) {
            add(reference, live, columns(table, reference));
        }
    }

    /** A live row is changed; what referred to a value that goes must not be left behind. */
    void changed(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        for (Reference reference : referencesTo(table)) {
            int[] columns = columns(table, reference);
            List<String> names = reference.key().referencedColumns();
            boolean same = IntStream.range(0, columns.length).allMatch(i -> {
                int source = shape.sourceOf(names.get(i));
                return source < 0 || columns[i] < 0 || TupleColumns.isSame(then, source, live, columns[i]);
            });
            if (!same) {
                add(reference, live, columns);
            }
        }
    }

    private List<Reference> referencesTo(TableLayout table) {
        return referencesTo.computeIfAbsent(table.name(), target::referencesTo);
    }

    private static int[] columns(TableLayout table, Reference reference) {
        return reference.key().referencedColumns().stream()
                .mapToInt(table.liveColumns()::indexOf)
                .toArray();
    }

    private void add(Reference reference, Tuple live, int[] columns) {
        if (IntStream.of(columns).allMatch(column -> column >= 0)) {
            inbound.computeIfAbsent(reference, r -> new DistinctValues(directory, columns.length))
                    .add(live, IntStream.of(columns).boxed().toList());
        }
    }

    /** {@code CONFLICT} when a written row refers to a row that is not there. */
    void checkOutbound() {
        List<String> broken = new ArrayList<>();
        outbound.forEach((reference, values) -> {
            long[] absent = new long[1];
            values.forEachBatch(batch -> absent[0] += countAbsent(reference.key(), batch));
            if (absent[0] > 0) {
                broken.add(reference.from().name() + " refers to " + absent[0] + " rows of "
                        + reference.key().referenced() + " that do not exist ("
                        + reference.key().name() + ")");
            }
        });
        refuse(broken, "rows of then refer to rows that are gone");
    }

    /** Rows of our own need no lock: nobody else sees them yet. */
    private long countAbsent(ForeignKey key, List<Tuple> batch) {
        Table to = target.table(key.referenced());
        if (queries.countOwn(to, key.referencedColumns(), batch) == batch.size()) {
            return 0;
        }
        return lockable.computeIfAbsent(to.name(), queries::mayLock)
                ? batch.size() - queries.lockPresent(to, key.referencedColumns(), batch)
                : queries.countAbsent(to, key.referencedColumns(), batch);
    }

    /** {@code CONFLICT} when a row of anyone refers to a row that was deleted or changed. */
    void checkInbound() {
        List<String> broken = new ArrayList<>();
        inbound.forEach((reference, values) -> {
            ForeignKey key = reference.key();
            Table to = target.table(key.referenced());
            long[] dangling = new long[1];
            values.forEachBatch(batch -> dangling[0] +=
                    queries.countDangling(reference.from(), key.columns(), to, key.referencedColumns(), batch));
            if (dangling[0] > 0) {
                broken.add(dangling[0] + " rows of " + reference.from().name() + " refer to rows of " + to.name()
                        + " that would go (" + key.name() + ")");
            }
        });
        refuse(broken, "rows that would stay refer to rows that would go");
    }

    /**
     * {@code CONFLICT} when rows of other tenants, or of none, refer to rows that are to be deleted by a foreign key that
     * would delete or change them too. To be asked before deleting where the server's own actions are on.
     */
    void checkOtherTenants(TenantId tenant) {
        List<String> broken = new ArrayList<>();
        inbound.forEach((reference, values) -> {
            ForeignKey key = reference.key();
            if (key.onDelete() == OnDelete.NO_ACTION || key.onDelete() == OnDelete.RESTRICT) {
                return; // the server itself refuses
            }
            String own = target.isTenantOwned(reference.from().name())
                    ? target.tenancy().condition(reference.from().name(), "referrer", tenant)
                    : "false";
            long[] others = new long[1];
            values.forEachBatch(
                    batch -> others[0] += queries.countReferring(reference.from(), key.columns(), batch, own));
            if (others[0] > 0) {
                broken.add(others[0] + " rows of " + reference.from().name() + " that are not this tenant's refer to "
                        + "rows that would go (" + key.name() + ")");
            }
        });
        refuse(broken, "rows of others refer to rows that would go, and would go with them");
    }

    private static void refuse(List<String> broken, String why) {
        if (!broken.isEmpty()) {
            throw ReinstateException.conflict(
                            "References would lead nowhere", why, "mend or remove those rows first, then restore again")
                    .withDetails(broken);
        }
    }

    @Override
    public void close() {
        outbound.values().forEach(DistinctValues::close);
        inbound.values().forEach(DistinctValues::close);
    }
}
