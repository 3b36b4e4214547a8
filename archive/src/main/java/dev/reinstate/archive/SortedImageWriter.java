package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.DataObjectWriter;
import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.Packing;
import dev.reinstate.archive.format.PackingThreads;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.HistoryBuilder;
import dev.reinstate.archive.sort.RecordSorter;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Gathers an image, of the store or of some tables, in a sorter and writes it as parts of about 256 MB. */
final class SortedImageWriter implements ImageWriter {
    private static final long PART_BYTES = 256L << 20;

    /** Two to five times as fast as level 3; what is made of it later, a synthetic image, is smaller again. */
    private static final int ZSTD_LEVEL = 1;

    private final StoredArchiveWriter archive;
    /** By oid; empty for an image of the whole store. */
    private final Map<Integer, Entry.Reimaged> tables;

    private final RecordSorter sorter;
    private final Tokens tokens;
    private final SchemaTable schemas = new SchemaTable();
    private final RawRecord record = new RawRecord();
    private @Nullable Entry written;
    private long writtenAfterErasures;

    private SortedImageWriter(StoredArchiveWriter archive, Map<Integer, Entry.Reimaged> tables) {
        this.archive = archive;
        this.tables = tables;
        this.sorter = RecordSorter.spillingBeside(
                archive.settings().temporaryDirectory(), archive.settings().memoryBudgetBytes());
        this.tokens = archive.newTokens();
        record.commit = RawRecord.NO_COMMIT;
        record.operation = (byte) Operation.INSERT.code();
    }

    static SortedImageWriter ofStore(StoredArchiveWriter archive) {
        return new SortedImageWriter(archive, Map.of());
    }

    static SortedImageWriter ofTables(StoredArchiveWriter archive, List<ReimagedTable> tables) {
        Map<Integer, Entry.Reimaged> byOid = new LinkedHashMap<>();
        for (ReimagedTable table : tables) {
            Entry.Reimaged reimaged =
                    new Entry.Reimaged(table.oid(), table.table(), table.uncertainFrom(), table.reason());
            if (byOid.put(table.oid(), reimaged) != null) {
                throw ReinstateException.bug("A table image", table.table() + " is named twice (INV-18)");
            }
        }
        if (byOid.isEmpty()) {
            throw ReinstateException.bug("A table image", "it is of no table (INV-18)");
        }
        return new SortedImageWriter(archive, byOid);
    }

    @Override
    public void add(Partition partition, TableSchema table, RowKey key, Tuple row) {
        if (written != null) {
            throw ReinstateException.bug("An image", "it is written already");
        }
        if (row.columnCount() != table.columns().size() || row.hasUnchanged()) {
            throw ReinstateException.bug("A row of " + table.name(), "it is not complete (INV-10)");
        }
        if (!tables.isEmpty() && !tables.containsKey(table.oid())) {
            throw ReinstateException.bug("A row of " + table.name(), "its table image is of other tables (INV-19)");
        }
        record.token(tokens.of(partition));
        record.partition = partition;
        record.oid = table.oid();
        record.key(key.encoded());
        record.schema = schemas.numberOf(table);
        record.tuple(row.encoded());
        sorter.add(record);
    }

    @Override
    public long rows() {
        return sorter.records();
    }

    @Override
    public void publish(Lsn position, Instant time) {
        if (written == null) {
            archive.log().settle();
            written = write(position, time);
        }
        archive.log().append(written, history -> rewritten(history, position, time));
    }

    private Entry write(Lsn position, Instant time) {
        writtenAfterErasures = archive.log().history().executedErasures();
        return tables.isEmpty() ? imageOfStore(position, time) : imageOfTables(position, time);
    }

    /**
     * Blocks of a tenant that was erased meanwhile are under a key that is gone: they are written under the next. What was
     * given up meanwhile is written under another name.
     */
    private Entry rewritten(History history, Lsn position, Instant time) {
        if (written == null
                || writtenAfterErasures != archive.log().history().executedErasures()
                || archive.log().chain().namesAbandoned(written)) {
            archive.deleteErasedKeys(history);
            written = write(position, time);
        }
        return written;
    }

