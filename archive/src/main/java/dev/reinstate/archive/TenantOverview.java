package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.DirectoryBuilder;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Adds the objects' directories up. Blocks are read only where a table image lies within a segment, of the partitions
 * that changed the table there: the directory does not say what came before and what after.
 */
final class TenantOverview {
    private final Snapshot snapshot;
    private final Map<Token, Tenant> tenants = new HashMap<>();
    /** What each table is called; empty where it had several names. */
    private final Map<Integer, Optional<TableName>> names = new HashMap<>();
    /** Where each table's rows come from in the range at hand; none before the first image. */
    private @Nullable FoldBase base;

    TenantOverview(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    List<ArchiveReader.TenantSummary> read() {
        History history = snapshot.history();
        List<Entry.Segment> segments = snapshot.catalog().all(history);
        int nextSegment = 0;
        for (History.Stretch range : history.ranges()) {
            FoldBase begun = FoldBase.of(history, firstImage(history, range), range.to());
            while (nextSegment < segments.size()
                    && !segments.get(nextSegment).to().isAfter(range.from())) {
                add(segments.get(nextSegment++));
            }
            tenants.values().forEach(Tenant::forgetRows);
            addBase(begun);
            base = begun;
        }
        segments.subList(nextSegment, segments.size()).forEach(this::add);
        Set<Integer> roots = rootTables();
        return tenants.values().stream()
                .map(tenant -> tenant.summary(roots))
                .sorted(Comparator.comparing(ArchiveReader.TenantSummary::tenant))
                .toList();
    }

    /** Tables that were never called anything but the tenant table's name; all of them if there is no such table. */
    private Set<Integer> rootTables() {
        Optional<TableName> tenantTable =
                snapshot.history().origin().tenancyMap().tenantTable();
        return names.entrySet().stream()
                .filter(table -> tenantTable.isEmpty() || table.getValue().equals(tenantTable))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private void noteNames(ObjectTail tail) {
        for (int i = 0; i < tail.schemas().size(); i++) {
            TableSchema schema = tail.schemas().get(i);
            names.merge(
                    schema.oid(),
                    Optional.of(schema.name()),
                    (known, found) -> known.equals(found) ? known : Optional.empty());
        }
    }

    /** Whether what an object up to there has of the tenant is erased: directories name it, those of merged ones do not. */
    private boolean isErased(Token token, Lsn to) {
        return snapshot.erasureOf(token)
                .map(erasure -> !to.isAfter(erasure.durableTo()))
                .orElse(false);
    }

    /** The one that began the range; one more base inside it adds nothing. */
    private static Entry.Image firstImage(History history, History.Stretch range) {
        return history.images().stream()
                .filter(image -> image.position().equals(range.from()))
                .findFirst()
                .orElseThrow(() -> ReinstateException.bug("The range from " + range.from(), "it has no image"));
    }

    private void addBase(FoldBase begun) {
        Entry.Image image = begun.image();
        image.parts().forEach(part -> add(part, image.position(), image.time(), oid -> !begun.isReimaged(oid)));
        for (Entry.TableImage tableImage : begun.tableImages()) {
            tableImage
                    .parts()
                    .forEach(part -> add(
                            part, tableImage.position(), tableImage.time(), oid -> begun.comesFrom(tableImage, oid)));
        }
    }

    private void add(Entry.Part part, Lsn position, Instant time, IntPredicate tables) {
        ObjectTail tail = snapshot.objects().tail(part);
        noteNames(tail);
        for (Directory.Entry entry :
                snapshot.objects().directory(part.object(), tail).entries()) {
            if (entry.partition() instanceof Partition.OfTenant partition && !isErased(entry.token(), position)) {
                Tenant tenant = tenants.computeIfAbsent(
                        entry.token(), token -> new Tenant(partition, position.previous(), time));
                for (Directory.TableCount table : entry.tables()) {
                    int oid = tail.schemas().get(table.schema()).oid();
                    if (tables.test(oid)) {
                        tenant.add(oid, table.netRows());
                    }
                }
            }
        }
    }

    private void add(Entry.Segment segment) {
        ObjectTail tail = snapshot.objects().tail(segment);
        noteNames(tail);
        Directory directory = snapshot.objects().directory(segment.object(), tail);
        Set<Integer> truncated = new HashSet<>();
        for (Directory.Truncation truncation : directory.truncations()) {
            if (!new Lsn(truncation.lsn()).isBefore(from(truncation.oid()))) {
                truncated.add(truncation.oid());
                tenants.values().forEach(tenant -> tenant.truncate(truncation.oid()));
            }
        }
        for (Directory.Entry entry : directory.entries()) {
            if (entry.partition() instanceof Partition.OfTenant partition && !isErased(entry.token(), segment.to())) {
                Tenant tenant =
                        tenants.computeIfAbsent(entry.token(), token -> new Tenant(partition, Lsn.ZERO, Instant.EPOCH));
                if (entry.lastLsn() != 0) {
                    tenant.lastChange = new Lsn(entry.lastLsn());
                    tenant.lastTime = CommitTable.timeOf(entry.lastMicros());
                }
                addRows(segment, tail, entry, truncated, tenant);
            }
        }
    }

    private void addRows(
            Entry.Segment segment, ObjectTail tail, Directory.Entry entry, Set<Integer> truncated, Tenant tenant) {
        Set<Integer> split = new HashSet<>();
        for (Directory.TableCount table : entry.tables()) {
            int oid = tail.schemas().get(table.schema()).oid();
            Lsn from = from(oid);
            if (truncated.contains(oid) || !segment.commits().first().isBefore(from)) {
                tenant.add(oid, table.netRows()); // rows since the truncation, or all changes are after the image
            } else if (!segment.commits().last().isBefore(from)) {
                split.add(oid);
            }
        }
        if (!split.isEmpty()) {
            addSplit(segment, tail, entry, split, tenant);
        }
    }

    /** Counts changes one by one; none of these tables was truncated after its image in this segment. */
    private void addSplit(
            Entry.Segment segment, ObjectTail tail, Directory.Entry entry, Set<Integer> split, Tenant tenant) {
        try (PartitionRecords records =
                snapshot.objects().records(segment.object(), tail, entry.token(), entry.partition())) {
            while (records.next()) {
                RawRecord record = records.record();
                if (split.contains(record.oid) && !new Lsn(record.lsn).isBefore(from(record.oid))) {
                    tenant.add(record.oid, DirectoryBuilder.rowsAdded(record.operation));
                }
            }
        }
    }

    private Lsn from(int oid) {
        return base == null ? Lsn.ZERO : base.from(oid);
    }

    /** Row counts a table in two small arrays: there may be many tenants. */
    private static final class Tenant {
        private final Partition.OfTenant partition;
        private Lsn lastChange;
        private Instant lastTime;
        private int[] oids = new int[0];
        private long[] rows = new long[0];

        private Tenant(Partition.OfTenant partition, Lsn lastChange, Instant lastTime) {
            this.partition = partition;
            this.lastChange = lastChange;
            this.lastTime = lastTime;
        }

        void add(int oid, long count) {
            int index = indexOf(oid);
            if (index < 0) {
                index = oids.length;
                oids = Arrays.copyOf(oids, index + 1);
                rows = Arrays.copyOf(rows, index + 1);
                oids[index] = oid;
            }
            rows[index] += count;
        }

        void truncate(int oid) {
            int index = indexOf(oid);
            if (index >= 0) {
                rows[index] = 0;
            }
        }

        private int indexOf(int oid) {
            for (int i = 0; i < oids.length; i++) {
                if (oids[i] == oid) {
                    return i;
                }
            }
            return -1;
        }

        void forgetRows() {
            Arrays.fill(rows, 0);
        }

        ArchiveReader.TenantSummary summary(Set<Integer> rootTables) {
            long roots = IntStream.range(0, oids.length)
                    .filter(i -> rootTables.contains(oids[i]))
                    .mapToLong(i -> rows[i])
                    .sum();
            return new ArchiveReader.TenantSummary(
                    partition.tenant(), Arrays.stream(rows).sum(), roots, lastChange, lastTime);
        }
    }
}
