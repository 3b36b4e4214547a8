package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.DirectoryBuilder;
import dev.reinstate.archive.format.DirectoryReader;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.SchemaCodec;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Past;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
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
import org.jspecify.annotations.Nullable;

/**
 * Adds the objects' directories up. Blocks are read only where a table image lies within a segment, of the partitions
 * that changed the table there: the directory does not say what came before and what after.
 */
final class TenantOverview {
    /** At least: what is read is decrypted beside, too. */
    private static final int AHEAD = 4;

    private final Snapshot snapshot;
    private final DamageListener damage;
    private final Map<Token, Tenant> tenants = new HashMap<>();
    private final Map<Token, Lsn> erasedTo;
    /** The position that everything kept for everybody begins with. */
    private final Lsn keptFrom;
    /** What each table is called; empty where it had several names. */
    private final Map<Integer, Optional<TableName>> names = new HashMap<>();
    /** Where each table's rows come from in the range at hand; none before the first image. */
    private @Nullable FoldBase base;

    TenantOverview(Snapshot snapshot, DamageListener damage) {
        this.snapshot = snapshot;
        this.damage = damage;
        this.keptFrom = snapshot.history().past().map(Past::from).orElse(Lsn.ZERO);
        this.erasedTo = snapshot.erasedTo();
    }

    List<ArchiveReader.TenantSummary> read() {
        History history = snapshot.history();
        List<Entry.Segment> segments = snapshot.catalog().all(history);
        int nextSegment = 0;
        history.past().ifPresent(this::addPast);
        try (ReadAhead<Entry.Segment, ObjectReader.Contents> ahead = new ReadAhead<>(
                Math.max(AHEAD, snapshot.objects().readAhead()), segments, snapshot.objects()::contents)) {
            for (History.Stretch range : history.ranges()) {
                FoldBase begun = FoldBase.of(history, firstImage(history, range), range.to());
                while (nextSegment < segments.size()
                        && !segments.get(nextSegment).to().isAfter(range.from())) {
                    add(segments.get(nextSegment++), ahead);
                }
                tenants.values().forEach(Tenant::forgetRows);
                addBase(begun);
                base = begun;
            }
            while (nextSegment < segments.size()) {
                add(segments.get(nextSegment++), ahead);
            }
        }
        Set<Integer> roots = rootTables();
        return tenants.values().parallelStream()
                .map(tenant -> tenant.summary(roots))
                .sorted(Comparator.comparing(ArchiveReader.TenantSummary::tenant))
                .toList();
    }

    /** Tenants that are held may have no row since. */
    private void addPast(Past past) {
        Set<Token> held = past.held().stream().map(Entry.Kept::tenant).collect(Collectors.toSet());
        if (held.isEmpty()) {
            return;
        }
        ObjectReader objects = snapshot.objects();
        past.images()
                .forEach(image ->
                        image.parts().forEach(part -> addHeld(objects.contents(part), held, image.position())));
        past.tableImages()
                .forEach(image ->
                        image.parts().forEach(part -> addHeld(objects.contents(part), held, image.position())));
        past.segments().forEach(segment -> addHeld(objects.contents(segment), held, segment.to()));
    }

