package dev.reinstate.capture.transaction;

import dev.reinstate.model.Commit;
import dev.reinstate.model.Tuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the row changes of the transaction that is arriving. Memory is bounded by the limit and one row. Not
 * thread-safe.
 */
public final class TransactionBuffer implements AutoCloseable {
    private static final String SPILL_SUFFIX = ".transaction";

    private final Path directory;
    private final long memoryLimitBytes;
    private final long rowLimitBytes;
    private List<RowEvent> events = new ArrayList<>();
    private long sizeBytes;
    private @Nullable EventFile file;

    /**
     * @param directory where large transactions go; leftovers of an interrupted process are removed from it
     * @param memoryLimitBytes what a transaction may take in memory
     * @param rowLimitBytes rows larger than this are kept by their key alone
     */
    public TransactionBuffer(Path directory, long memoryLimitBytes, long rowLimitBytes) {
        this.directory = directory;
        this.memoryLimitBytes = memoryLimitBytes;
        this.rowLimitBytes = rowLimitBytes;
        removeLeftovers();
    }

    private void removeLeftovers() {
        try {
            Files.createDirectories(directory);
            try (Stream<Path> files = Files.list(directory)) {
                for (Path leftover : files.filter(path -> path.toString().endsWith(SPILL_SUFFIX))
                        .toList()) {
                    Files.deleteIfExists(leftover);
                }
            }
        } catch (IOException e) {
            throw EventFile.failed(directory, e);
        }
    }

    /** Adds the next change. True when its row is too large and was kept without its large values. */
    public boolean add(RowEvent event) {
        boolean oversized = event.row().encoded().length > rowLimitBytes;
        RowEvent kept = oversized ? withoutLargeValues(event) : event;
        if (file != null) {
            file.write(kept);
            return oversized;
        }
        events.add(kept);
        sizeBytes += kept.sizeBytes();
        if (sizeBytes > memoryLimitBytes) {
            spill();
        }
        return oversized;
    }

    /** Says that what is to be made of the transaction may be large even if its changes are few. */
    public void expectMuch() {
        if (file == null) {
            spill();
        }
    }

    private void spill() {
        EventFile spilled = EventFile.create(directory, SPILL_SUFFIX);
        events.forEach(spilled::write);
        file = spilled;
        events = new ArrayList<>();
    }

    private static RowEvent withoutLargeValues(RowEvent event) {
        return new RowEvent(
                event.kind(),
                event.table(),
                event.oldIsWhole() ? keyOnly(event.old()) : event.old(),
                event.oldIsWhole(),
                keyOnly(event.row()),
                true);
    }

    /** Keeps every value short enough to be part of an index, as those of keys and references are. */
    private static Tuple keyOnly(Tuple row) {
        int longestInAnIndexBytes = 8 << 10;
        Tuple.Builder builder = new Tuple.Builder(256);
        for (int column = 0; column < row.columnCount(); column++) {
            if (row.valueLength(column) > longestInAnIndexBytes) {
                builder.addNull();
            } else {
                builder.addColumn(row, column);
            }
        }
        return builder.build();
    }

    /** Whether nothing was added since the last transaction was completed. */
    public boolean isEmpty() {
        return events.isEmpty() && file == null;
    }

    /** The transaction is committed; the buffer is empty for the next one. */
    public Transaction complete(Commit commit) {
        EventFile spilled = file;
        List<RowEvent> gathered = events;
        reset();
        if (spilled != null) {
            spilled.finish();
            return new SpilledTransaction(commit, spilled);
        }
        return new HeldTransaction(commit, gathered);
    }

    private void reset() {
        file = null;
        events = new ArrayList<>();
        sizeBytes = 0;
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
        reset();
    }

    private record HeldTransaction(Commit commit, List<RowEvent> events) implements Transaction {
        @Override
        public long size() {
            return events.size();
        }

        @Override
        public boolean isSpilled() {
            return false;
        }

        @Override
        public void forEach(Visitor visitor) {
            for (int i = 0; i < events.size(); i++) {
                visitor.accept(events.get(i), i);
            }
        }

        @Override
        public void close() {
            // nothing but memory
        }
    }

    private record SpilledTransaction(Commit commit, EventFile file) implements Transaction {
        @Override
        public long size() {
            return file.count();
        }

        @Override
        public boolean isSpilled() {
            return true;
        }

        @Override
        public void forEach(Visitor visitor) {
            file.forEach(visitor);
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
