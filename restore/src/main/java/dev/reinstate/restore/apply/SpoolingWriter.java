package dev.reinstate.restore.apply;

import dev.reinstate.model.Tuple;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.plan.TableTally;
import dev.reinstate.restore.plan.WriteMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps all differences on local disk until the merge is known to be the approved one and what will be changed or
 * deleted is saved, then writes. With the server's checks off: deletes, changes, inserts, so that unique values are free
 * before they are taken. With them on: inserts, changes, deletes, so that references always lead somewhere.
 */
final class SpoolingWriter implements TenantWriter {
    private final Writing writing;
    private final SideFile side;
    private final LateReferences late;
    private final LiveRowChanges changes;
    private final List<TableChanges> tables = new ArrayList<>();
    private @Nullable TableChanges current;
    private boolean rewrites;
    private long nanos;

    SpoolingWriter(Writing writing, SideFile side, LateReferences late) {
        this.writing = writing;
        this.side = side;
        this.late = late;
        this.changes = new LiveRowChanges(writing.connection());
    }

    @Override
    public void beginTable(TableLayout table) {
        TableChanges opened = new TableChanges(table, writing.directory());
        tables.add(opened);
        current = opened;
        rewrites = mode() == WriteMode.REPLICA_ROLE && table.isComplete() && mayCollide(table);
    }

    /** Whether rows changed one after the other might take a unique value that the next one has not given up yet. */
    private static boolean mayCollide(TableLayout table) {
        return table.table().uniqueConstraints().stream()
                .anyMatch(unique -> !unique.deferrable() && !unique.columns().equals(table.keyColumns()));
    }

    private WriteMode mode() {
        return writing.plan().mode();
    }

    private TableChanges current() {
        TableChanges open = current;
        if (open == null) {
            throw new IllegalStateException("no table has begun");
        }
        return open;
    }

    @Override
    public void missing(TableLayout table, RowShape shape, Tuple then) {
        side.written(table, shape, then);
        current().insert(shape, then);
    }

    @Override
    public void different(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        if (!changesLiveRows()) {
            return;
        }
        relinked(table, shape, then, live);
    }

    @Override
    public void relinked(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        side.replaced(table, live);
        side.written(table, shape, then);
        writing.references().changed(table, shape, then, live);
        if (rewrites || (mode() == WriteMode.REPLICA_ROLE && table.mustBeInserted(shape, then, live))) {
            current().delete(live);
            current().insert(shape, then);
        } else {
            current().update(shape, then, live);
            writing.written(table, shape, then);
        }
    }

    @Override
    public void surplus(TableLayout table, Tuple live) {
        if (!changesLiveRows()) {
            return;
        }
        side.replaced(table, live);
        writing.references().deleted(table, live);
        current().delete(live);
    }

    private boolean changesLiveRows() {
        return writing.plan().request().policy().changesLiveRows();
    }

    @Override
    public void endTable(TableLayout table, TableTally tally) {
        current = null;
        writing.references().merged(tally);
    }

    @Override
    public Optional<Path> complete() {
        final Optional<Path> savedTo = side.publish();
        long begin = System.nanoTime();
        if (mode() == WriteMode.REPLICA_ROLE) {
            deleteChildrenFirst(true);
            update();
            insert();
        } else {
            insert();
            update();
            late.complete(changes);
            tables.reversed().forEach(table -> changes.lock(table.table().name(), table.deletes()));
            writing.references().checkOtherTenants(writing.plan().request().tenant());
            deleteChildrenFirst(false);
        }
        nanos += System.nanoTime() - begin;
        return savedTo;
    }

    private void deleteChildrenFirst(boolean exact) {
        tables.reversed().forEach(table -> changes.delete(table.table().name(), table.deletes(), exact));
    }

    private void update() {
        for (TableChanges table : tables) {
            table.updates()
                    .forEach(
                            (shape, rows) -> changes.update(table.table().name(), shape, table.updatedColumns(), rows));
        }
    }

    private void insert() {
        for (TableChanges table : tables) {
            TableLayout layout = table.table();
            Set<String> nullAtFirst = late.nullAtFirst(layout);
            try (RowCopy copy = new RowCopy(writing.connection(), layout, nullAtFirst, writing.directory())) {
                table.forEachInsert((shape, row) -> {
                    copy.add(shape, row);
                    writing.written(layout, shape, row);
                    if (!nullAtFirst.isEmpty()) {
                        late.written(layout, nullAtFirst, shape, row);
                    }
                });
                copy.finish();
            }
        }
    }

    @Override
    public void moveSequences() {
        writing.sequences().moveForward(writing.connection());
    }

    @Override
    public long writeNanos() {
        return nanos;
    }

    @Override
    public void close() {
        tables.forEach(TableChanges::close);
        side.close();
    }
}
