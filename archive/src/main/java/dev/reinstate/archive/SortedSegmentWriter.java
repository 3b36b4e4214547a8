package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.DataObjectWriter;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.archive.sort.RecordSorter;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gathers a segment in a sorter and writes it as one object. */
final class SortedSegmentWriter implements SegmentWriter {
    private final StoredArchiveWriter archive;
    private final RecordSorter sorter;
    private final Tokens tokens;
    private final SchemaTable schemas = new SchemaTable();
    private final CommitTable commits = new CommitTable();
    private final BitSet announced = new BitSet();
    private final SortedMap<Integer, Directory.Truncation> truncations = new TreeMap<>();
    private final RawRecord record = new RawRecord();
    private @Nullable Commit lastCommit;
    private int lastCommitIndex;
    private @Nullable Entry written;
    private long writtenAfterErasures;

    SortedSegmentWriter(StoredArchiveWriter archive) {
        this.archive = archive;
        this.sorter = new RecordSorter(
                archive.settings().temporaryDirectory(), archive.settings().memoryBudgetBytes());
        this.tokens = archive.newTokens();
    }

    @Override
    public void add(Change change) {
        requireOpen();
        Operation operation = change.operation();
        int expected = operation.leavesRow() && operation != Operation.OVERSIZED
                ? change.table().columns().size()
                : 0;
        if (change.tuple().columnCount() != expected) {
            throw ReinstateException.bug(
                    "A change of " + change.table().name(),
                    operation + " has " + change.tuple().columnCount() + " columns, not " + expected);
        }
        if (operation == Operation.TRUNCATE) {
            noteTruncation(change);
        }
        record.token(tokens.of(change.partition()));
        record.partition = change.partition();
        record.oid = change.table().oid();
        record.key(change.key().encoded());
        record.lsn = change.commit().commitLsn().value();
        record.ordinal = change.ordinal();
        record.schema = schemas.numberOf(change.table());
        record.commit = indexOf(change.commit());
        record.operation = (byte) operation.code();
        record.tuple(change.tuple().encoded());
        sorter.add(record);
    }

    private void noteTruncation(Change change) {
        if (!(change.partition() instanceof Partition.StoreEvents)) {
            throw ReinstateException.bug("A TRUNCATE of " + change.table().name(), "it is not a store event");
        }
        Directory.Truncation truncation = new Directory.Truncation(
                change.table().oid(), change.commit().commitLsn().value(), change.ordinal());
        truncations.merge(
                truncation.oid(),
                truncation,
                (known, added) -> known.isAfter(added.lsn(), added.ordinal()) ? known : added);
    }

    @Override
    public void addCommit(Commit commit) {
        requireOpen();
        announced.set(indexOf(commit));
    }

    @SuppressWarnings("ReferenceEquality") // only a short cut
    private int indexOf(Commit commit) {
        if (commit == lastCommit) {
            return lastCommitIndex;
        }
        long lsn = commit.commitLsn().value();
        int index = commits.size() - 1;
        if (index < 0 || Long.compareUnsigned(commits.end(index), lsn) <= 0) {
            index = commits.add(commit);
        } else {
            index = commits.find(lsn);
            if (index < 0 || commits.end(index) != commit.endLsn().value()) {
                throw ReinstateException.bug(
                        "The transaction at " + commit.commitLsn(), "it comes after a later one (INV-5)");
            }
        }
        lastCommit = commit;
        lastCommitIndex = index;
        return index;
    }

    @Override
    public long sizeBytes() {
        return sorter.sizeBytes();
    }

    @Override
    public long changes() {
        return sorter.records();
    }

    @Override
    public boolean isEmpty() {
        return commits.size() == 0;
    }

    @Override
    public void publish(Lsn to) {
        if (isEmpty()) {
            archive.publishPosition(to, archive.settings().clock().instant());
            return;
        }
        if (written == null) {
            archive.log().settle();
            archive.requireContinuous();
            requireAddsUp(archive.log().history().durableTo(), to);
            written = write(archive.log().history().durableTo(), to);
        }
        archive.log().append(written, history -> rewritten(history, to));
    }

    /**
     * Blocks of a tenant that was erased meanwhile are under a key that is gone: they are written under the next. What was
     * given up meanwhile is written under another name.
     */
    private Entry rewritten(History history, Lsn to) {
        if (written == null
                || writtenAfterErasures != archive.log().history().executedErasures()
                || archive.log().chain().namesAbandoned(written)) {
            archive.deleteErasedKeys(history);
            written = write(archive.log().history().durableTo(), to);
        }
        return written;
    }

    private void requireAddsUp(Lsn from, Lsn to) {
        int last = commits.size() - 1;
        if (announced.cardinality() != commits.size()) {
            throw ReinstateException.bug("A segment", "it has changes of a transaction that was not added (INV-6)");
        }
        if (Long.compareUnsigned(commits.lsn(0), from.value()) < 0
                || Long.compareUnsigned(commits.end(last), to.value()) > 0) {
            throw ReinstateException.bug(
                    "A segment from " + from + " to " + to,
                    "its transactions reach from " + new Lsn(commits.lsn(0)) + " to " + new Lsn(commits.end(last))
                            + " (INV-5)");
        }
    }

    private Entry.Segment write(Lsn from, Lsn to) {
        writtenAfterErasures = archive.log().history().executedErasures();
        String key = Keys.segment(from, to, archive.random());
        try (ObjectSink sink = new ObjectSink(archive.objects(), key);
                RecordStream records = sorter.sorted()) {
            DataObjectWriter writer = new DataObjectWriter(
                    sink,
                    ObjectKind.SEGMENT,
                    archive.newObjectId(),
                    schemas,
                    commits,
                    List.copyOf(truncations.values()),
                    archive.packing());
            while (records.next()) {
                writer.add(records.record());
            }
            StoredObject object = sink.publish(writer.finish());
            return new Entry.Segment(from, to, object, sorter.records(), commitSummary());
        }
    }

    private Entry.Commits commitSummary() {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = 0; i < commits.size(); i++) {
            min = Math.min(min, commits.micros(i));
            max = Math.max(max, commits.micros(i));
        }
        Instant minTime = CommitTable.timeOf(min);
        return new Entry.Commits(
                commits.size(),
                new Lsn(commits.lsn(0)),
                new Lsn(commits.lsn(commits.size() - 1)),
                minTime,
                CommitTable.timeOf(max));
    }

    private void requireOpen() {
        if (written != null) {
            throw ReinstateException.bug("A segment", "it is written already");
        }
    }

    @Override
    public void close() {
        sorter.close();
    }
}
