package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads an archive end to end: first the chain, then every object it names, then what it does not name. */
final class ArchiveCheck {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final boolean foldEveryPartition;
    private final CheckListener listener;
    private final Findings findings = new Findings();
    private final ObjectReader reader;
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
        this.reader = new ObjectReader(objects);
    }

    CheckReport run() {
        ChainCheck chainCheck = new ChainCheck(objects, findings);
        Optional<Chain> opened = chainCheck.run();
        if (opened.isEmpty()) {
            return new CheckReport(findings.sorted(), List.of(), 0, 0, 0, 0);
        }
        Chain chain = opened.get();
        History history = chain.history();
        SegmentCatalog catalog = new SegmentCatalog(objects);
        List<Entry.Segment> segments = catalog.all(history);
        count(history, segments);
        ObjectCheck check = new ObjectCheck(objects, reader, chain.tokenKey(), findings, partitions);
        for (Entry.Image image : history.images()) {
            CheckReport.Moments moments = Findings.momentsOf(history, image);
            for (Entry.Part part : image.parts()) {
                check.checkPart(part, moments);
                progress(part.object().sizeBytes());
            }
        }
        for (Entry.Segment segment : segments) {
            check.checkSegment(segment, Findings.momentsOf(history, segment));
            progress(segment.object().sizeBytes());
        }
        chainCheck.checkOthers(history, segments);
        if (foldEveryPartition) {
            foldAll(new Snapshot(chain.number(), history, chain.tokenKey(), catalog, reader));
        }
        return new CheckReport(
                findings.sorted(),
                findings.restorable(history),
                chain.number(),
                objectsDone,
                check.records(),
                bytesDone);
    }

    private void count(History history, List<Entry.Segment> segments) {
        history.images().forEach(image -> {
            objectsTotal += image.parts().size();
            bytesTotal += image.sizeBytes();
        });
        objectsTotal += segments.size();
        segments.forEach(segment -> bytesTotal += segment.object().sizeBytes());
        listener.progress(0, objectsTotal, 0, bytesTotal);
    }

    private void progress(long sizeBytes) {
        objectsDone++;
        bytesDone += sizeBytes;
        listener.progress(objectsDone, objectsTotal, bytesDone, bytesTotal);
    }

    /** Folds to where an image takes over and to the end of each range, which touches every change once (INV-11). */
    private void foldAll(Snapshot snapshot) {
        partitions.remove(Partition.STORE_EVENTS);
        for (Entry.Image image : snapshot.history().images()) {
            CheckReport.Moments moments = Findings.momentsOf(snapshot.history(), image);
            Lsn last = moments.to().previous();
            if (last.isBefore(moments.from())) {
                continue;
            }
            for (Partition partition : partitions) {
                if (findings.concerns(partition, moments)) {
                    continue; // its bytes are damaged, which is said already, and more exactly
                }
                fold(snapshot, partition, last, moments);
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
