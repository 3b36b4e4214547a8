package dev.reinstate.archive;

import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a fold begins, table by table: with the image, or with the newest image of just that table since.
 *
 * @param reimaged by oid, the newest table image of each table that has one
 */
record FoldBase(Entry.Image image, Map<Integer, Entry.TableImage> reimaged) {
    /** @param upTo the last position a table image may have */
    static FoldBase of(History history, Entry.Image image, Lsn upTo) {
        Map<Integer, Entry.TableImage> newest = new HashMap<>();
        for (Entry.TableImage candidate : history.tableImages()) {
            if (!candidate.position().isBefore(image.position())
                    && !candidate.position().isAfter(upTo)) {
                for (Entry.Reimaged table : candidate.tables()) {
                    newest.merge(
                            table.oid(),
                            candidate,
                            (known, added) -> added.position().isBefore(known.position()) ? known : added);
                }
            }
        }
        return new FoldBase(image, newest);
    }

    boolean isReimaged(int oid) {
        return !reimaged.isEmpty() && reimaged.containsKey(oid);
    }

    @SuppressWarnings("ReferenceEquality") // the very image, of several that may be alike
    boolean comesFrom(Entry.TableImage tableImage, int oid) {
        return reimaged.get(oid) == tableImage;
    }

    /** Changes of the table with a commit LSN before this are in its image. */
    Lsn from(int oid) {
        Entry.@Nullable TableImage tableImage = reimaged.isEmpty() ? null : reimaged.get(oid);
        return tableImage == null ? image.position() : tableImage.position();
    }

    /** Whether a change is after its table's image, and not after the position. */
    boolean isSince(RawRecord change, Lsn position) {
        return Long.compareUnsigned(change.lsn, from(change.oid).value()) >= 0
                && Long.compareUnsigned(change.lsn, position.value()) <= 0;
    }

    /** Adds each table's last TRUNCATE in a segment, of those since its image and not after the position. */
    void collectTruncations(
            Snapshot snapshot,
            Entry.Segment segment,
            ObjectTail tail,
            Lsn position,
            Map<Integer, Directory.Truncation> truncations) {
        IndexSection.Entry events = tail.index().find(snapshot.token(Partition.STORE_EVENTS));
        if (events.blockCount() == 0) {
            return;
        }
        try (PartitionRecords records =
                snapshot.objects().records(segment.object(), tail, events, Partition.STORE_EVENTS)) {
            while (records.next()) {
                RawRecord record = records.record();
                if (record.operation == 'T' && isSince(record, position)) {
                    truncations.merge(
                            record.oid,
                            new Directory.Truncation(record.oid, record.lsn, record.ordinal),
                            (known, added) -> known.isAfter(added.lsn(), added.ordinal()) ? known : added);
                }
            }
        }
    }

    /** The table images that are needed, each once. */
    Collection<Entry.TableImage> tableImages() {
        return new LinkedHashSet<>(reimaged.values());
    }
}
