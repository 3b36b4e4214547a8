package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.DataObjectWriter;
import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.manifest.Entry;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers an image in a sorter and writes it as parts of about 256 MB. */
final class SortedImageWriter implements ImageWriter {
    private static final long PART_BYTES = 256L << 20;

    private final StoredArchiveWriter archive;
    private final RecordSorter sorter;
    private final Tokens tokens;
    private final SchemaTable schemas = new SchemaTable();
    private final RawRecord record = new RawRecord();
    private @Nullable Entry written;

    SortedImageWriter(StoredArchiveWriter archive) {
        this.archive = archive;
        this.sorter = new RecordSorter(
                archive.settings().temporaryDirectory(), archive.settings().memoryBudgetBytes());
        this.tokens = archive.newTokens();
        record.commit = RawRecord.NO_COMMIT;
        record.operation = (byte) Operation.INSERT.code();
    }

    @Override
    public void add(Partition partition, TableSchema table, RowKey key, Tuple row) {
        if (written != null) {
            throw ReinstateException.bug("An image", "it is written already");
        }
        if (row.columnCount() != table.columns().size() || row.hasUnchanged()) {
            throw ReinstateException.bug("A row of " + table.name(), "it is not complete (INV-10)");
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
            requireFits(position);
            written = new Entry.Image(position, time, sorter.records(), writeParts(position));
        }
        archive.log().append(written);
    }

    private void requireFits(Lsn position) {
        ArchiveState state = archive.state();
        boolean inRange = archive.log().history().isContinuous();
        if (!inRange && position.isBefore(state.durableTo())) {
            throw ReinstateException.conflict(
                    "An image at " + position,
                    "history is durable to " + state.durableTo() + " already (INV-13)",
                    "take a newer image");
        }
    }

    private List<Entry.Part> writeParts(Lsn position) {
        List<Entry.Part> parts = new ArrayList<>();
        String random = archive.random();
        try (RecordStream records = sorter.sorted()) {
            boolean more = records.next();
            while (more) {
                String key = Keys.imagePart(position, random, parts.size() + 1);
                try (ObjectSink sink = new ObjectSink(archive.objects(), key)) {
                    DataObjectWriter writer = newWriter(sink);
                    do {
                        writer.add(records.record());
                        more = records.next();
                    } while (more && writer.sizeBytes() < PART_BYTES);
                    DataObjectWriter.Summary summary = writer.finish();
                    parts.add(new Entry.Part(
                            sink.publish(summary), summary.records(), summary.firstToken(), summary.lastToken()));
                }
            }
        }
        return parts;
    }

    private DataObjectWriter newWriter(ObjectSink sink) {
        return new DataObjectWriter(
                sink,
                ObjectKind.IMAGE_PART,
                archive.newObjectId(),
                schemas,
                new CommitTable(),
                List.of(),
                archive.compression());
    }

    @Override
    public void close() {
        sorter.close();
    }
}
