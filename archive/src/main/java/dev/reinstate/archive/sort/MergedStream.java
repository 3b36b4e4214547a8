package dev.reinstate.archive.sort;

import dev.reinstate.archive.format.RawRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Merges sorted runs and what is still in memory. */
final class MergedStream implements RecordStream {
    private static final Comparator<Source> ORDER = (a, b) -> a.record().compareRecord(b.record());

    private final List<RunReader> runs = new ArrayList<>();
    private final PriorityQueue<Source> queue = new PriorityQueue<>(ORDER);
    private @Nullable Source current;

    private MergedStream() {}

    static MergedStream open(List<RunFile> files, @Nullable RecordStream memory) throws IOException {
        MergedStream merged = new MergedStream();
        try {
            for (RunFile file : files) {
                RunReader run = new RunReader(file);
                merged.runs.add(run);
                merged.offer(new RunSource(run));
            }
            if (memory != null) {
                merged.offer(new MemorySource(memory));
            }
            return merged;
        } catch (IOException | RuntimeException e) {
            merged.close();
            throw e;
        }
    }

    private void offer(Source source) throws IOException {
        if (source.advance()) {
            queue.add(source);
        }
    }

    @Override
    public boolean next() {
        try {
            Source last = current;
            current = null;
            if (last != null && last.advance()) {
                // Often the same run goes on: then the queue need not move.
                Source other = queue.peek();
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
            current.load();
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
        try {
            for (RunReader run : runs) {
                run.close();
            }
        } catch (IOException e) {
            throw RecordSorter.failure("Closing a temporary file", e);
        }
    }

    private sealed interface Source {
        boolean advance() throws IOException;

        void load() throws IOException;

        RawRecord record();
    }

    private record RunSource(RunReader run) implements Source {
        @Override
        public boolean advance() throws IOException {
            return run.next();
        }

        @Override
        public void load() throws IOException {
            run.loadTuple();
        }

        @Override
        public RawRecord record() {
            return run.record();
        }
    }

    private record MemorySource(RecordStream stream) implements Source {
        @Override
        public boolean advance() {
            return stream.next();
        }

        @Override
        public void load() {
            // in memory already
        }

        @Override
        public RawRecord record() {
            return stream.record();
        }
    }
}
