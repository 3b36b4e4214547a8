package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;

/** Checks an archive: first the chain, then the objects it names, then what it does not name, then what is in them. */
final class ArchiveCheck {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final CheckLevel level;
    private final CheckScope scope;
    private final CheckListener listener;
    private final Findings findings = new Findings();
    private final Progress progress = new Progress();
    private Lsn since = Lsn.ZERO;

    ArchiveCheck(
            ArchiveObjects objects,
            ArchiveSettings settings,
            CheckLevel level,
            CheckScope scope,
            CheckListener listener) {
        this.objects = objects;
        this.settings = settings.withDamageListener(DamageListener.SILENT);
        this.level = level;
        this.scope = scope;
        this.listener = listener;
    }

    /** What is done of what there is. */
    private static final class Progress {
        private long objectsDone;
        private long objectsTotal;
        private long bytesDone;
        private long bytesTotal;
        private long foldsDone;
        private long foldsTotal;

        void plan(CheckUnit unit) {
            objectsTotal += unit.kind() == CheckUnit.Kind.OBJECT ? 1 : 0;
            bytesTotal += unit.sizeBytes();
            foldsTotal += unit.kind() == CheckUnit.Kind.FOLD ? 1 : 0;
        }

        void done(CheckUnit unit) {
            objectsDone += unit.kind() == CheckUnit.Kind.OBJECT ? 1 : 0;
            bytesDone += unit.sizeBytes();
            foldsDone += unit.kind() == CheckUnit.Kind.FOLD ? 1 : 0;
        }
    }

    CheckReport run() {
        Optional<SampleWalk> walk =
                scope instanceof CheckScope.Sample sample ? Optional.of(new SampleWalk(sample)) : Optional.empty();
        ChainCheck chainCheck = new ChainCheck(objects, settings, findings);
        Optional<Chain> opened =
                scope instanceof CheckScope.Everything ? chainCheck.run() : chainCheck.runFromCheckpoint();
        return opened.map(chain -> run(chainCheck, chain, walk)).orElseGet(this::nothingReadable);
    }

    private CheckReport nothingReadable() {
        return new CheckReport(
                level,
                coverage(Optional.empty()),
                findings.sorted(),
                List.of(),
                List.of(),
                List.of(),
                0,
                List.of(),
                0,
                0,
                0,
                0);
    }

    private CheckReport run(ChainCheck chainCheck, Chain chain, Optional<SampleWalk> walk) {
        History history = chain.history();
        SegmentCatalog catalog = new SegmentCatalog(objects, chain.keys().documents());
        List<Entry.Segment> segments = catalog.all(history);
        ObjectReader reader = new ObjectReader(objects, chain.keys().objects());
        PartitionNames names = new PartitionNames(reader, chain.keys().tokenKey());
        ObjectCheck check = new ObjectCheck(objects, reader, chain.keys().tokenKey(), findings, names);
        ManifestWalk manifests = new ManifestWalk(objects, chain, findings);
        Listing listing = new Listing(objects);
        History withPast = history.withPast(segments);
        CheckedObjects named = new CheckedObjects(withPast, catalog.all(withPast));
        List<CheckUnit> units = new ArrayList<>(unitsOf(named, check, chain, listing));
        units.forEach(progress::plan);
        listener.progress(0, progress.objectsTotal, 0, progress.bytesTotal);
        if (isSince()) {
            ManifestWalk.Since came = manifests.back(scope);
            since = came.from();
            units.removeIf(unit -> !came.named().contains(unit.name()));
        }
        if (level.reads() && !isSince()) {
            units.addAll(chainCheck.receipts(chain.keys()));
        }
        MergeSources merged = new MergeSources(objects, chain.keys(), history, settings.damage());
        SourceCheck sources = new SourceCheck(merged, lookInto(chain, reader, names));
        Losses losses = new Losses(history, segments, findings.pieces(), sources);
        Snapshot snapshot = new Snapshot(chain.number(), history, chain.keys(), catalog, reader, merged);
        FoldCheck folds =
                new FoldCheck(snapshot, settings, findings, losses, since, scope instanceof CheckScope.Everything);
        if (walk.isPresent()) {
            named.presence(listing, findings).forEach(unit -> unit.check().run());
            units.addAll(manifests.runs());
            if (level == CheckLevel.FULL) {
                names.learnNewest(history, segments);
                units.addAll(foldsOf(names, folds));
            }
            walk.get().walk(units, this::check);
        } else {
            units.forEach(this::check);
            if (level == CheckLevel.FULL) {
                foldsOf(names, folds).forEach(this::check);
            }
        }
        if (scope instanceof CheckScope.Everything) {
            checkMerges(chainCheck, chain, reader, segments);
            chainCheck.checkLeftovers(chain, segments, listing);
        }
        chainCheck.checkErasures(history);
        if (!findings.pieces().isEmpty()) {
            sources.tell(segments, findings);
            names.learnAll(history, segments);
        }
        return new CheckReport(
                level,
                coverage(walk),
                findings.sorted(),
                losses.byWho(names),
                losses.restorable(names),
                StateView.uncertain(history),
                erased(history),
                folds.folded(),
                scope instanceof CheckScope.Everything ? chain.number() : manifests.read(),
                progress.objectsDone,
                check.records(),
                progress.bytesDone);
    }

