package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenantId;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The reader over an object store. Every read begins with the snapshot of that moment. */
final class StoredArchiveReader implements ArchiveReader {
    private final ArchiveSettings settings;
    private final Chain chain;
    private final SegmentCatalog catalog;
    private final CatalogueReader catalogue;
    private final ArchiveObjects stored;
    private final ObjectReader objects;
    private final BaseCheck bases = new BaseCheck();
    private Optional<ReinstateException> cut;
    private volatile Snapshot snapshot;

    private StoredArchiveReader(ArchiveObjects objects, ArchiveSettings settings, Chain.Reached reached) {
        this.settings = settings;
        this.chain = reached.chain();
        this.cut = reached.damage();
        this.catalog = new SegmentCatalog(objects, chain.keys().documents());
        this.catalogue = new CatalogueReader(objects, chain.keys().documents());
        this.stored = objects;
        this.objects = new ObjectReader(objects, chain.keys().objects());
        this.snapshot = newSnapshot();
    }

    static StoredArchiveReader open(ArchiveObjects objects, ArchiveSettings settings) {
        ArchiveObjects data =
                objects.whileRemoved(key -> NamedNow.read(objects, settings).contains(key));
        StoredArchiveReader reader = new StoredArchiveReader(data, settings, Chain.openReadable(objects, settings));
        reader.cut.ifPresent(reader::tellCut);
        return reader;
    }

    private Snapshot newSnapshot() {
        MergeSources sources = new MergeSources(stored, chain.keys(), chain.history(), settings.damage());
        return new Snapshot(chain.number(), chain.history(), chain.keys(), catalog, objects, sources, cut);
    }

    private void tellCut(ReinstateException damage) {
        settings.damage()
                .workedAround(new DamageListener.Workaround(
                        damage.what() + ": " + damage.why(),
                        "the archive is read as of the manifest before it: history from "
                                + chain.history().durable().to() + " on is left out"));
    }

    Snapshot snapshot() {
        return snapshot;
    }

    @Override
    public ArchiveState state() {
        Snapshot now = snapshot;
        return StateView.of(now.number(), now.history());
    }

    @Override
    public synchronized void refresh() {
        try {
            chain.follow();
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            if (cut.isEmpty()) {
                tellCut(e);
            }
            cut = Optional.of(e);
        }
        if (chain.number() != snapshot.number() || cut.isPresent()) {
            snapshot = newSnapshot();
        }
    }

    @Override
    public synchronized ArchiveHead head() {
        return chain.head();
    }

    @Override
    public synchronized Optional<ArchiveLoss> lossSince(ArchiveHead known) {
        return chain.lossSince(known);
    }

    @Override
    public List<ArchiveState.Range> ranges() {
        return StateView.ranges(snapshot.history());
    }

    @Override
    public List<ArchiveState.Range> ranges(TenantId tenant) {
        return StateView.ranges(snapshot.of(Partition.of(tenant)).history());
    }

    @Override
    public RetentionState retention() {
        return StateView.retention(snapshot.history());
    }

    @Override
    public Lsn positionAt(Instant time) {
        Snapshot now = snapshot;
        boolean isBefore = now.history().ranges().stream()
                .findFirst()
                .filter(range -> time.isBefore(range.fromTime()))
                .isPresent();
        return new Times(isBefore ? now.withPast() : now).positionAt(time);
    }

    @Override
    public void requireRestorable(Lsn position) {
        Snapshot now = snapshot;
        boolean isBefore = now.history()
                .past()
                .filter(past -> position.isBefore(past.from().previous()))
                .isPresent();
        (isBefore ? now.withPast() : now).rangeOf(position);
    }

    @Override
    public RowStream fold(Partition partition, Lsn position, Predicate<TableSchema> tables) {
        Snapshot now = snapshot.of(partition);
        now.requireKept(partition, position);
        return new SteadyFold(now, settings, partition, position, tables);
    }

    @Override
    public RowStream verifiedFold(Partition partition, Lsn position, Predicate<TableSchema> tables) {
        return verified(partition, position, tables);
    }

    private SteadyFold verified(Partition partition, Lsn position, Predicate<TableSchema> tables) {
        Snapshot now = snapshot.of(partition);
        now.requireKept(partition, position);
        return new SteadyFold(now, settings, partition, position, tables, bases);
    }

    @Override
    public Content content(Partition partition, Lsn position) {
        try (SteadyFold fold = verified(partition, position, table -> true)) {
            return FoldedContent.of(fold);
        }
    }

