package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/** The rows that some of what the archive has one by one stands for, in that order. Not thread-safe. */
final class ChosenRows<T> implements RowStream {
    private final Iterator<T> all;
    private final Runnable closing;
    private final Function<T, Optional<FoldedRow>> chosen;
    private Optional<FoldedRow> next = Optional.empty();

    /** @param closing closes {@code all} */
    ChosenRows(Iterator<T> all, Runnable closing, Function<T, Optional<FoldedRow>> chosen) {
        this.all = all;
        this.closing = closing;
        this.chosen = chosen;
    }

    @Override
    public boolean hasNext() {
        while (next.isEmpty() && all.hasNext()) {
            next = chosen.apply(all.next());
        }
        return next.isPresent();
    }

    @Override
    public FoldedRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more rows");
        }
        FoldedRow row = next.orElseThrow();
        next = Optional.empty();
        return row;
    }

    @Override
    public void close() {
        closing.run();
    }
}
