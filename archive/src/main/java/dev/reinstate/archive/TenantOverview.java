package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Adds the objects' directories up, without reading a block. */
final class TenantOverview {
    private final Snapshot snapshot;
    private final Map<Token, Tenant> tenants = new HashMap<>();

    TenantOverview(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    List<ArchiveReader.TenantSummary> read() {
        History history = snapshot.history();
        Set<Lsn> rangeStarts = new HashSet<>();
        history.ranges().forEach(range -> rangeStarts.add(range.from()));
        List<Entry.Segment> segments = snapshot.catalog().all(history);
        int nextSegment = 0;
        for (Entry.Image image : history.images()) {
            if (!rangeStarts.remove(image.position())) {
                continue; // one more base inside a range adds nothing to it
            }
            while (nextSegment < segments.size()
                    && !segments.get(nextSegment).to().isAfter(image.position())) {
                add(segments.get(nextSegment++));
            }
            tenants.values().forEach(Tenant::forgetRows);
            image.parts().forEach(part -> add(image, part));
        }
        segments.subList(nextSegment, segments.size()).forEach(this::add);
        return tenants.values().stream()
                .map(Tenant::summary)
                .sorted(Comparator.comparing(ArchiveReader.TenantSummary::tenant))
                .toList();
    }

    private void add(Entry.Image image, Entry.Part part) {
        add(part.object(), snapshot.objects().tail(part), image.position().previous(), image.time());
    }

    private void add(Entry.Segment segment) {
        add(segment.object(), snapshot.objects().tail(segment), Lsn.ZERO, Instant.EPOCH);
    }

    private void add(StoredObject object, ObjectTail tail, Lsn imagePosition, Instant imageTime) {
        Directory directory = snapshot.objects().directory(object, tail);
        directory
                .truncations()
                .forEach(truncation -> tenants.values().forEach(tenant -> tenant.truncate(truncation.oid())));
        for (Directory.Entry entry : directory.entries()) {
            if (entry.partition() instanceof Partition.OfTenant partition) {
                Tenant tenant = tenants.computeIfAbsent(
                        entry.token(), token -> new Tenant(partition, imagePosition, imageTime));
                if (entry.lastLsn() != 0) {
                    tenant.lastChange = new Lsn(entry.lastLsn());
                    tenant.lastTime = CommitTable.timeOf(entry.lastMicros());
                }
                entry.tables()
                        .forEach(table ->
                                tenant.add(tail.schemas().get(table.schema()).oid(), table.netRows()));
            }
        }
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

        ArchiveReader.TenantSummary summary() {
            return new ArchiveReader.TenantSummary(
                    partition.tenant(), Arrays.stream(rows).sum(), lastChange, lastTime);
        }
    }
}
