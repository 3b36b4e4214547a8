package dev.reinstate.capture.attribution;

import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.util.Map;
import java.util.function.Consumer;

/** Makes the changes of one transaction and counts those that found no tenant. */
final class ChangeSink {
    private final Commit commit;
    private final Consumer<Change> changes;
    private final Map<TableName, Long> unattributed;

    ChangeSink(Commit commit, Consumer<Change> changes, Map<TableName, Long> unattributed) {
        this.commit = commit;
        this.changes = changes;
        this.unattributed = unattributed;
    }

    /** A row's change as it came; too large a row is known by its key alone. */
    void row(Step step, Partition partition, Operation operation, RowKey key, Tuple tuple) {
        boolean oversized = step.event().oversized() && operation.leavesRow();
        emit(
                step.table(),
                partition,
                oversized ? Operation.OVERSIZED : operation,
                key,
                oversized ? Tuple.EMPTY : tuple,
                step.ordinal());
    }

    void truncated(Step step) {
        emit(step.table(), Partition.STORE_EVENTS, Operation.TRUNCATE, RowKey.EMPTY, Tuple.EMPTY, step.ordinal());
    }

    /** A row of which the stream says nothing moves along with its parent. */
    void moved(TableOwnership table, RowKey key, Tuple row, Partition from, Partition to, long ordinal) {
        emit(table, from, Operation.LEAVE, key, Tuple.EMPTY, ordinal);
        emit(table, to, Operation.ENTER, key, row, ordinal);
    }

    private void emit(
            TableOwnership table, Partition partition, Operation operation, RowKey key, Tuple tuple, long ordinal) {
        if (partition instanceof Partition.Unattributed) {
            unattributed.merge(table.schema().name(), 1L, Long::sum);
        }
        changes.accept(new Change(partition, table.schema(), operation, key, tuple, commit, ordinal));
    }
}
