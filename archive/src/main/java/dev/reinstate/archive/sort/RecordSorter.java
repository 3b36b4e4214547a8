package dev.reinstate.archive.sort;

import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sorts records by (token, table, key, commit LSN, ordinal) in bounded memory: the budget, or the largest record if that
 * is more. May sort and write one half of them while the other is filled. Not thread-safe.
 */
public final class RecordSorter implements AutoCloseable {
    private static final int MAX_CHUNK_BYTES = 1 << 20;
    private static final int FAN_IN = 64;
    private static final int LARGE_PARTS = 4;

    private final Path directory;
    private final long arenaBytes;
    private final Optional<Spilling> spilling;
    private Arena arena;
    private final List<List<RunFile>> runsByLevel = new ArrayList<>();
    private long records;
    private long sizeBytes;

    /**
     * @param temporaryDirectory where files go when memory does not suffice
     */
    public RecordSorter(Path temporaryDirectory, long memoryBudgetBytes) {
        this(temporaryDirectory, memoryBudgetBytes, Optional.empty());
    }

    private RecordSorter(Path temporaryDirectory, long arenaBytes, Optional<Spilling> spilling) {
        this.directory = temporaryDirectory;
        this.arenaBytes = arenaBytes;
        this.spilling = spilling;
        this.arena = newArena();
    }

    /** One whose files are written on a thread of its own, while it takes more. */
    public static RecordSorter spillingBeside(Path temporaryDirectory, long memoryBudgetBytes) {
        return new RecordSorter(temporaryDirectory, memoryBudgetBytes / 2, Optional.of(new Spilling()));
    }

    private Arena newArena() {
        return new Arena((int) Math.min(MAX_CHUNK_BYTES, arenaBytes / 16));
    }

    /** Copies the record in. */
    public void add(RawRecord record) {
        if (arena.size() > 0 && arena.memoryBytesWith(record) > arenaBytes) {
            spill();
        }
        arena.add(record);
        if (record.tupleLength > arenaBytes / LARGE_PARTS) {
            spill(); // a row of 64 MB is not kept until the next one comes
            spilling.ifPresent(Spilling::await);
        }
        records++;
        sizeBytes += 16L + record.keyLength + record.tupleLength;
    }

    public long records() {
        return records;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** The records in order; may be asked for again after the last stream was closed. Nothing may be added meanwhile. */
    public RecordStream sorted() {
        spilling.ifPresent(Spilling::await);
        if (runsByLevel.isEmpty()) {
            arena.sort();
            return new ArenaStream(arena);
        }
        if (arena.size() > 0) {
            spill(arena); // the rest as well: whoever reads the rows needs the memory
        }
        arena.release();
        spilling.ifPresent(Spilling::release);
        List<RunFile> runs = runsByLevel.stream().flatMap(List::stream).toList();
        try {
            return MergedStream.open(runs);
        } catch (IOException e) {
            throw failure("Reading a temporary file", e);
        }
    }

    private void spill() {
        if (spilling.isPresent()) {
            Arena full = arena;
            arena = spilling.get().begin(() -> spill(full), full).orElseGet(this::newArena);
        } else {
            spill(arena);
        }
    }

    private void spill(Arena full) {
        full.sort();
        try (RecordStream stream = new ArenaStream(full)) {
            addRun(0, write(stream));
        }
        full.clear();
    }

    private void addRun(int level, RunFile run) {
        while (runsByLevel.size() <= level) {
            runsByLevel.add(new ArrayList<>());
        }
        List<RunFile> runs = runsByLevel.get(level);
        runs.add(run);
        if (runs.size() == FAN_IN) {
            mergeLevel(level, runs);
        }
    }

    private void mergeLevel(int level, List<RunFile> runs) {
        try {
            RunFile merged;
            try (RecordStream stream = MergedStream.open(runs)) {
                merged = write(stream);
            }
            for (RunFile run : runs) {
                run.close();
            }
            runs.clear();
            addRun(level + 1, merged);
        } catch (IOException e) {
            throw failure("Merging temporary files", e);
        }
    }

    private RunFile write(RecordStream stream) {
        try {
            RunFile file = RunFile.create(directory);
            try (RunWriter writer = new RunWriter(file)) {
                while (stream.next()) {
                    writer.write(stream.record());
                }
                writer.finish();
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
            return file;
        } catch (IOException e) {
            throw failure("Writing a temporary file in " + directory, e);
        }
    }

    /** Forgets all records and keeps the memory for others. */
    public void reset() {
        spilling.ifPresent(Spilling::abandon);
        arena.clear();
        records = 0;
        sizeBytes = 0;
        try {
            for (List<RunFile> runs : runsByLevel) {
                for (RunFile run : runs) {
                    run.close();
                }
            }
            runsByLevel.clear();
        } catch (IOException e) {
            throw failure("Removing temporary files", e);
        }
    }

    @Override
    public void close() {
        reset();
        spilling.ifPresent(Spilling::close);
    }

    static ReinstateException failure(String what, IOException cause) {
        return ReinstateException.unavailable(
                what,
                String.valueOf(cause.getMessage()),
                "look at the free space of the temporary directory, then try again",
                cause);
    }

    private static final class ArenaStream implements RecordStream {
        private final Arena arena;
        private final RawRecord record = new RawRecord();
        private int place;

        private ArenaStream(Arena arena) {
            this.arena = arena;
        }

        @Override
        public boolean next() {
            if (place == arena.size()) {
                return false;
            }
            arena.read(place++, record);
            return true;
        }

        @Override
        public RawRecord record() {
            return record;
        }

        @Override
        public void close() {
            place = arena.size();
        }
    }
}
