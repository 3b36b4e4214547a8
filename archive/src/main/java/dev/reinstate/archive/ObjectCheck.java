package dev.reinstate.archive;

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
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/**
 * Checks one data object, every byte and every record: INV-3, 5 to 10, 16. What readers do without (header, timeline,
 * directory) costs no moment when it is damaged; a partition's blocks cost that partition; all else everyone.
 */
final class ObjectCheck {
    private final ArchiveObjects objects;
    private final ObjectReader reader;
    private final TokenKey tokenKey;
    private final Findings findings;
    private final PartitionNames names;
    private long records;

    /** @param names learns whom the objects name */
    ObjectCheck(
            ArchiveObjects objects, ObjectReader reader, TokenKey tokenKey, Findings findings, PartitionNames names) {
        this.objects = objects;
        this.reader = reader;
        this.tokenKey = tokenKey;
        this.findings = findings;
        this.names = names;
    }

    long records() {
        return records;
    }

    /** @param tables by oid, those the part may hold rows of (INV-19) */
    void checkPart(Entry.Part part, IntPredicate tables, CheckReport.Moments moments) {
        Target target = new Target(part.object(), ObjectKind.IMAGE_PART, moments);
        check(target, () -> reader.tail(part), (tail, timeline) -> {
            timeline.ifPresent(commits -> require(commits.size() == 0, "INV-6", "an image has commits"));
            require(part.rows() == tail.records(), "INV-3", "its manifest counts other rows");
            for (int i = 0; i < tail.schemas().size(); i++) {
                boolean isNamed = tables.test(tail.schemas().get(i).oid());
                require(isNamed, "INV-19", "it has rows of a table that its manifest does not name");
            }
        });
    }

    void checkSegment(Entry.Segment segment, CheckReport.Moments moments) {
        Target target = new Target(segment.object(), ObjectKind.SEGMENT, moments);
        check(target, () -> reader.tail(segment), (tail, timeline) -> {
            timeline.ifPresent(commits -> checkTimeline(segment, commits));
            require(segment.changes() == tail.records(), "INV-3", "its manifest counts other changes");
        });
    }

    private record Target(StoredObject object, ObjectKind kind, CheckReport.Moments moments) {
        String key() {
            return object.key();
        }
    }

    /** What an object must be beside what its own bytes say. */
    private interface Rules {
        void require(ObjectTail tail, Optional<CommitTable> timeline);
    }

    private void check(Target target, Supplier<ObjectTail> tails, Rules rules) {
        int before = findings.size();
        OptionalLong size = objects.size(target.key());
        if (size.isEmpty()) {
            lose(target, Damage.of("INV-3", "Object " + target.key(), "it is named by a manifest but is not there"));
            return;
        }
        Optional<ObjectTail> tail = readable(target, tails);
        if (tail.isEmpty()) {
            return;
        }
        harmless(target, () -> {
            require(size.getAsLong() == target.object.sizeBytes(), "INV-3", "it has not the size its manifest says");
            checkHeader(target.object, target.kind);
            return true;
        });
        Optional<CommitTable> timeline = harmless(target, () -> timeline(target.object, tail.get()));
        try {
            rules.require(tail.get(), timeline);
            checkContent(target, tail.get(), timeline);
        } catch (ReinstateException e) {
            lose(target, e);
        }
        if (findings.size() == before) {
            checkDigest(target);
        }
    }

    private Optional<ObjectTail> readable(Target target, Supplier<ObjectTail> tails) {
        try {
            return Optional.of(tails.get());
        } catch (ReinstateException e) {
            lose(target, e);
            return Optional.empty();
        }
    }

    /** Damage for everyone. */
    private void lose(Target target, ReinstateException e) {
        ChainCheck.requireDamage(e);
        findings.damage(target.key(), e, List.of(), target.moments);
        findings.pieces().lose(target.key());
    }

    /** Damage of what no fold reads. */
    private <T> Optional<T> harmless(Target target, Supplier<T> read) {
        try {
            return Optional.of(read.get());
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            findings.damage(target.key(), e, List.of(), CheckReport.Moments.NONE);
            return Optional.empty();
        }
    }

