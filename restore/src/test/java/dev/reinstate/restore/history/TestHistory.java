package dev.reinstate.restore.history;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.archive.ReimagedTable;
import dev.reinstate.archive.SegmentWriter;
import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A history written down as one would tell it: an image at 12:00:00, then transactions at given seconds. Tables are
 * {@code site}, {@code page} and {@code note}, all of tenant {@code a}.
 */
final class TestHistory {
    static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    static final TenantId TENANT = new TenantId("a");
    private static final long IMAGE = 1000;
    private static final List<String> TABLES = List.of("site", "page", "note");

    private final ObjectStore objects = new MemoryObjectStore();
    private final ArchiveSettings settings;
    private final List<Change> changes = new ArrayList<>();
    private final List<Commit> commits = new ArrayList<>();
    private long lsn = IMAGE;

    TestHistory(Path directory, int pages, int notes) {
        this(directory, pages, notes, bySite());
    }

    /** Of a tenant that has a schema of its own, and no row that stands for it. */
    static TestHistory bySchema(Path directory, int pages, int notes) {
        TableRule bySchema = new TableRule.BySchema();
        return new TestHistory(
                directory,
                pages,
                notes,
                new TenancyMap(
                        Optional.empty(),
                        Optional.of(new SchemaPattern("{tenant}")),
                        new TreeMap<>(Map.of(
                                TableName.parse("site"), bySchema,
                                TableName.parse("page"), bySchema,
                                TableName.parse("note"), bySchema))));
    }

    private static TenancyMap bySite() {
        TableRule bySite = new TableRule.ByColumn("site_id");
        return new TenancyMap(
                TableName.parse("site"),
                new TreeMap<>(Map.of(
                        TableName.parse("site"), new TableRule.TenantTable("id"),
                        TableName.parse("page"), bySite,
                        TableName.parse("note"), bySite)));
    }

    private TestHistory(Path directory, int pages, int notes, TenancyMap map) {
        settings = new ArchiveSettings(directory, 1 << 20, 1, Clock.systemUTC(), new Random(1));
        Archive.create(objects, new StoreIdentity(1, 1, "db"), map, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                ImageWriter image = writer.beginImage()) {
            add(image, "site", 1);
            add(image, "page", pages);
            add(image, "note", notes);
            image.publish(new Lsn(IMAGE), NOON);
        }
    }

    private static void add(ImageWriter image, String table, int rows) {
        for (int i = 1; i <= rows; i++) {
            image.add(Partition.of(TENANT), schema(table), key(i), row(i));
        }
    }

    /** A transaction at that second after noon; the position of its commit. */
    Lsn at(double second, Object... operations) {
        lsn += 100;
        Commit commit =
                new Commit(new Lsn(lsn), new Lsn(lsn + 50), NOON.plusMillis((long) (second * 1000)), lsn / 100, "");
        commits.add(commit);
        for (int i = 0; i < operations.length; i += 3) {
            int[] rows = (int[]) operations[i + 2];
            for (int row = rows[0]; row <= rows[1]; row++) {
                changes.add(change((Operation) operations[i], (String) operations[i + 1], row, commit));
            }
        }
        return commit.commitLsn();
    }

    /** A table is dropped at or after the position given, which is noticed at that second; what was told before is written. */
    void dropped(String table, Lsn from, double second) {
        write();
        lsn += 100;
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            writer.publishPosition(new Lsn(lsn), NOON.plusMillis((long) (second * 1000)));
            Instant noticed = NOON.plusMillis((long) (second * 1000));
            TableSchema shape = schema(table);
            try (ImageWriter image = writer.beginTableImage(
                    List.of(new ReimagedTable(shape.oid(), shape.name(), from, "it was dropped")))) {
                image.publish(new Lsn(lsn), noticed);
            }
            writer.publishTableVersions(List.of(new TableVersion(
                    new Lsn(lsn), noticed, shape.oid(), shape.name(), Optional.empty(), "", "seen", false)));
            writer.publishPosition(new Lsn(lsn + 10), noticed);
        }
        lsn += 10;
    }

    private Change change(Operation operation, String table, int row, Commit commit) {
        boolean whole = operation == Operation.TRUNCATE;
        return new Change(
                whole ? Partition.STORE_EVENTS : Partition.of(TENANT),
                schema(table),
                operation,
                whole ? RowKey.EMPTY : key(row),
                operation.leavesRow() ? row(row) : Tuple.EMPTY,
                commit,
                changes.size());
    }

    /** Rows with keys from one to the other. */
    static int[] rows(int from, int to) {
        return new int[] {from, to};
    }

    private static Tuple row(int key) {
        return Tuple.ofTexts(List.of(Optional.of(Integer.toString(key)), Optional.of("a")));
    }

    private static RowKey key(int key) {
        return RowKey.of(schema("site"), row(key));
    }

    private static TableSchema schema(String table) {
        return new TableSchema(
                10 + TABLES.indexOf(table),
                TableName.parse(table),
                List.of(new Column(1, "id", 23, "integer"), new Column(2, "site_id", 25, "text")),
                List.of(0));
    }

    /** Writes everything told so far that is not written, as one segment. */
    ArchiveReader reader() {
        write();
        return Archive.openReader(objects, settings);
    }

    private void write() {
        if (commits.isEmpty()) {
            return;
        }
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                SegmentWriter segment = writer.beginSegment()) {
            commits.forEach(segment::addCommit);
            changes.forEach(segment::add);
            segment.publish(new Lsn(lsn + 60));
        }
        commits.clear();
        changes.clear();
    }
}
