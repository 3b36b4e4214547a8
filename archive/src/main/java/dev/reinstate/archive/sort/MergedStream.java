package dev.reinstate.archive.sort;

import dev.reinstate.archive.format.RawRecord;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Merges sorted runs. */
final class MergedStream implements RecordStream {
    private static final Comparator<RunReader> ORDER = (a, b) -> a.record().compareRecord(b.record());

    private final FrameReader frames = new FrameReader();
    private final PriorityQueue<RunReader> queue = new PriorityQueue<>(ORDER);
    private @Nullable RunReader current;

    private MergedStream() {}

    static MergedStream open(List<RunFile> files) throws IOException {
        MergedStream merged = new MergedStream();
        try {
            for (RunFile file : files) {
                merged.offer(new RunReader(file, merged.frames));
            }
            return merged;
        } catch (IOException | RuntimeException e) {
            merged.close();
            throw e;
        }
    }

    private void offer(RunReader run) throws IOException {
        if (run.next()) {
            queue.add(run);
        }
    }

    @Override
    public boolean next() {
        try {
            RunReader last = current;
            current = null;
            if (last != null && last.next()) {
                // Often the same run goes on: then the queue need not move.
                RunReader other = queue.peek();
                if (other == null || ORDER.compare(last, other) <= 0) {
                    current = last;
                } else {
                    queue.add(last);
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
        } catch (IOException e) {
            throw RecordSorter.failure("Reading a temporary file", e);
        }
    }

    @Override
    public RawRecord record() {
        if (current == null) {
            throw new IllegalStateException("no record");
        }
        return current.record();
    }

    @Override
    public void close() {
        frames.close();
    }
}
