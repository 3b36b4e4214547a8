package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.DirectoryBuilder;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectHeader;
import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.OrderCheck;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntPredicate;

/** Checks one data object, every byte and every record: INV-3, 5 to 10, 16. */
final class ObjectCheck {
    private static final int WINDOW_BYTES = 4 << 20;

    private final ArchiveObjects objects;
    private final ObjectReader reader;
    private final TokenKey tokenKey;
    private final Findings findings;
    private final Set<Partition> partitions;
    private long records;

    /** @param partitions filled with the partitions met */
    ObjectCheck(
            ArchiveObjects objects,
            ObjectReader reader,
            TokenKey tokenKey,
            Findings findings,
            Set<Partition> partitions) {
        this.objects = objects;
        this.reader = reader;
        this.tokenKey = tokenKey;
        this.findings = findings;
        this.partitions = partitions;
    }

    long records() {
        return records;
    }

    /** @param tables by oid, those the part may hold rows of (INV-19) */
    void checkPart(Entry.Part part, IntPredicate tables, CheckReport.Moments moments) {
        check(part.object(), moments, () -> {
            ObjectTail tail = reader.tail(part);
            checkHeader(part.object(), ObjectKind.IMAGE_PART);
            CommitTable timeline = timeline(part.object(), tail);
            require(timeline.size() == 0, "INV-6", "an image has commits");
            require(part.rows() == tail.records(), "INV-3", "its manifest counts other rows");
            for (int i = 0; i < tail.schemas().size(); i++) {
                boolean isNamed = tables.test(tail.schemas().get(i).oid());
                require(isNamed, "INV-19", "it has rows of a table that its manifest does not name");
            }
            checkContent(part.object(), tail, timeline, moments);
        });
    }

    void checkSegment(Entry.Segment segment, CheckReport.Moments moments) {
        check(segment.object(), moments, () -> {
            ObjectTail tail = reader.tail(segment);
            checkHeader(segment.object(), ObjectKind.SEGMENT);
            CommitTable timeline = timeline(segment.object(), tail);
            checkTimeline(segment, timeline);
            require(segment.changes() == tail.records(), "INV-3", "its manifest counts other changes");
            checkContent(segment.object(), tail, timeline, moments);
        });
    }

    private void check(StoredObject object, CheckReport.Moments moments, Runnable content) {
        int before = findings.size();
        try {
            OptionalLong size = objects.size(object.key());
            if (size.isEmpty()) {
                throw Damage.of("INV-3", "Object " + object.key(), "it is named by a manifest but is not there");
            }
            require(size.getAsLong() == object.sizeBytes(), "INV-3", "it has not the size its manifest says");
            content.run();
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            findings.damage(object.key(), e, List.of(), moments);
        }
        if (findings.size() == before) {
            checkDigest(object, moments);
        }
    }

    private void checkDigest(StoredObject object, CheckReport.Moments moments) {
        MessageDigest digest = Checksum.newSha256();
        for (long at = 0; at < object.sizeBytes(); at += WINDOW_BYTES) {
            digest.update(objects.getRange(object.key(), at, Math.min(WINDOW_BYTES, object.sizeBytes() - at)));
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(object.sha256())) {
            ReinstateException e =
                    Damage.of("INV-3", "Object " + object.key(), "its SHA-256 is not the one its manifest says");
            findings.damage(object.key(), e, List.of(), moments);
        }
    }

    private void checkHeader(StoredObject object, ObjectKind kind) {
        ObjectHeader.require(
                objects.getRange(object.key(), 0, ObjectHeader.BYTES), kind, object.id(), reader.isEncrypted());
    }

    private CommitTable timeline(StoredObject object, ObjectTail tail) {
        byte[] stored = objects.getRange(object.key(), tail.timelineOffset(), tail.timelineLength());
        return ObjectReader.naming(object, () -> tail.timeline(stored));
    }

