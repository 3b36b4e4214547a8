package dev.reinstate.archive;

import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.sort.RecordSorter;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Rows through the record sorter; equal keys keep the order they were added in. */
final class SpillingRowSorter implements RowSorter {
    private final RecordSorter sorter;
    private final SchemaTable schemas = new SchemaTable();
    private final RawRecord record = new RawRecord();
    private @Nullable Rows rows;

    SpillingRowSorter(ArchiveSettings settings) {
        sorter = new RecordSorter(settings.temporaryDirectory(), settings.memoryBudgetBytes());
        record.commit = RawRecord.NO_COMMIT;
    }

    @Override
    public void add(FoldedRow row) {
        if (rows != null) {
            throw new IllegalStateException("rows are being read already");
        }
        record.oid = row.table().oid();
        record.key(row.key().encoded());
        record.schema = schemas.numberOf(row.table());
        record.tuple(row.tuple().encoded());
        record.ordinal = sorter.records();
        sorter.add(record);
        record.dropTuple();
    }

    @Override
    public ArchiveReader.RowStream sorted() {
        if (rows != null) {
            throw new IllegalStateException("rows are being read already");
        }
        rows = new Rows(sorter.sorted());
        return rows;
    }

    @Override
    public void close() {
        if (rows != null) {
            rows.close();
        }
        sorter.close();
    }

    private final class Rows implements ArchiveReader.RowStream {
        private final RecordStream records;
        private boolean isAtNext;

        private Rows(RecordStream records) {
            this.records = records;
        }

        @Override
        public boolean hasNext() {
            isAtNext = isAtNext || records.next();
            return isAtNext;
        }

        @Override
        public FoldedRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException("no more rows");
            }
            RawRecord current = records.record();
            TableSchema table = schemas.get(current.schema);
            Tuple tuple = Tuple.ofEncoded(current.ownTuple(), table.columns().size());
            isAtNext = false;
            return new FoldedRow(table, RowKey.ofEncoded(current.copyOfKey()), tuple);
        }

        @Override
        public void close() {
            isAtNext = false;
            records.close();
        }
    }
}
