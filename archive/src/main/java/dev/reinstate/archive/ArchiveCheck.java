package dev.reinstate.archive;

import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads an archive end to end: first the chain, then every object it names, then what it does not name. */
final class ArchiveCheck {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final boolean foldEveryPartition;
    private final CheckListener listener;
    private final Findings findings = new Findings();
    private final Set<Partition> partitions = new LinkedHashSet<>();
    private long objectsDone;
    private long objectsTotal;
    private long bytesDone;
    private long bytesTotal;

    ArchiveCheck(ArchiveObjects objects, ArchiveSettings settings, boolean foldEveryPartition, CheckListener listener) {
        this.objects = objects;
        this.settings = settings;
        this.foldEveryPartition = foldEveryPartition;
        this.listener = listener;
    }

    CheckReport run() {
        ChainCheck chainCheck = new ChainCheck(objects, settings, findings);
        Optional<Chain> opened = chainCheck.run();
        if (opened.isEmpty()) {
            return new CheckReport(findings.sorted(), List.of(), List.of(), 0, 0, 0, 0);
        }
        Chain chain = opened.get();
        History history = chain.history();
        SegmentCatalog catalog = new SegmentCatalog(objects, chain.keys().documents());
        List<Entry.Segment> segments = catalog.all(history);
        count(history, segments);
        ObjectReader reader = new ObjectReader(objects, chain.keys().objects());
        ObjectCheck check = new ObjectCheck(objects, reader, chain.keys().tokenKey(), findings, partitions);
        for (Entry.Image image : history.images()) {
            CheckReport.Moments moments = Findings.momentsOf(history, image);
            for (Entry.Part part : image.parts()) {
                check.checkPart(part, oid -> true, moments);
                progress(part.object().sizeBytes());
            }
        }
        for (Entry.TableImage image : history.tableImages()) {
            CheckReport.Moments moments = Findings.momentsOf(history, image);
            for (Entry.Part part : image.parts()) {
                check.checkPart(part, image::isOf, moments);
                progress(part.object().sizeBytes());
            }
        }
        for (Entry.Segment segment : segments) {
            check.checkSegment(segment, Findings.momentsOf(history, segment));
            progress(segment.object().sizeBytes());
        }
        MergeCheck merges = new MergeCheck(reader, chain.keys(), findings);
        Set<Entry.Segment> needed = new HashSet<>(segments);
        chainCheck.replaced().merges().forEach(merge -> merges.check(history, needed, merge));
        checkCatalogue(history, chain.keys().documents());
        chainCheck.checkOthers(chain, history, segments);
        if (foldEveryPartition) {
            foldAll(new Snapshot(chain.number(), history, chain.keys(), catalog, reader));
        }
        return new CheckReport(
                findings.sorted(),
                findings.restorable(history),
                StateView.uncertain(history),
                chain.number(),
                objectsDone,
                check.records(),
                bytesDone);
    }

    /** Losing what the catalogue was costs no moment: it helps to place rows whose table is another now. */
    private void checkCatalogue(History history, DocumentCipher documents) {
        CatalogueReader catalogue = new CatalogueReader(objects, documents);
        for (Entry.Catalogue entry : history.catalogue()) {
            entry.objects()
                    .forEach(object -> checkRead(object.key(), object.sizeBytes(), () -> catalogue.read(object)));
            entry.definitions()
                    .ifPresent(object -> checkRead(object.key(), object.sizeBytes(), () -> catalogue.read(object)));
        }
    }

    private void checkRead(String key, long sizeBytes, Runnable read) {
        try {
            read.run();
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            findings.damage(key, e, List.of(), CheckReport.Moments.NONE);
        }
        progress(sizeBytes);
    }

    private void count(History history, List<Entry.Segment> segments) {
        history.images().forEach(image -> {
            objectsTotal += image.parts().size();
            bytesTotal += image.sizeBytes();
        });
        history.tableImages().forEach(image -> {
            objectsTotal += image.parts().size();
            bytesTotal += image.sizeBytes();
        });
        history.catalogue().forEach(entry -> {
            entry.objects().forEach(object -> count(object.sizeBytes()));
            entry.definitions().ifPresent(object -> count(object.sizeBytes()));
        });
        objectsTotal += segments.size();
        segments.forEach(segment -> bytesTotal += segment.object().sizeBytes());
        listener.progress(0, objectsTotal, 0, bytesTotal);
    }

    private void count(long sizeBytes) {
        objectsTotal++;
        bytesTotal += sizeBytes;
    }

    private void progress(long sizeBytes) {
        objectsDone++;
        bytesDone += sizeBytes;
        listener.progress(objectsDone, objectsTotal, bytesDone, bytesTotal);
    }

    /**
     * Folds to where an image takes over and to the end of each range, and to where a table image takes over, which
     * touches every change (INV-11).
     */
    private void foldAll(Snapshot snapshot) {
        partitions.remove(Partition.STORE_EVENTS);
        for (Entry.Image image : snapshot.history().images()) {
            CheckReport.Moments moments = Findings.momentsOf(snapshot.history(), image);
            for (Lsn last : lastPositions(snapshot.history(), moments)) {
                foldAll(snapshot, last, new CheckReport.Moments(moments.from(), new Lsn(last.value() + 1)));
            }
        }
    }

    private static SortedSet<Lsn> lastPositions(History history, CheckReport.Moments moments) {
        SortedSet<Lsn> positions = new TreeSet<>();
        positions.add(moments.to().previous());
        history.tableImages()
                .forEach(image -> positions.add(image.position().previous().previous()));
        positions.removeIf(position -> position.isBefore(moments.from()) || !position.isBefore(moments.to()));
        return positions;
    }

    private void foldAll(Snapshot snapshot, Lsn position, CheckReport.Moments moments) {
        for (Partition partition : partitions) {
            boolean isErased = snapshot.erasureOf(snapshot.token(partition))
                    .filter(erasure -> position.isBefore(erasure.durableTo()))
                    .isPresent();
            // where its bytes are damaged, that is said already, and more exactly
            if (!isErased && !findings.concerns(partition, moments)) {
                fold(snapshot, partition, position, moments);
            }
        }
    }

    private void fold(Snapshot snapshot, Partition partition, Lsn position, CheckReport.Moments moments) {
        try (Fold fold = Fold.open(snapshot, settings, partition, position, table -> true)) {
            while (fold.hasNext()) {
                fold.next();
            }
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.NOT_RESTORABLE) {
                findings.add(new CheckReport.Finding(
                        CheckReport.Severity.HARMLESS,
                        "INV-11",
                        "fold at " + position,
                        e.what() + ": " + e.why(),
                        Findings.name(partition),
                        CheckReport.Moments.NONE));
                return;
            }
            ChainCheck.requireDamage(e);
            findings.damage("fold at " + position, e, Findings.name(partition), moments);
        }
    }
}