    private static void checkTimeline(Entry.Segment segment, CommitTable timeline) {
        Entry.Commits said = segment.commits();
        require(timeline.size() == said.count() && timeline.size() > 0, "INV-5", "its manifest counts other commits");
        long previousEnd = segment.from().value();
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = 0; i < timeline.size(); i++) {
            boolean ascends = Long.compareUnsigned(timeline.lsn(i), previousEnd) >= 0
                    && Long.compareUnsigned(timeline.end(i), timeline.lsn(i)) > 0;
            require(ascends, "INV-5", "its commits do not follow one another");
            previousEnd = timeline.end(i);
            min = Math.min(min, timeline.micros(i));
            max = Math.max(max, timeline.micros(i));
        }
        boolean agrees = Long.compareUnsigned(previousEnd, segment.to().value()) <= 0
                && new Lsn(timeline.lsn(0)).equals(said.first())
                && new Lsn(timeline.lsn(timeline.size() - 1)).equals(said.last())
                && CommitTable.timeOf(min).equals(said.minTime())
                && CommitTable.timeOf(max).equals(said.maxTime());
        require(agrees, "INV-5", "its manifest names other commits");
    }

    private void checkContent(StoredObject object, ObjectTail tail, CommitTable timeline, CheckReport.Moments moments) {
        require(tail.blocks() == object.blocks(), "INV-3", "its manifest counts other blocks");
        byte[] stored = objects.getRange(object.key(), tail.directoryOffset(), tail.directoryLength());
        Directory directory = ObjectReader.naming(object, () -> tail.directory(stored));
        IndexSection index = tail.index();
        require(index.size() == directory.entries().size(), "INV-16", "its directory and index differ");
        checkLayout(tail, index);
        DirectoryBuilder recount = new DirectoryBuilder(directory.truncations());
        OrderCheck order = new OrderCheck();
        long recordsBefore = records;
        boolean whole = true;
        for (int i = 0; i < index.size(); i++) {
            Partition partition = directory.entries().get(i).partition();
            partitions.add(partition);
            try {
                whole &= checkPartition(object, tail, index.get(i), partition, new Pass(timeline, recount, order));
            } catch (ReinstateException e) {
                ChainCheck.requireDamage(e);
                whole = false;
                findings.damage(object.key(), e, Findings.name(partition), moments);
            }
        }
        if (whole) {
            require(records - recordsBefore == tail.records(), "INV-3", "its footer counts other records");
            var counted = recount.finish();
            byte[] raw = tail.rawDirectory(stored);
            if (!Arrays.equals(counted.array(), 0, counted.size(), raw, 0, raw.length)) {
                findings.note(
                        CheckReport.Severity.REPAIRABLE, "INV-16", object.key(), "its directory miscounts its records");
            }
        }
    }

    private static void checkLayout(ObjectTail tail, IndexSection index) {
        long offset = ObjectHeader.BYTES;
        int block = 0;
        for (int i = 0; i < index.size(); i++) {
            IndexSection.Entry entry = index.get(i);
            require(
                    entry.offset() == offset && entry.firstBlock() == block,
                    "INV-8",
                    "its runs of blocks do not follow one another");
            offset += entry.length();
            block += entry.blockCount();
        }
        require(
                offset == tail.timelineOffset() && block == tail.blocks(),
                "INV-8",
                "its index does not name all of its blocks");
    }

    /** What goes along with the records of an object. */
    private record Pass(CommitTable timeline, DirectoryBuilder recount, OrderCheck order) {}

    /** False if its key was destroyed on purpose. */
    private boolean checkPartition(
            StoredObject object, ObjectTail tail, IndexSection.Entry entry, Partition partition, Pass pass) {
        Token token = tokenKey.tokenOf(partition);
        require(token.equals(entry.token()), "INV-8", "a partition's token is not its own");
        try (PartitionRecords content = reader.records(object, tail, entry, partition)) {
            while (content.next()) {
                RawRecord record = content.record();
                records++;
                require(pass.order.accepts(record), "INV-7", "its records are out of order");
                checkRecord(record, content, pass.timeline);
                pass.recount.add(record, content.commits());
            }
            if (content.isErased()) {
                return false;
            }
        }
        pass.recount.endPartition(token, partition);
        return true;
    }

    private static void checkRecord(RawRecord record, PartitionRecords content, CommitTable timeline) {
        boolean inImage = timeline.size() == 0;
        require(inImage == (record.commit == RawRecord.NO_COMMIT), "INV-6", "a record names a commit or should");
        if (!inImage) {
            int place = timeline.find(record.lsn);
            require(
                    place >= 0
                            && timeline.commit(place).equals(content.commits().commit(record.commit)),
                    "INV-6",
                    "a record names a commit that is not in the timeline");
        }
        Operation operation = Operation.ofCode(record.operation);
        TableSchema schema = content.schema();
        boolean hasValues = operation.leavesRow() && operation != Operation.OVERSIZED;
        require(hasValues == (record.tupleLength > 0), "INV-9", "a record has values that it should not have");
        if (hasValues) {
            Tuple tuple = Tuple.ofEncoded(record.ownTuple(), schema.columns().size());
            boolean complete = (operation == Operation.UPDATE && !inImage) || !tuple.hasUnchanged();
            require(complete, "INV-10", "a row that must be complete is not");
        }
        boolean isRow = operation == Operation.INSERT || operation == Operation.OVERSIZED;
        require(!inImage || isRow, "INV-10", "an image has a change");
    }

    private static void require(boolean holds, String invariant, String why) {
        if (!holds) {
            throw Damage.of(invariant, "The object", why);
        }
    }
}
