package dev.reinstate.restore.apply;

import dev.reinstate.model.Tuple;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.plan.TableTally;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies missing rows straight into their tables while they are merged: nothing that lives is changed. Should the merge
 * turn out not to be what was approved, the transaction is rolled back.
 */
final class DirectWriter implements TenantWriter {
    private final Writing writing;
    private final SideFile side;
    private final LateReferences late;
    private Set<String> nullAtFirst = Set.of();
    private @Nullable RowCopy copy;
    private long nanos;

    DirectWriter(Writing writing, SideFile side, LateReferences late) {
        this.writing = writing;
        this.side = side;
        this.late = late;
    }

    @Override
    public void beginTable(TableLayout table) {
        nullAtFirst = late.nullAtFirst(table);
        copy = new RowCopy(writing.connection(), table, nullAtFirst, writing.directory());
    }

    @Override
    public void missing(TableLayout table, RowShape shape, Tuple then) {
        long begin = System.nanoTime();
        if (copy != null) {
            copy.add(shape, then);
        }
        writing.written(table, shape, then);
        side.written(table, shape, then);
        if (!nullAtFirst.isEmpty()) {
            late.written(table, nullAtFirst, shape, then);
        }
        nanos += System.nanoTime() - begin;
    }

    @Override
    public void relinked(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        throw new IllegalStateException("a live row of " + table.name() + " would have to change");
    }

    @Override
    public void different(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        // left alone: the policy says so, or the plan is not the approved one and will be refused
    }

    @Override
    public void surplus(TableLayout table, Tuple live) {
        // as above
    }

    @Override
    public void endTable(TableLayout table, TableTally tally) {
        long begin = System.nanoTime();
        try (RowCopy open = copy) {
            if (open != null) {
                open.finish();
            }
        } finally {
            copy = null;
        }
        writing.references().merged(tally);
        nanos += System.nanoTime() - begin;
    }

    @Override
    public Optional<Path> complete() {
        late.complete(new LiveRowChanges(writing.connection()));
        return side.publish();
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
        side.close();
        if (copy != null) {
            copy.close();
        }
    }
}