    private void addHeld(ObjectReader.Contents contents, Set<Token> held, Lsn to) {
        while (contents.entries().hasNext()) {
            Directory.Entry entry = contents.entries().next();
            if (entry.partition() instanceof Partition.OfTenant partition
                    && held.contains(entry.token())
                    && !isErased(entry.token(), to)) {
                Tenant tenant =
                        tenants.computeIfAbsent(entry.token(), token -> new Tenant(partition, Lsn.ZERO, Instant.EPOCH));
                tenant.changed(entry);
            }
        }
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

    private void noteNames(SchemaCodec.Schemas schemas) {
        for (int i = 0; i < schemas.size(); i++) {
            TableSchema schema = schemas.get(i);
            names.merge(
                    schema.oid(),
                    Optional.of(schema.name()),
                    (known, found) -> known.equals(found) ? known : Optional.empty());
        }
    }

    /** Whether what an object up to there has of the tenant is erased: directories name it, those of merged ones do not. */
    private boolean isErased(Token token, Lsn to) {
        Lsn erased = erasedTo.get(token);
        return erased != null && !to.isAfter(erased);
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
        addParts(image.parts(), image.position(), image.time(), oid -> !begun.isReimaged(oid));
        for (Entry.TableImage tableImage : begun.tableImages()) {
            addParts(
                    tableImage.parts(),
                    tableImage.position(),
                    tableImage.time(),
                    oid -> begun.comesFrom(tableImage, oid));
        }
    }

    private void addParts(List<Entry.Part> parts, Lsn position, Instant time, IntPredicate tables) {
        try (ReadAhead<Entry.Part, ObjectReader.Contents> ahead =
                new ReadAhead<>(Math.max(AHEAD, snapshot.objects().readAhead()), parts, snapshot.objects()::contents)) {
            parts.forEach(part -> tolerating(() -> addSound(ahead.next(), position, time, tables)));
        }
    }

    private void add(Entry.Segment segment, ReadAhead<Entry.Segment, ObjectReader.Contents> ahead) {
        tolerating(() -> snapshot.sources()
                .read(
                        segment,
                        part -> new OfSegment(
                                part,
                                part.equals(segment)
                                        ? ahead.next()
                                        : snapshot.objects().contents(part)))
                .forEach(part -> addSound(part.segment(), part.contents())));
    }

    private record OfSegment(Entry.Segment segment, ObjectReader.Contents contents) {}

    /** One damaged object must not hide all the others' tenants. */
    private void tolerating(Runnable add) {
        try {
            add.run();
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            damage.workedAround(new DamageListener.Workaround(
                    e.what() + ": " + e.why(),
                    "tenants are listed without it: whom only it names is missing, and rows are miscounted"));
        }
    }

    private void addSound(ObjectReader.Contents contents, Lsn position, Instant time, IntPredicate tables) {
        SchemaCodec.Schemas schemas = contents.schemas();
        DirectoryReader entries = contents.entries();
        noteNames(schemas);
        while (entries.hasNext()) {
            Directory.Entry entry = entries.next();
            if (entry.partition() instanceof Partition.OfTenant partition && !isErased(entry.token(), position)) {
                Tenant tenant = tenants.computeIfAbsent(
                        entry.token(), token -> new Tenant(partition, position.previous(), time));
                for (Directory.TableCount table : entry.tables()) {
                    int oid = schemas.get(table.schema()).oid();
                    if (tables.test(oid)) {
                        tenant.add(oid, table.netRows());
                    }
                }
            }
        }
    }

    private void addSound(Entry.Segment segment, ObjectReader.Contents contents) {
        DirectoryReader entries = contents.entries();
        noteNames(contents.schemas());
        Set<Integer> truncated = new HashSet<>();
        for (Directory.Truncation truncation : entries.truncations()) {
            if (!new Lsn(truncation.lsn()).isBefore(from(truncation.oid()))) {
                truncated.add(truncation.oid());
                tenants.values().forEach(tenant -> tenant.truncate(truncation.oid()));
            }
        }
        while (entries.hasNext()) {
            Directory.Entry entry = entries.next();
            if (entry.partition() instanceof Partition.OfTenant partition
                    && !isErased(entry.token(), segment.to())
                    && isKept(entry)) {
                Tenant tenant =
                        tenants.computeIfAbsent(entry.token(), token -> new Tenant(partition, Lsn.ZERO, Instant.EPOCH));
                tenant.changed(entry);
                addRows(segment, contents.schemas(), entry, truncated, tenant);
            }
        }
    }

    /** Whether its last change is after what retention let go of, or it had rows then. */
    private boolean isKept(Directory.Entry entry) {
        return !new Lsn(entry.lastLsn()).isBefore(keptFrom) || tenants.containsKey(entry.token());
    }

    private void addRows(
            Entry.Segment segment,
            SchemaCodec.Schemas schemas,
            Directory.Entry entry,
            Set<Integer> truncated,
            Tenant tenant) {
        List<Integer> split = List.of();
        for (Directory.TableCount table : entry.tables()) {
            int oid = schemas.get(table.schema()).oid();
            Lsn from = from(oid);
            if (truncated.contains(oid) || !segment.commits().first().isBefore(from)) {
                tenant.add(oid, table.netRows()); // rows since the truncation, or all changes are after the image
            } else if (!segment.commits().last().isBefore(from)) {
                split = split.isEmpty() ? new ArrayList<>() : split;
                split.add(oid);
            }
        }
        if (!split.isEmpty()) {
            addSplit(segment, entry, Set.copyOf(split), tenant);
        }
    }

    /** Counts changes one by one; none of these tables was truncated after its image in this segment. */
    private void addSplit(Entry.Segment segment, Directory.Entry entry, Set<Integer> split, Tenant tenant) {
        ObjectReader objects = snapshot.objects();
        try (PartitionRecords records =
                objects.records(segment.object(), objects.tail(segment), entry.token(), entry.partition())) {
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

        /** Of an object with changes; images have none. */
        void changed(Directory.Entry entry) {
            if (entry.lastLsn() != 0) {
                lastChange = new Lsn(entry.lastLsn());
                lastTime = CommitTable.timeOf(entry.lastMicros());
            }
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
            long all = 0;
            long roots = 0;
            for (int i = 0; i < oids.length; i++) {
                all += rows[i];
                roots += rootTables.contains(oids[i]) ? rows[i] : 0;
            }
            return new ArchiveReader.TenantSummary(partition.tenant(), all, roots, lastChange, lastTime);
        }
    }
}
