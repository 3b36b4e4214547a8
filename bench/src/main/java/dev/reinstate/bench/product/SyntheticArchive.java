package dev.reinstate.bench.product;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.archive.KeyFile;
import dev.reinstate.archive.SegmentWriter;
import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * An encrypted archive in files, written by the archive's own writers from seeded arithmetic and no server: an image of
 * many tenants, one of them large, and segments of a month with made-up commit times. Tables: {@code site}, one row a
 * tenant, and {@code issue}, of about 330 bytes a row.
 */
public final class SyntheticArchive {
    /** The large tenant; the others are {@code site-2} and so on. */
    public static final TenantId LARGE = tenant(1);

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LENGTH = Duration.ofDays(30);
    private static final TableSchema SITE = table(16_384, "site", "id", "text", "name", "text");
    private static final TableSchema ISSUE =
            table(16_385, "issue", "id", "bigint", "site_id", "text", "state", "text", "body", "text");
    private static final int BODY_BYTES = 300;
    private static final long ROWS_PER_TENANT = 1_000_000;
    private static final long LSN_STEP = 0x200;

    private final Path folder;
    private final Shape shape;
    private final SplittableRandom random = new SplittableRandom(20_260_101);
    private long lsn = 0x1_0000_0000L;
    private long xid = 1_000;

    /**
     * What is in it.
     *
     * @param tenants at least 2
     * @param largeRows issues of the large tenant
     * @param rows issues of each other tenant
     * @param segments evenly over the 30 days, a transaction each for the large tenant and for every other one in it
     * @param largeChanges a segment updates so many of the large tenant's issues
     * @param touched so many other tenants have an issue updated in a segment
     */
    public record Shape(int tenants, int largeRows, int rows, int segments, int largeChanges, int touched) {}

    private SyntheticArchive(Path folder, Shape shape) {
        this.folder = folder;
        this.shape = shape;
    }

    /** Writes an archive to a folder, which is made. */
    public static SyntheticArchive write(Path folder, Shape shape) throws IOException {
        SyntheticArchive archive = new SyntheticArchive(folder, shape);
        java.nio.file.Files.createDirectories(folder);
        KeyFile.create(archive.keyFile(), new SecureRandom());
        try (ObjectStore objects = archive.objects()) {
            TenancyMap map = new TenancyMap(
                    SITE.name(),
                    new TreeMap<>(Map.of(
                            SITE.name(), new TableRule.TenantTable("id"),
                            ISSUE.name(), new TableRule.ByColumn("site_id"))));
            Archive.create(objects, new StoreIdentity(1, 1, "synthetic"), map, settings(folder));
            try (ArchiveWriter writer = Archive.openWriter(objects, settings(folder))) {
                archive.writeImage(writer);
                for (int segment = 0; segment < shape.segments(); segment++) {
                    archive.writeSegment(writer, segment);
                }
            }
        }
        return archive;
    }

    private void writeImage(ArchiveWriter writer) {
        try (ImageWriter image = writer.beginImage()) {
            for (int tenant = 1; tenant <= shape.tenants(); tenant++) {
                Partition partition = Partition.of(tenant(tenant));
                Tuple site = tuple(tenant(tenant).value(), "Site number " + tenant);
                image.add(partition, SITE, RowKey.of(SITE, site), site);
                int rows = tenant == 1 ? shape.largeRows() : shape.rows();
                for (int row = 0; row < rows; row++) {
                    Tuple issue = issue(tenant, row, "open");
                    image.add(partition, ISSUE, RowKey.of(ISSUE, issue), issue);
                }
            }
            image.publish(new Lsn(lsn), BEGIN);
        }
    }

    private void writeSegment(ArchiveWriter writer, int number) {
        Instant time = BEGIN.plus(LENGTH.multipliedBy(number + 1).dividedBy(shape.segments()));
        try (SegmentWriter segment = writer.beginSegment()) {
            Commit large = commit(segment, time);
            for (int i = 0; i < shape.largeChanges(); i++) {
                update(segment, large, i, 1, random.nextInt(shape.largeRows()));
            }
            for (int i = 0; i < shape.touched(); i++) {
                int tenant = 2 + random.nextInt(shape.tenants() - 1);
                update(segment, commit(segment, time), 0, tenant, random.nextInt(shape.rows()));
            }
            segment.publish(new Lsn(lsn));
        }
    }

    private Commit commit(SegmentWriter segment, Instant time) {
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + LSN_STEP / 2), time, xid++, "");
        lsn += LSN_STEP;
        segment.addCommit(commit);
        return commit;
    }

    private void update(SegmentWriter segment, Commit commit, long ordinal, int tenant, int row) {
        Tuple issue = issue(tenant, row, "done in " + commit.xid());
        segment.add(new Change(
                Partition.of(tenant(tenant)),
                ISSUE,
                Operation.UPDATE,
                RowKey.of(ISSUE, issue),
                issue,
                commit,
                ordinal));
    }

    /** The same row for the same numbers, half of its body incompressible. */
    private static Tuple issue(int tenant, int row, String state) {
        long id = tenant * ROWS_PER_TENANT + row;
        SplittableRandom letters = new SplittableRandom(id);
        StringBuilder body = new StringBuilder(BODY_BYTES + 64);
        while (body.length() < BODY_BYTES) {
            body.append(Long.toHexString(letters.nextLong())).append(" was changed and saved ");
        }
        return tuple(Long.toString(id), tenant(tenant).value(), state, body.toString());
    }

    private static Tuple tuple(String... values) {
        Tuple.Builder builder = new Tuple.Builder(BODY_BYTES + 128);
        for (String value : values) {
            builder.addText(value.getBytes(StandardCharsets.UTF_8));
        }
        return builder.build();
    }

    private static TableSchema table(int oid, String name, String... columnsAndTypes) {
        List<Column> columns = java.util.stream.IntStream.range(0, columnsAndTypes.length / 2)
                .mapToObj(i -> new Column(i + 1, columnsAndTypes[2 * i], 25, columnsAndTypes[2 * i + 1]))
                .toList();
        return new TableSchema(oid, new TableName("public", name), columns, List.of(0));
    }

    public static TenantId tenant(int number) {
        return new TenantId("site-" + number);
    }

    /** Compacts it; nothing may be reading it. */
    public void compact() {
        try (ObjectStore objects = objects()) {
            Compactor.run(objects, settings(folder));
        }
    }

    /** Its files, as an object store to be closed. */
    public ObjectStore objects() {
        return FileObjectStore.open(place(folder));
    }

    /** Where its files are, for the command line. */
    public Path place() {
        return place(folder);
    }

    public Path keyFile() {
        return keyFile(folder);
    }

    public Path folder() {
        return folder;
    }

    private static Path place(Path folder) {
        return folder.resolve("archive");
    }

    private static Path keyFile(Path folder) {
        return folder.resolve("reinstate.key");
    }

    private static ArchiveSettings settings(Path folder) {
        return ArchiveSettings.defaults(folder.resolve("temporary")).withMasterKey(() -> KeyFile.read(keyFile(folder)));
    }

    /** Reads what was written to that folder, through a store that may count what is read. */
    public static ArchiveReader open(Path folder, ObjectStore objects) {
        return Archive.openReader(objects, settings(folder));
    }

    /** The archive in that folder. */
    static ObjectStore objects(Path folder) {
        return FileObjectStore.open(place(folder));
    }
}