    @Override
    public ChangeStream changes(Partition partition, Lsn after, Lsn upTo) {
        Snapshot now = snapshot.of(partition);
        return new PartitionChanges(now, settings, partition, now.firstKept(partition, after), upTo);
    }

    @Override
    public List<Commit> commits(Lsn after, Lsn upTo) {
        return new Times(snapshot).commits(after, upTo);
    }

    @Override
    public List<TableVersion> catalogueHistory() {
        return catalogue.read(snapshot.history());
    }

    @Override
    public SalvagedHistory salvagedCatalogueHistory() {
        return catalogue.salvage(snapshot.history());
    }

    @Override
    public Optional<Definitions> definitionsAt(Lsn position) {
        return catalogue.definitionsAt(snapshot.history(), position);
    }

    @Override
    public List<TenantSummary> tenants() {
        return new TenantOverview(snapshot, settings.damage()).read();
    }

    @Override
    public List<TenantId> unknown(List<TenantId> wanted) {
        return new KnownTenants(snapshot, settings.damage()).unknown(wanted);
    }

    @Override
    public Optional<Erasure> erasureOf(TenantId tenant) {
        Snapshot now = snapshot;
        return now.history().erasureOf(now.token(Partition.of(tenant))).map(found -> view(found, Optional.of(tenant)));
    }

    @Override
    public List<Erasure> erasures() {
        Snapshot now = snapshot;
        if (now.history().erasures().isEmpty()) {
            return List.of();
        }
        Map<Token, TenantId> known = tenantsByToken(now);
        return now.history().erasures().stream()
                .map(found -> view(found, Optional.ofNullable(known.get(found.tenant()))))
                .toList();
    }

    private static Erasure view(Entry.Erasure erasure, Optional<TenantId> tenant) {
        boolean executed = erasure.step() == Entry.ErasureStep.EXECUTED;
        return new Erasure(tenant, executed, erasure.due(), erasure.time(), erasure.durableTo(), erasure.reason());
    }

    @Override
    public Footprint footprint(TenantId tenant) {
        return new TenantFootprint(snapshot.withPast(), Partition.of(tenant)).read();
    }

    private Map<Token, TenantId> tenantsByToken(Snapshot now) {
        Map<Token, TenantId> known = new HashMap<>();
        new TenantOverview(now, settings.damage())
                .read()
                .forEach(summary -> known.put(now.token(Partition.of(summary.tenant())), summary.tenant()));
        return known;
    }

    @Override
    public List<Hold> holds() {
        Snapshot now = snapshot;
        if (now.history().holds().isEmpty()) {
            return List.of();
        }
        Map<Token, TenantId> known = tenantsByToken(now);
        return now.history().holds().stream()
                .map(hold -> new Hold(Optional.ofNullable(known.get(hold.tenant())), hold.time(), hold.reason()))
                .toList();
    }

    @Override
    public Set<Partition> touchedBy(Set<Long> xids, Lsn after, Lsn upTo) {
        Set<Partition> touched = new HashSet<>();
        Snapshot now = snapshot;
        for (Entry.Segment segment : now.segments(new Lsn(after.value() + 1), upTo)) {
            now.sources().read(segment, part -> addTouched(part, xids, after, upTo, touched));
        }
        return touched;
    }

    /** A block's commit table holds the commits of its records and no others: records need not be looked at. */
    private Set<Partition> addTouched(
            Entry.Segment segment, Set<Long> xids, Lsn after, Lsn upTo, Set<Partition> touched) {
        if (!names(objects.timeline(segment), xids, after, upTo)) {
            return touched;
        }
        ObjectTail tail = objects.tail(segment);
        Directory directory = objects.directory(segment.object(), tail);
        for (Directory.Entry entry : directory.entries()) {
            IndexSection.Entry blocks = tail.index().find(entry.token());
            try (PartitionRecords records = objects.records(segment.object(), tail, blocks, entry.partition())) {
                while (!touched.contains(entry.partition()) && records.nextBlock()) {
                    if (names(records.commits(), xids, after, upTo)) {
                        touched.add(entry.partition());
                    }
                }
            }
        }
        return touched;
    }

    private static boolean names(CommitTable commits, Set<Long> xids, Lsn after, Lsn upTo) {
        for (int i = 0; i < commits.size(); i++) {
            Lsn lsn = new Lsn(commits.lsn(i));
            if (lsn.isAfter(after) && !lsn.isAfter(upTo) && xids.contains(commits.xid(i))) {
                return true;
            }
        }
        return false;
    }
}
