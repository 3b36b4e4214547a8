package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.TableSchema;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The records of several objects in one order, as they are. Not thread-safe. */
final class MergedObjects implements RecordStream {
    private static final Comparator<SourceRecords> ORDER = (a, b) -> a.record().compareRecord(b.record());

    private final List<SourceRecords> sources;
    private final PriorityQueue<SourceRecords> queue = new PriorityQueue<>(ORDER);
    private @Nullable SourceRecords current;
    private boolean begun;

    /** @param sources not read yet; closed with this */
    MergedObjects(List<? extends SourceRecords> sources) {
        this.sources = List.copyOf(sources);
    }

    @Override
    public boolean next() {
        if (!begun) {
            begun = true;
            sources.forEach(this::offer);
        } else if (current != null) {
            SourceRecords last = current;
            current = null;
            if (last.next()) {
                // Often the same object goes on: then the queue need not move.
                SourceRecords other = queue.peek();
                if (other == null || ORDER.compare(last, other) <= 0) {
                    current = last;
                } else {
                    queue.add(last);
                }
            }
        }
        if (current == null) {
            current = queue.poll();
        }
        if (current == null) {
            return false;
        }
        current.loadTuple();
        return true;
    }

    private void offer(SourceRecords source) {
        if (source.next()) {
            queue.add(source);
        }
    }

    @Override
    public RawRecord record() {
        return current().record();
    }

    TableSchema schema() {
        return current().schema();
    }

    /** The commits of the record's block. */
    CommitTable commits() {
        return current().commits();
    }

    private SourceRecords current() {
        if (current == null) {
            throw new IllegalStateException("no record");
        }
        return current;
    }

    @Override
    public void close() {
        sources.forEach(SourceRecords::close);
    }
}
