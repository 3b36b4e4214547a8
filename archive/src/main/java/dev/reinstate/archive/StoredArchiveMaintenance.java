package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Maintenance over an object store. */
final class StoredArchiveMaintenance implements ArchiveMaintenance {
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final Erasures erasures;
    private final Compaction compaction;
    private final ReplacedRemoval removal;

    private StoredArchiveMaintenance(
            ArchiveObjects objects, ArchiveSettings settings, ManifestLog log, CompactionPlan plan) {
        this.settings = settings;
        this.log = log;
        this.erasures = new Erasures(objects, settings, log);
        this.compaction = new Compaction(objects, settings, log, plan);
        this.removal = new ReplacedRemoval(objects, settings, log);
    }

    static StoredArchiveMaintenance open(ArchiveObjects objects, ArchiveSettings settings, CompactionPlan plan) {
        objects.requireFencing();
        ManifestLog log = ManifestLog.maintenance(objects, settings, Chain.open(objects, settings));
        return new StoredArchiveMaintenance(objects, settings, log, plan);
    }

    @Override
    public ArchiveState state() {
        return StateView.of(log.chain().number(), log.chain().history());
    }

    @Override
    public void placeHold(TenantId tenant, String reason) {
        Token token = tokenOf(tenant);
        log.append(history -> {
            Optional<Entry.Hold> known = holdOf(history, token);
            if (known.isPresent() && known.get().reason().equals(reason)) {
                return Optional.<Entry.Hold>empty();
            }
            known.ifPresent(hold -> {
                throw ReinstateException.conflict(
                        "Tenant " + tenant + " is held already",
                        "since " + hold.time() + ": " + hold.reason(),
                        "leave it so; or release it and place it again with both reasons");
            });
            return Optional.of(new Entry.Hold(token, true, settings.clock().instant(), reason));
        });
    }

    @Override
    public void scheduleErasure(TenantId tenant, Instant due, String reason) {
        erasures.schedule(tenant, due, reason);
    }

    @Override
    public void cancelErasure(TenantId tenant, String reason) {
        erasures.cancel(tenant, reason);
    }

    @Override
    public void executeErasure(TenantId tenant) {
        erasures.execute(tenant, false);
    }

    @Override
    public void executeErasureByClockAlone(TenantId tenant) {
        erasures.execute(tenant, true);
    }

    @Override
    public void releaseHold(TenantId tenant, String reason) {
        Token token = tokenOf(tenant);
        log.append(history -> {
            if (holdOf(history, token).isEmpty()) {
                throw ReinstateException.conflict(
                        "Tenant " + tenant + " is not held",
                        "no hold of it is in force, or it was released meanwhile",
                        "see `reinstate hold` for those that are");
            }
            return Optional.of(new Entry.Hold(token, false, settings.clock().instant(), reason));
        });
    }

    @Override
    public Optional<Merged> compactOnce() {
        return compaction.mergeOnce();
    }

    @Override
    public Optional<MadeImage> makeImage(boolean evenIfSmall) {
        return compaction.images().make(evenIfSmall);
    }

    @Override
    public Optional<Removed> removeReplaced(Duration grace) {
        return removal.run(grace);
    }

    @Override
    public Removed replaced(Duration grace) {
        List<History.Retired> due = removal.due(grace);
        return new Removed(
                due.stream().mapToLong(History.Retired::objects).sum(),
                due.stream().mapToLong(History.Retired::sizeBytes).sum(),
                0);
    }

    @Override
    public void close() {
        compaction.close();
    }

    private Token tokenOf(TenantId tenant) {
        return log.chain().keys().tokenKey().tokenOf(Partition.of(tenant));
    }

    private static Optional<Entry.Hold> holdOf(History history, Token tenant) {
        return history.holds().stream()
                .filter(hold -> hold.tenant().equals(tenant))
                .findFirst();
    }
}