    private List<CheckUnit> unitsOf(CheckedObjects named, ObjectCheck check, Chain chain, Listing listing) {
        List<CheckUnit> units = new ArrayList<>(
                level.reads()
                        ? named.contents(
                                check, new CatalogueReader(objects, chain.keys().documents()), findings)
                        : named.presence(listing, findings));
        units.addAll(named.bases(listing, findings));
        return units;
    }

    /** Into segments that may have to stand in for one that is damaged, as deep as the level goes. */
    private BiConsumer<Entry.Segment, Findings> lookInto(Chain chain, ObjectReader reader, PartitionNames names) {
        return (segment, found) -> {
            String key = segment.object().key();
            if (level.reads()) {
                new ObjectCheck(objects, reader, chain.keys().tokenKey(), found, names)
                        .checkSegment(segment, Findings.momentsOf(chain.history(), segment));
            } else if (objects.size(key).orElse(0) < segment.object().sizeBytes()) {
                found.pieces().lose(key);
            }
        };
    }

    /** Merged segments are compared with what they stand for, where that is still there. */
    private void checkMerges(ChainCheck chainCheck, Chain chain, ObjectReader reader, List<Entry.Segment> segments) {
        if (level.reads()) {
            MergeCheck merges = new MergeCheck(objects, reader, chain.keys(), findings);
            Set<Entry.Segment> needed = new HashSet<>(segments);
            chainCheck.replaced().merges().forEach(merge -> merges.check(chain.history(), needed, merge));
        }
    }

    private static long erased(History history) {
        return history.erasures().stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED)
                .map(Entry.Erasure::tenant)
                .distinct()
                .count();
    }

    private boolean isSince() {
        return scope instanceof CheckScope.SinceTime || scope instanceof CheckScope.SincePosition;
    }

    private void check(CheckUnit unit) {
        unit.check().run();
        progress.done(unit);
        listener.progress(progress.objectsDone, progress.objectsTotal, progress.bytesDone, progress.bytesTotal);
    }

    private List<CheckUnit> foldsOf(PartitionNames names, FoldCheck folds) {
        List<CheckUnit> units = new ArrayList<>();
        for (Token token : List.copyOf(names.tokens())) {
            names.partition(token)
                    .ifPresent(partition -> units.add(
                            new CheckUnit(CheckUnit.Kind.FOLD, "fold " + token, 0, () -> folds.check(partition))));
        }
        units.forEach(progress::plan);
        return units;
    }

    private CheckReport.Coverage coverage(Optional<SampleWalk> walk) {
        double share = progress.bytesTotal == 0 ? 1 : (double) progress.bytesDone / progress.bytesTotal;
        return new CheckReport.Coverage(
                switch (scope) {
                    case CheckScope.Everything everything -> "everything";
                    case CheckScope.SinceTime then -> "since " + then.time();
                    case CheckScope.SincePosition then -> "since " + then.position();
                    case CheckScope.Sample sample -> "sample";
                },
                share,
                progress.objectsDone,
                progress.objectsTotal,
                progress.foldsDone,
                progress.foldsTotal,
                scope instanceof CheckScope.Sample sample
                        ? OptionalLong.of(sample.pass().seed())
                        : OptionalLong.empty(),
                walk.map(SampleWalk::next),
                walk.map(SampleWalk::isDone).orElse(false));
    }
}
