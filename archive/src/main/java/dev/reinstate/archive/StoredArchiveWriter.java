package dev.reinstate.archive;

import dev.reinstate.archive.format.Compression;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.format.Packing;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyMap;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The writer over an object store. */
final class StoredArchiveWriter implements ArchiveWriter {
    private static final int MAX_ATTEMPTS = 16;

    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final Packing packing;
    private final CatalogueWriter catalogue = new CatalogueWriter(this);

    private StoredArchiveWriter(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
        this.packing = new Packing(
                new Compression(settings.zstdLevel()), log.chain().keys().objects());
    }

    static StoredArchiveWriter open(ArchiveObjects objects, ArchiveSettings settings) {
        objects.requireFencing();
        for (int attempt = 1; ; attempt++) {
            ManifestLog log = ManifestLog.writer(objects, settings, Chain.open(objects, settings));
            try {
                log.append(new Entry.WriterOpened());
                return new StoredArchiveWriter(objects, settings, log);
            } catch (ReinstateException e) {
                // Someone else wrote the next manifest in between: look again and come after it.
                if (e.kind() != FailureKind.REFUSED || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    ArchiveObjects objects() {
        return objects;
    }

    ArchiveSettings settings() {
        return settings;
    }

    ManifestLog log() {
        return log;
    }

    ArchiveKeys keys() {
        return log.chain().keys();
    }

    Packing packing() {
        return packing;
    }

    Tokens newTokens() {
        return Tokens.forWriting(keys());
    }

    /** One that this writer made anew when it did not know yet. What cannot be deleted is told by the check (INV-22). */
    void deleteErasedKeys(History history) {
        for (Entry.Erasure erasure : history.erasures()) {
            try {
                keys().partitions().ifPresent(known -> known.destroyErased(erasure.tenant()));
            } catch (ReinstateException e) {
                if (e.kind() == FailureKind.BUG) {
                    throw e;
                }
            }
        }
    }

    ObjectId newObjectId() {
        return new ObjectId(ManifestLog.random(settings, 16));
    }

    String random() {
        return HexFormat.of().toHexDigits(settings.random().nextLong());
    }

    @Override
    public ArchiveState state() {
        return StateView.of(log.chain().number(), log.chain().history());
    }

    @Override
    public ArchiveHead head() {
        return log.chain().head();
    }

    @Override
    public void publishTenancyMap(TenancyMap map) {
        log.append(new Entry.TenancyMapChanged(map));
    }

    @Override
    public ImageWriter beginImage() {
        return SortedImageWriter.ofStore(this);
    }

    @Override
    public ImageWriter beginTableImage(List<ReimagedTable> tables) {
        return SortedImageWriter.ofTables(this, tables);
    }

    @Override
    public SegmentWriter beginSegment() {
        return new SortedSegmentWriter(this);
    }

    @Override
    public void publishTableVersions(List<TableVersion> versions) {
        if (!versions.isEmpty()) {
            catalogue.publish(versions, Optional.empty());
        }
    }

    @Override
    public void publishDefinitions(Definitions definitions) {
        catalogue.publish(List.of(), Optional.of(definitions));
    }

    @Override
    public void publishPosition(Lsn to, Instant now) {
        log.settle();
        if (to.isAfter(log.history().durableTo())) {
            requireContinuous();
            log.append(new Entry.Position(to, now));
        }
    }

    @Override
    public void publishGap(Instant now, String reason) {
        log.settle();
        if (log.history().isContinuous()) {
            log.append(new Entry.Gap(log.history().durableTo(), now, reason));
        }
    }

    @Override
    public void publishTimeline(int timeline, Lsn fork, Instant now, String reason) {
        log.settle();
        if (timeline != log.chain().history().origin().store().timeline()) {
            log.append(new Entry.Timeline(timeline, fork, now, reason));
        }
    }

    void requireContinuous() {
        if (!log.history().isContinuous()) {
            throw ReinstateException.conflict(
                    "The archive cannot take changes now",
                    "it has no image yet, or none since history was lost (INV-13)",
                    "publish an image first");
        }
    }

    @Override
    public void close() {
        packing.compression().close();
    }
}
