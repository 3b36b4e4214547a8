package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.CheckpointJson;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.PageReference;
import dev.reinstate.model.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Finds segments in a history, reading the pages of the time asked for and no others. Thread-safe. */
final class SegmentCatalog {
    private final ArchiveObjects objects;
    private final DocumentCipher documents;
    private final Map<String, List<Entry.Segment>> pages = new ConcurrentHashMap<>();

    SegmentCatalog(ArchiveObjects objects, DocumentCipher documents) {
        this.objects = objects;
        this.documents = documents;
    }

    /** Segments with a commit from {@code first} to {@code last}, both included, oldest first. */
    List<Entry.Segment> withCommits(History history, Lsn first, Lsn last) {
        List<Entry.Segment> found = new ArrayList<>();
        for (PageReference page : history.pages()) {
            if (!page.from().isAfter(last) && page.to().isAfter(first)) {
                add(load(page), first, last, found);
            }
        }
        add(history.segments(), first, last, found);
        return found;
    }

    List<Entry.Segment> all(History history) {
        return withCommits(history, Lsn.ZERO, new Lsn(-1));
    }

    private static void add(List<Entry.Segment> segments, Lsn first, Lsn last, List<Entry.Segment> found) {
        for (Entry.Segment segment : segments) {
            if (!segment.commits().first().isAfter(last)
                    && !segment.commits().last().isBefore(first)) {
                found.add(segment);
            }
        }
    }

    List<Entry.Segment> load(PageReference page) {
        return pages.computeIfAbsent(page.key(), key -> {
            byte[] bytes = objects.get(key);
            if (!Checksum.sha256Hex(bytes).equals(page.sha256())) {
                throw Damage.of("INV-15", "Object " + key, "it is not the page the checkpoint means");
            }
            return List.copyOf(CheckpointJson.readPage(key, bytes, documents));
        });
    }
}
