package dev.reinstate.archive;

import dev.reinstate.archive.format.Compression;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Merging;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Merges segments, run after run. Killed anywhere, it leaves at most one object that no manifest names. Not thread-safe. */
final class Compaction implements AutoCloseable {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final CompactionPlan plan;
    private final SegmentCatalog catalog;
    private final ObjectReader reader;
    private final Tokens tokens;
    private final Compression compression;
    private final ImageSynthesis images;

    Compaction(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log, CompactionPlan plan) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
        this.plan = plan;
        this.catalog = new SegmentCatalog(objects);
        this.reader = new ObjectReader(objects);
        this.tokens = new Tokens(log.chain().tokenKey());
        this.compression = new Compression(settings.zstdLevel());
        this.images = new ImageSynthesis(objects, settings, log, compression);
    }

    ImageSynthesis images() {
        return images;
    }

    /** Merges one run; empty when there is none to merge. */
    Optional<ArchiveMaintenance.Merged> mergeOnce() {
        log.settle();
        log.chain().follow();
        History history = log.chain().history();
        return plan.next(history.ranges(), catalog.all(history)).flatMap(this::merge);
    }

    private Optional<ArchiveMaintenance.Merged> merge(List<Entry.Segment> run) {
        String random = HexFormat.of().toHexDigits(settings.random().nextLong());
        String key = Keys.segment(run.getFirst().from(), run.getLast().to(), random);
        Entry.Segment into;
        try (SegmentMerge merge = new SegmentMerge(reader, tokens, run)) {
            into = merge.write(objects, key, new ObjectId(ManifestLog.random(settings, 16)), compression);
        }
        Optional<Entry.MergedSegment> published = log.append(history -> standingFor(history, into));
        if (published.isEmpty()) {
            objects.deleteIfPossible(key); // its key is random and ours: no manifest will ever name it
            return Optional.empty();
        }
        List<Entry.Replaced> replaced = published.get().replaces();
        return Optional.of(new ArchiveMaintenance.Merged(
                into.from(),
                into.to(),
                replaced.size(),
                replaced.stream().mapToLong(Entry.Replaced::sizeBytes).sum(),
                into.object().sizeBytes()));
    }

    /** Empty if, meanwhile, somebody merged others with them. */
    private Optional<Entry.MergedSegment> standingFor(History history, Entry.Segment into) {
        List<Entry.Segment> run = catalog.all(history).stream()
                .filter(segment ->
                        !segment.from().isBefore(into.from()) && !segment.to().isAfter(into.to()))
                .toList();
        return Merging.isMerged(into, run)
                ? Optional.of(new Entry.MergedSegment(into, settings.clock().instant(), Merging.replaced(run)))
                : Optional.empty();
    }

    @Override
    public void close() {
        compression.close();
    }
}
