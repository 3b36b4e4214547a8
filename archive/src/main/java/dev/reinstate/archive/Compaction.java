package dev.reinstate.archive;

import dev.reinstate.archive.format.Compression;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.format.Packing;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Merging;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Merges segments, run after run. Killed anywhere, it leaves at most one object that no manifest names. Not thread-safe. */
final class Compaction implements AutoCloseable {
    /** Of a run, with what stands in for one of its segments. */
    private static final int MOST_INPUTS = 2 * CompactionPlan.MAX_INPUTS;

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
    private final Set<String> left = new HashSet<>();
    private final List<ReinstateException> damage = new ArrayList<>();

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
        this.images = new ImageSynthesis(objects, settings, log, packing, damage::add);
    }

    ImageSynthesis images() {
        return images;
    }

    /** Merges one run; empty when there is none to merge. */
    Optional<ArchiveMaintenance.Merged> mergeOnce() {
        return erasures.run(this::attempt);
    }

    private Optional<ArchiveMaintenance.Merged> attempt() {
        while (true) {
            History history = log.chain().history();
            Optional<List<Entry.Segment>> next = plan.next(history.ranges(), catalog.all(history), this::isLeft);
            if (next.isEmpty()) {
                return Optional.empty();
            }
            List<Entry.Segment> run = next.get();
            MergeSources sources = new MergeSources(objects, log.chain().keys(), history, settings.damage());
            SteadyRun steady = new SteadyRun(objects, sources, run, MOST_INPUTS);
            Optional<Entry.Segment> into;
            try {
                into = steady.read(read -> write(read, run), () -> erasures.isCurrent(catalog, run));
            } catch (ReinstateException e) {
                ChainCheck.requireDamage(e);
                leave(steady, run, e);
                continue;
            }
            return into.flatMap(found -> name(run, found));
        }
    }

    /** As they are from now on: others are merged around them. */
    private void leave(SteadyRun steady, List<Entry.Segment> run, ReinstateException why) {
        boolean isAll = run.stream().noneMatch(steady::isDamaged);
        run.stream()
                .filter(segment -> isAll || steady.isDamaged(segment))
                .forEach(segment -> left.add(segment.object().key()));
        damage.add(why);
    }

    private boolean isLeft(Entry.Segment segment) {
        return left.contains(segment.object().key());
    }

    /** Why segments were left as they are, or an image was not made, each as it was found. */
    List<ReinstateException> damage() {
        return List.copyOf(damage);
    }

    private Optional<ArchiveMaintenance.Merged> name(List<Entry.Segment> run, Entry.Segment into) {
        Optional<Entry.MergedSegment> published =
                log.append(history -> standingFor(history, into, erasedChanges(into, run)));
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

    /** @param read the run, with what stands in for those of its segments that are damaged */
    private Entry.Segment write(List<Entry.Segment> read, List<Entry.Segment> run) {
        String random = HexFormat.of().toHexDigits(settings.random().nextLong());
        String key = Keys.segment(run.getFirst().from(), run.getLast().to(), random);
        Entry.Segment into;
        try (SegmentMerge merge = new SegmentMerge(reader, tokens, read)) {
            into = merge.write(objects, key, new ObjectId(ManifestLog.random(settings, 16)), packing);
        }
        if (!read.equals(run)) {
            requireSound(into, run);
        }
        return into;
    }

    /** What it was read from may be removed as soon as it is named, and what it replaces is damaged: it is the only one left. */
    private void requireSound(Entry.Segment into, List<Entry.Segment> run) {
        Optional<ReinstateException> found = Merging.isMerged(into, erasedChanges(into, run), run)
                ? objects.damageOf(into.object())
                : Optional.of(Damage.of(
                        "INV-24",
                        "Object " + run.getFirst().object().key(),
                        "what it was merged from is not what it stood for"));
        found.ifPresent(broken -> {
            objects.deleteIfPossible(into.object().key());
            throw broken;
        });
    }

    private static long erasedChanges(Entry.Segment into, List<Entry.Segment> run) {
        return Merging.changes(run) - into.changes();
    }

    /** Empty if, meanwhile, somebody merged others with them, retention let go of some, or a tenant was erased whose rows they may hold. */
    private Optional<Entry.MergedSegment> standingFor(History history, Entry.Segment into, long erasedChanges) {
        List<Entry.Segment> run = catalog.all(history).stream()
                .filter(segment ->
                        !segment.from().isBefore(into.from()) && !segment.to().isAfter(into.to()))
                .toList();
        boolean isInRange = history.ranges().stream()
                .anyMatch(range ->
                        !into.from().isBefore(range.from()) && !into.to().isAfter(range.to()));
        return isInRange && erasures.isUnchanged(history) && Merging.isMerged(into, erasedChanges, run)
                ? Optional.of(new Entry.MergedSegment(
                                into, settings.clock().instant(), erasedChanges, Merging.replaced(run)))
                        .filter(entry -> !log.chain().namesAbandoned(entry))
                : Optional.empty();
    }

    @Override
    public void close() {
        packing.compression().close();
    }
}