    private void checkDigest(Target target) {
        StoredObject object = target.object;
        if (!objects.sha256(object.key(), object.sizeBytes()).equals(object.sha256())) {
            lose(target, Damage.of("INV-3", "Object " + object.key(), "its SHA-256 is not the one its manifest says"));
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

    private void checkContent(Target target, ObjectTail tail, Optional<CommitTable> timeline) {
        StoredObject object = target.object;
        require(tail.blocks() == object.blocks(), "INV-3", "its manifest counts other blocks");
        byte[] stored = objects.getRange(object.key(), tail.directoryOffset(), tail.directoryLength());
        Optional<Directory> directory =
                harmless(target, () -> ObjectReader.naming(object, () -> tail.directory(stored)));
        IndexSection index = tail.index();
        directory.ifPresent(read -> {
            names.learn(object.key(), read);
            require(index.size() == read.entries().size(), "INV-16", "its directory and index differ");
        });
        checkLayout(tail, index);
        DirectoryBuilder recount =
                new DirectoryBuilder(directory.map(Directory::truncations).orElse(List.of()));
        Pass pass = new Pass(target, tail, timeline, recount, new OrderCheck());
        long recordsBefore = records;
        boolean whole = true;
        for (int i = 0; i < index.size(); i++) {
            int number = i;
            Optional<Partition> partition = directory
                    .map(read -> read.entries().get(number).partition())
                    .or(() -> names.partition(index.get(number).token()));
            whole &= isPartitionSound(index.get(i), partition, pass);
        }
        if (whole && directory.isPresent()) {
            require(records - recordsBefore == tail.records(), "INV-3", "its footer counts other records");
            var counted = recount.finish();
            byte[] raw = tail.rawDirectory(stored);
            if (!Arrays.equals(counted.array(), 0, counted.size(), raw, 0, raw.length)) {
                findings.note(
                        CheckReport.Severity.REPAIRABLE, "INV-16", object.key(), "its directory miscounts its records");
            }
        }
    }

    private boolean isPartitionSound(IndexSection.Entry entry, Optional<Partition> partition, Pass pass) {
        boolean ofEveryone = entry.token().equals(tokenKey.tokenOf(Partition.STORE_EVENTS));
        try {
            return checkPartition(entry, partition, pass);
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            Target target = pass.target;
            List<String> who = ofEveryone
                    ? List.of()
                    : partition.map(Findings::name).orElseGet(() -> List.of(names.name(entry.token())));
            findings.damage(target.key(), e, who, target.moments);
            if (ofEveryone) {
                findings.pieces().lose(target.key());
            } else {
                findings.pieces().lose(target.key(), entry.token());
            }
            return false;
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
    private record Pass(
            Target target,
            ObjectTail tail,
            Optional<CommitTable> timeline,
            DirectoryBuilder recount,
            OrderCheck order) {
        boolean inImage() {
            return target.kind == ObjectKind.IMAGE_PART;
        }
    }

    /** False if its key was destroyed on purpose. */
    private boolean checkPartition(IndexSection.Entry entry, Optional<Partition> partition, Pass pass) {
        boolean isNamed =
                partition.map(tokenKey::tokenOf).filter(entry.token()::equals).isPresent();
        require(partition.isEmpty() || isNamed, "INV-8", "a partition's token is not its own");
        ContentCheck hashes = new ContentCheck();
        try (PartitionRecords content = partition
                .map(named -> reader.records(pass.target.object, pass.tail, entry, named))
                .orElseGet(() -> reader.unnamed(pass.target.object, pass.tail, entry, tokenKey))
                .checking(hashes)) {
            while (content.next()) {
                RawRecord record = content.record();
                records++;
                require(pass.order.accepts(record), "INV-7", "its records are out of order");
                checkRecord(record, content, pass);
                pass.recount.add(record, content.commits());
            }
            if (content.isErased()) {
                return false;
            }
        }
        require(pass.inImage() || hashes.kept().isEmpty(), "INV-28", "a segment has content hashes");
        partition.ifPresent(named -> pass.recount.endPartition(entry.token(), named));
        return true;
    }

    private static void checkRecord(RawRecord record, PartitionRecords content, Pass pass) {
        boolean inImage = pass.inImage();
        require(inImage == (record.commit == RawRecord.NO_COMMIT), "INV-6", "a record names a commit or should");
        if (!inImage) {
            pass.timeline.ifPresent(timeline -> checkCommit(record, content, timeline));
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

    private static void checkCommit(RawRecord record, PartitionRecords content, CommitTable timeline) {
        int place = timeline.find(record.lsn);
        require(
                place >= 0 && timeline.commit(place).equals(content.commits().commit(record.commit)),
                "INV-6",
                "a record names a commit that is not in the timeline");
    }

    private static void require(boolean holds, String invariant, String why) {
        if (!holds) {
            throw Damage.of(invariant, "The object", why);
        }
    }
}
