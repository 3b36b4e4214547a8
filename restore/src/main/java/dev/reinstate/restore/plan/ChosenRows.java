package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Rows on their way, some of them left out. Not thread-safe. */
final class ChosenRows implements RowStream {
    private final RowStream rows;
    private final Predicate<FoldedRow> chosen;
    private @Nullable FoldedRow next;

    ChosenRows(RowStream rows, Predicate<FoldedRow> chosen) {
        this.rows = rows;
        this.chosen = chosen;
    }

    @Override
    public boolean hasNext() {
        while (next == null && rows.hasNext()) {
            FoldedRow row = rows.next();
            next = chosen.test(row) ? row : null;
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
        rows.close();
    }
}
