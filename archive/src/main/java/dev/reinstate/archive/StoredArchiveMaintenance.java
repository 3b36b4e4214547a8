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
    private final Retention retention;
    private final ReplacedRemoval removal;
    private final ChainBases bases;
    private final LeftoverSearch leftovers;

    private StoredArchiveMaintenance(
            ArchiveObjects objects, ArchiveSettings settings, ManifestLog log, CompactionPlan plan, long baseEvery) {
        this.settings = settings;
        this.log = log;
        this.erasures = new Erasures(objects, settings, log);
        this.compaction = new Compaction(objects, settings, log, plan);
        this.retention = new Retention(objects, settings, log);
        this.bases = new ChainBases(objects, settings, log, baseEvery);
        this.leftovers = new LeftoverSearch(objects, settings, log);
        this.removal = new ReplacedRemoval(objects, settings, log, bases);
    }

    static StoredArchiveMaintenance open(ArchiveObjects objects, ArchiveSettings settings, CompactionPlan plan) {
        return open(objects, settings, plan, ChainBases.EVERY);
    }

    /** @param baseEvery manifests from one base to the next */
    static StoredArchiveMaintenance open(
            ArchiveObjects objects, ArchiveSettings settings, CompactionPlan plan, long baseEvery) {
        objects.requireFencing();
        ManifestLog log = ManifestLog.maintenance(objects, settings, Chain.open(objects, settings));
        return new StoredArchiveMaintenance(objects, settings, log, plan, baseEvery);
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
    public List<ReinstateException> leftDamaged() {
        return compaction.damage();
    }

    @Override
    public Optional<LetGo> letGo(RetentionPolicy policy) {
        return retention.letGo(policy);
    }

    @Override
    public Optional<LetGo> couldLetGo(RetentionPolicy policy) {
        return retention.look(policy);
    }

    @Override
    public boolean shortenChain(RetentionPolicy policy) {
        return bases.advance(policy.window()).isPresent();
    }

    @Override
    public List<String> leftovers() {
        return leftovers.look().stream().map(Entry.Replaced::key).toList();
    }

    @Override
    public long noteLeftovers() {
        return leftovers.note().map(found -> found.objects().size()).orElse(0);
    }

    @Override
    public RetentionState retention() {
        return StateView.retention(log.chain().history());
    }

    @Override
    public Optional<Removed> removeReplaced(Duration grace) {
        return removal.run(grace);
    }

    @Override
    public Removed replaced(Duration grace) {
        return removal.look(grace);
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
