package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.DataObjectWriter;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Packing;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaTable;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.Merging;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Several segments that follow one another as one stream of records: what a merged segment is written from. No tuple is
 * looked into; what is under keys that were destroyed on purpose is left out. Memory: a window and a block of each
 * segment, and all their commits. Not thread-safe.
 */
final class SegmentMerge implements AutoCloseable {
    /** Merging holds many windows at once. */
    private static final int WINDOW_BYTES = 256 << 10;

    private final ObjectReader reader;
    private final List<Entry.Segment> run;
    private final CommitTable commits = new CommitTable();
    private final SortedMap<Integer, Directory.Truncation> truncations = new TreeMap<>();
    private final SchemaTable schemas = new SchemaTable();
    private final List<ObjectRecords> sources = new ArrayList<>();
    private final MergedObjects records;

    /** @param run oldest first */
    SegmentMerge(ObjectReader reader, Tokens tokens, List<Entry.Segment> run) {
        this.reader = reader;
        this.run = run;
        Set<TableSchema> byLastUse = new LinkedHashSet<>();
        for (Entry.Segment segment : run) {
            ObjectTail tail = reader.tail(segment);
            addCommits(reader.timeline(segment));
            for (Directory.Truncation truncation :
                    reader.directory(segment.object(), tail).truncations()) {
                truncations.put(truncation.oid(), truncation);
            }
            for (int i = 0; i < tail.schemas().size(); i++) {
                TableSchema schema = tail.schemas().get(i);
                byLastUse.remove(schema);
                byLastUse.add(schema);
            }
            sources.add(reader.allRecords(segment.object(), tail, WINDOW_BYTES, tokens));
        }
        byLastUse.forEach(schemas::numberOf);
        records = new MergedObjects(sources);
    }

    private void addCommits(CommitTable timeline) {
        for (int i = 0; i < timeline.size(); i++) {
            commits.add(timeline, i);
        }
    }

    CommitTable commits() {
        return commits;
    }

    List<Directory.Truncation> truncations() {
        return List.copyOf(truncations.values());
    }

    SchemaTable schemas() {
        return schemas;
    }

    /** Moves to the next record; false at the end. */
    boolean next() {
        if (!records.next()) {
            return false;
        }
        RawRecord record = records.record();
        record.schema = schemas.numberOf(records.schema());
        record.commit = commits.find(record.lsn);
        if (record.commit < 0) {
            throw Damage.of("INV-6", "A record", "it names a commit that is not in its segment's timeline");
        }
        return true;
    }

    /** The record moved to; its schema and commit are numbers of this merge. */
    RawRecord record() {
        return records.record();
    }

    /** How many changes were left out, because their keys were destroyed on purpose; known at the end. */
    private long erasedChanges() {
        long changes = 0;
        for (int i = 0; i < run.size(); i++) {
            Set<Token> erased = sources.get(i).erased();
            if (!erased.isEmpty()) {
                StoredObject object = run.get(i).object();
                changes += reader.directory(object, reader.tail(run.get(i))).entries().stream()
                        .filter(entry -> erased.contains(entry.token()))
                        .mapToLong(Directory.Entry::records)
                        .sum();
            }
        }
        return changes;
    }

    /** Writes all of it as one object, durably. */
    Entry.Segment write(ArchiveObjects objects, String key, ObjectId id, Packing packing) {
        try (ObjectSink sink = new ObjectSink(objects, key)) {
            DataObjectWriter writer =
                    new DataObjectWriter(sink, ObjectKind.SEGMENT, id, schemas, commits, truncations(), packing);
            while (next()) {
                writer.add(record());
            }
            DataObjectWriter.Summary summary = writer.finish();
            if (summary.records() + erasedChanges() != Merging.changes(run)) {
                throw Damage.of(
                        "INV-3", "The segments from " + run.getFirst().from(), "they have other changes than said");
            }
            StoredObject object = sink.publish(summary);
            return new Entry.Segment(
                    run.getFirst().from(), run.getLast().to(), object, summary.records(), Merging.commits(run));
        }
    }

    @Override
    public void close() {
        records.close();
    }
}
