package dev.reinstate.archive;

import dev.reinstate.archive.format.ByteSink;
import dev.reinstate.archive.format.ByteSource;
import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.sort.RecordSorter;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Change;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A partition's changes in the order they happened: segments follow one another in that order already, within each the
 * changes are sorted again, by (commit LSN, ordinal), with the row's key carried along in front of the tuple.
 */
final class PartitionChanges implements ArchiveReader.ChangeStream {
    private static final byte[] NO_KEY = new byte[0];
    private static final int CARRIED_BYTES = 256;
    private static final int LARGE_BYTES = 1 << 20;

    private final Snapshot snapshot;
    private final Partition partition;
    private final Lsn after;
    private final Lsn upTo;
    private final Iterator<Entry.Segment> segments;
    private final ReadAhead<Entry.Segment, ObjectReader.Piece> pieces;
    /** What comes before the next of the segments, in place of a damaged one. */
    private final Deque<Entry.Segment> instead = new ArrayDeque<>();

    private final RecordSorter sorter;
    private ByteSink carried = new ByteSink(CARRIED_BYTES);
    private CommitTable commits = new CommitTable();
    private @Nullable ObjectTail tail;
    private @Nullable RecordStream current;
    private @Nullable Change next;

    PartitionChanges(Snapshot snapshot, ArchiveSettings settings, Partition partition, Lsn after, Lsn upTo) {
        this.snapshot = snapshot;
        this.partition = partition;
        this.after = after;
        this.upTo = upTo;
        this.sorter = new RecordSorter(settings.temporaryDirectory(), settings.memoryBudgetBytes());
        List<Entry.Segment> found = snapshot.segments(new Lsn(after.value() + 1), upTo);
        this.segments = found.iterator();
        this.pieces = snapshot.objects().pieces(found, snapshot.token(partition), partition);
    }

    @Override
    public boolean hasNext() {
        while (next == null) {
            if (current != null && current.next()) {
                next = change(current.record());
            } else if (!nextSegment()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Change next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("no more changes");
        }
        Change change = next;
        next = null;
        return change;
    }

    private boolean nextSegment() {
        closeCurrent();
        if (instead.isEmpty() && !segments.hasNext()) {
            return false;
        }
        boolean isAhead = instead.isEmpty();
        Entry.Segment segment = isAhead ? segments.next() : instead.remove();
        try {
            open(isAhead ? pieces.next() : snapshot.objects().piece(segment, snapshot.token(partition), partition));
        } catch (ReinstateException e) {
            closeCurrent();
            snapshot.sources().insteadOf(segment, e).reversed().forEach(instead::addFirst);
            return nextSegment();
        }
        return true;
    }

    private void open(ObjectReader.Piece piece) {
        commits = new CommitTable();
        try (PartitionRecords records = piece.records()) {
            while (records.next()) {
                collect(records);
            }
        }
        tail = piece.tail();
        current = sorter.sorted();
    }

    private void collect(PartitionRecords records) {
        RawRecord record = records.record();
        Lsn lsn = new Lsn(record.lsn);
        if (!lsn.isAfter(after) || lsn.isAfter(upTo)) {
            return;
        }
        carried.reset();
        carried.u32(record.keyLength).raw(record.keyBytes, record.keyOffset, record.keyLength);
        carried.raw(record.tupleBytes, record.tupleOffset, record.tupleLength);
        record.commit = numberOf(records.commits(), record.commit);
        record.oid = 0;
        record.key(NO_KEY);
        record.tupleBytes = carried.array();
        record.tupleOffset = 0;
        record.tupleLength = carried.size();
        sorter.add(record);
        if (carried.size() > LARGE_BYTES) {
            carried = new ByteSink(CARRIED_BYTES); // a large row is held once, by the sorter
        }
    }

    /** Commits are numbered in this stream as they are met; neighbours are mostly of one. */
    private int numberOf(CommitTable blockCommits, int index) {
        int last = commits.size() - 1;
        return last >= 0 && commits.lsn(last) == blockCommits.lsn(index) ? last : commits.add(blockCommits, index);
    }

    private Change change(RawRecord record) {
        if (tail == null) {
            throw new IllegalStateException("no segment");
        }
        TableSchema table = tail.schemas().get(record.schema);
        ByteSource source = new ByteSource(record.tupleBytes, record.tupleOffset, record.tupleLength);
        byte[] key = source.raw(source.u32());
        byte[] tuple = source.raw(source.remaining());
        return new Change(
                partition,
                table,
                Operation.ofCode(record.operation),
                key.length == 0 ? RowKey.EMPTY : RowKey.ofEncoded(key),
                tuple.length == 0
                        ? Tuple.EMPTY
                        : Tuple.ofEncoded(tuple, table.columns().size()),
                commits.commit(record.commit),
                record.ordinal);
    }

    private void closeCurrent() {
        if (current != null) {
            current.close();
            current = null;
        }
        sorter.reset();
    }

    @Override
    public void close() {
        closeCurrent();
        pieces.close();
        sorter.close();
    }
}