    private Entry imageOfStore(Lsn position, Instant time) {
        HistoryBuilder history = archive.log().history();
        if (!history.isContinuous() && position.isBefore(history.durableTo())) {
            throw ReinstateException.conflict(
                    "An image at " + position,
                    "history is durable to " + history.durableTo() + " already (INV-13)",
                    "take a newer image");
        }
        String random = archive.random();
        List<Entry.Part> parts = writeParts(position, part -> Keys.imagePart(position, random, part));
        return new Entry.Image(position, time, rowsOf(parts), parts, Optional.empty());
    }

    private Entry imageOfTables(Lsn position, Instant time) {
        requireFits(position);
        String random = archive.random();
        List<Entry.Part> parts = writeParts(position, part -> Keys.tableImagePart(position, random, part));
        return new Entry.TableImage(
                position,
                time,
                archive.log().history().durableTo(),
                rowsOf(parts),
                List.copyOf(tables.values()),
                parts);
    }

    private static long rowsOf(List<Entry.Part> parts) {
        return parts.stream().mapToLong(Entry.Part::rows).sum();
    }

    private void requireFits(Lsn position) {
        archive.requireContinuous();
        HistoryBuilder history = archive.log().history();
        if (position.isBefore(history.rangeFrom())) {
            throw ReinstateException.conflict(
                    "A table image at " + position,
                    "history without a gap begins only at " + history.rangeFrom() + " (INV-18)",
                    "take a newer one");
        }
        if (position.isAfter(history.durableTo())) {
            throw ReinstateException.bug(
                    "A table image at " + position, "history is durable only to " + history.durableTo() + " (INV-18)");
        }
        for (Entry.Reimaged table : tables.values()) {
            if (table.uncertainFrom().isAfter(position)) {
                throw ReinstateException.bug(
                        "A table image of " + table.table() + " at " + position,
                        "it says that rows are uncertain from " + table.uncertainFrom() + " on (INV-18)");
            }
        }
    }

    /**
     * Whose erasure reached at least to the position: the image's rows of them are of before it, and would come back with
     * the image.
     */
    private Set<Token> erased(Lsn position) {
        return archive.log().history().build().erasures().stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED
                        && !erasure.durableTo().isBefore(position))
                .map(Entry.Erasure::tenant)
                .collect(Collectors.toSet());
    }

    private static boolean nextKept(RecordStream records, Set<Token> erased) {
        boolean more = records.next();
        while (more && !erased.isEmpty() && erased.contains(records.record().token())) {
            more = records.next();
        }
        return more;
    }

    private List<Entry.Part> writeParts(Lsn position, IntFunction<String> keys) {
        Set<Token> erased = erased(position);
        List<Entry.Part> parts = new ArrayList<>();
        try (RecordStream records = sorter.sorted();
                PackingThreads threads = new PackingThreads(ZSTD_LEVEL)) {
            boolean more = nextKept(records, erased);
            while (more) {
                try (ObjectSink sink = new ObjectSink(archive.objects(), keys.apply(parts.size() + 1))) {
                    DataObjectWriter writer = newWriter(sink, threads);
                    do {
                        writer.add(records.record());
                        more = nextKept(records, erased);
                    } while (more && writer.sizeBytes() < PART_BYTES);
                    DataObjectWriter.Summary summary = writer.finish();
                    parts.add(new Entry.Part(
                            sink.publish(summary), summary.records(), summary.firstToken(), summary.lastToken()));
                }
            }
        }
        return parts;
    }

    private DataObjectWriter newWriter(ObjectSink sink, PackingThreads threads) {
        return new DataObjectWriter(
                sink,
                ObjectKind.IMAGE_PART,
                archive.newObjectId(),
                schemas,
                new CommitTable(),
                List.of(),
                new Packing(archive.packing().compression(), archive.packing().keys(), threads));
    }

    @Override
    public void close() {
        sorter.close();
    }
}
