package dev.reinstate.archive;

import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Partition;

/** Adds up what the objects' indexes say of one partition. */
final class TenantFootprint {
    private final Snapshot snapshot;
    private final Token token;
    private long objects;
    private long sizeBytes;

    TenantFootprint(Snapshot snapshot, Partition partition) {
        this.snapshot = snapshot;
        this.token = snapshot.token(partition);
    }

    ArchiveReader.Footprint read() {
        snapshot.history().images().forEach(image -> image.parts().forEach(this::add));
        snapshot.history().tableImages().forEach(image -> image.parts().forEach(this::add));
        for (Entry.Segment segment : snapshot.catalog().all(snapshot.history())) {
            add(snapshot.objects().tail(segment));
        }
        return new ArchiveReader.Footprint(objects, sizeBytes);
    }

    private void add(Entry.Part part) {
        if (part.mayHold(token)) {
            add(snapshot.objects().tail(part));
        }
    }

    private void add(ObjectTail tail) {
        IndexSection.Entry blocks = tail.index().find(token);
        if (blocks.blockCount() > 0) {
            objects++;
            sizeBytes += blocks.length();
        }
    }
}
