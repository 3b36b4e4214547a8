package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.ChangeStream;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Change;
import dev.reinstate.model.Operation;
import dev.reinstate.model.TableSchema;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The rows that changes inserted into some tables, in that order. Not thread-safe. */
final class InsertedRows implements RowStream {
    private final ChangeStream changes;
    private final Predicate<TableSchema> tables;
    private @Nullable FoldedRow next;

    InsertedRows(ChangeStream changes, Predicate<TableSchema> tables) {
        this.changes = changes;
        this.tables = tables;
    }

    @Override
    public boolean hasNext() {
        while (next == null && changes.hasNext()) {
            Change change = changes.next();
            boolean inserted = change.operation() == Operation.INSERT && tables.test(change.table());
            next = inserted ? new FoldedRow(change.table(), change.key(), change.tuple()) : null;
        }
        return next != null;
    }

    @Override
    public FoldedRow next() {
        FoldedRow row = hasNext() ? next : null;
        if (row == null) {
            throw new NoSuchElementException("no more rows");
        }
        next = null;
        return row;
    }

    @Override
    public void close() {
        changes.close();
    }
}
