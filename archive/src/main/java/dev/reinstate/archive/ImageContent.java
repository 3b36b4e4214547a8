package dev.reinstate.archive;

import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.TableContent;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Partition;
import java.util.ArrayList;
import java.util.List;

/**
 * An image's rows of one partition, read to their end and held against the content hashes kept with them.
 *
 * @param kept in the order of the rows; a table that lies in several parts has one in each
 * @param hasRows whether there are any
 * @param isWhole whether hashes were kept with all of them
 */
record ImageContent(List<TableContent> kept, boolean hasRows, boolean isWhole) {
    ImageContent {
        kept = List.copyOf(kept);
    }

    /** {@code DAMAGED} if they are others than were written. */
    static ImageContent read(Snapshot snapshot, List<Entry.Part> parts, Partition partition) {
        Token token = snapshot.token(partition);
        List<TableContent> kept = new ArrayList<>();
        boolean hasRows = false;
        boolean isWhole = true;
        for (Entry.Part part : ImageRows.partsOf(token, parts)) {
            ObjectTail tail = snapshot.objects().tail(part);
            ContentCheck check = new ContentCheck();
            try (PartitionRecords records = snapshot.objects()
                    .records(part.object(), tail, token, partition)
                    .checking(check)) {
                while (records.next()) {
                    hasRows = true;
                }
            }
            kept.addAll(check.kept());
            isWhole &= check.isWhole();
        }
        return new ImageContent(kept, hasRows, isWhole);
    }
}
