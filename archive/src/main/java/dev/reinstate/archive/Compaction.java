package dev.reinstate.archive;

import dev.reinstate.archive.format.Compression;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.format.Packing;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Merging;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Merges segments, run after run. Killed anywhere, it leaves at most one object that no manifest names. Not thread-safe. */
final class Compaction implements AutoCloseable {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final CompactionPlan plan;
    private final SegmentCatalog catalog;
    private final ObjectReader reader;
    private final Tokens tokens;
    private final Packing packing;
    private final ErasureWatch erasures;
    private final ImageSynthesis images;
    private final Set<String> damaged = new HashSet<>();

    Compaction(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log, CompactionPlan plan) {
        ArchiveKeys keys = log.chain().keys();
        this.objects = objects;
        this.settings = settings;
        this.log = log;
        this.plan = plan;
        this.catalog = new SegmentCatalog(objects, keys.documents());
        this.reader = new ObjectReader(objects, keys.objects());
        this.tokens = Tokens.forReading(keys);
        this.packing = new Packing(
                new Compression(settings.zstdLevel()), keys.partitions().map(PartitionKeys::existing));
        this.erasures = new ErasureWatch(log);
        this.images = new ImageSynthesis(objects, settings, log, packing);
    }

    ImageSynthesis images() {
        return images;
    }

    /** Merges one run; empty when there is none to merge. */
    Optional<ArchiveMaintenance.Merged> mergeOnce() {
        return erasures.run(() -> {
            History history = log.chain().history();
            return plan.next(history.ranges(), catalog.all(history), this::isDamaged)
                    .flatMap(this::merge);
        });
    }

    private boolean isDamaged(Entry.Segment segment) {
        return damaged.contains(segment.object().key());
    }

    private Optional<ArchiveMaintenance.Merged> merge(List<Entry.Segment> run) {
        SegmentMerge.Written written = write(run);
        Optional<Entry.MergedSegment> published = log.append(history -> standingFor(history, written));
        Entry.Segment into = written.segment();
        if (published.isEmpty()) {
            objects.deleteIfPossible(into.object().key()); // it is random and ours: no manifest will ever name it
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

    /** Those that cannot be read are left as they are from now on, and others are merged around them. */
    private SegmentMerge.Written write(List<Entry.Segment> run) {
        String random = HexFormat.of().toHexDigits(settings.random().nextLong());
        String key = Keys.segment(run.getFirst().from(), run.getLast().to(), random);
        try (SegmentMerge merge = new SegmentMerge(reader, tokens, run)) {
            return merge.write(objects, key, new ObjectId(ManifestLog.random(settings, 16)), packing);
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.DAMAGED) {
                log.chain().follow();
                if (erasures.isUnchanged(log.chain().history())) {
                    run.forEach(segment -> damaged.add(segment.object().key()));
                }
            }
            throw e;
        }
    }

    /** Empty if, meanwhile, somebody merged others with them, retention let go of some, or a tenant was erased whose rows they may hold. */
    private Optional<Entry.MergedSegment> standingFor(History history, SegmentMerge.Written written) {
        Entry.Segment into = written.segment();
        List<Entry.Segment> run = catalog.all(history).stream()
                .filter(segment ->
                        !segment.from().isBefore(into.from()) && !segment.to().isAfter(into.to()))
                .toList();
        boolean isInRange = history.ranges().stream()
                .anyMatch(range ->
                        !into.from().isBefore(range.from()) && !into.to().isAfter(range.to()));
        return isInRange && erasures.isUnchanged(history) && Merging.isMerged(into, written.erasedChanges(), run)
                ? Optional.of(new Entry.MergedSegment(
                                into, settings.clock().instant(), written.erasedChanges(), Merging.replaced(run)))
                        .filter(entry -> !log.chain().namesAbandoned(entry))
                : Optional.empty();
    }

    @Override
    public void close() {
        packing.compression().close();
    }
}
