package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prints what writing and folding reach on this machine; asserts only that nothing is lost on the way. */
final class ThroughputTest {
    private static final int TENANTS = 500;
    private static final int CHANGES = Integer.getInteger("reinstate.throughput.changes", 60_000);

    @TempDir
    Path directory = Path.of("");

    private final Random random = new Random(42);
    private final List<Partition> partitions = new ArrayList<>();
    private final List<TableSchema> tables = new ArrayList<>();

    @ParameterizedTest(name = "encrypted {0}")
    @ValueSource(booleans = {false, true})
    void writesAndFolds(boolean encrypted) {
        print(encrypted ? "--- encrypted" : "--- not encrypted");
        for (int i = 0; i < TENANTS; i++) {
            partitions.add(Partition.of(new TenantId("site-" + (1000 + i))));
        }
        for (int i = 0; i < 12; i++) {
            tables.add(RandomHistory.schema(
                    1000 + i, "table_" + i, List.of("id", "site", "title", "state", "amount"), List.of(0)));
        }
        ArchiveSettings settings = ArchiveFixture.settings(directory.resolve("tmp"), 64L << 20, 1, encrypted);
        try (ObjectStore objects = FileObjectStore.open(directory.resolve("store-" + System.nanoTime()))) {
            ArchiveFixture.create(objects, settings);
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                try (ImageWriter image = writer.beginImage()) {
                    image.publish(new Lsn(1000), RandomHistory.START);
                }
                for (int round = 0; round < 4; round++) {
                    segment(writer, round);
                }
                image(writer);
            }
            fold(objects, settings);
        }
    }

    /** Wall-clock time: it is the disk that is waited for. */
    @Test
    void makesKeys() {
        int tenants = Integer.getInteger("reinstate.throughput.tenants", 1_000);
        TableSchema table =
                RandomHistory.schema(1000, "table", List.of("id", "site", "title", "state", "amount"), List.of(0));
        ArchiveSettings settings = ArchiveFixture.settings(directory.resolve("tmp"), 64L << 20, 1, true);
        try (ObjectStore objects = FileObjectStore.open(directory.resolve("keys"))) {
            ArchiveFixture.create(objects, settings);
            for (String what : List.of("made", "found again by a new writer")) {
                try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                        ImageWriter image = writer.beginImage()) {
                    long start = System.nanoTime();
                    for (int i = 0; i < tenants; i++) {
                        Tuple tuple = tuple(table, i);
                        image.add(Partition.of(new TenantId("t" + i)), table, RowKey.of(table, tuple), tuple);
                    }
                    image.publish(new Lsn(1000), RandomHistory.START);
                    double seconds = (System.nanoTime() - start) / 1e9;
                    print(
                            "image of one row of %,d tenants, keys %s: %.2f s, %.3f ms a key",
                            tenants, what, seconds, seconds * 1000 / tenants);
                }
            }
        }
    }

    private void segment(ArchiveWriter writer, int round) {
        List<Change> changes = new ArrayList<>();
        long lsn = writer.state().durableTo().value();
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 40), RandomHistory.START, 1, "");
        List<Commit> commits = new ArrayList<>(List.of(commit));
        for (int i = 0; i < CHANGES; i++) {
            if (i % 10 == 9) {
                lsn += 2000;
                commit = new Commit(new Lsn(lsn), new Lsn(lsn + 40), RandomHistory.START.plusNanos(lsn * 1000), i, "");
                commits.add(commit);
            }
            changes.add(change(commit, i, (long) round * CHANGES + i));
        }
        long start = now();
        try (SegmentWriter segment = writer.beginSegment()) {
            changes.forEach(segment::add);
            commits.forEach(segment::addCommit);
            long added = now();
            segment.publish(commits.getLast().endLsn());
            double seconds = seconds(start);
            print(
                    "segment: %,d changes, %.1f MB raw, add %.2f s, sort+compress+write %.2f s = %,.0f changes/s, %.0f MB/s",
                    CHANGES,
                    segment.sizeBytes() / 1e6,
                    seconds - seconds(added),
                    seconds(added),
                    CHANGES / seconds,
                    segment.sizeBytes() / 1e6 / seconds);
        }
    }

    private Change change(Commit commit, int ordinal, long id) {
        Partition partition = partitions.get((int) (TENANTS * random.nextDouble() * random.nextDouble()));
        TableSchema table = tables.get(random.nextInt(tables.size()));
        Tuple tuple = tuple(table, id);
        return new Change(partition, table, Operation.INSERT, RowKey.of(table, tuple), tuple, commit, ordinal);
    }

    private Tuple tuple(TableSchema table, long id) {
        Tuple.Builder builder = new Tuple.Builder(128);
        builder.addText(text(Long.toString(id * 31 % 900_000_007)));
        builder.addText(text("site-" + random.nextInt(1000)));
        builder.addText(
                text(table.name().name() + " about " + Long.toString(random.nextLong(), 36) + " and some words"));
        builder.addText(text("open"));
        builder.addText(text(Integer.toString(random.nextInt(100_000))));
        return builder.build();
    }

    private static byte[] text(String value) {
        return value.getBytes(StandardCharsets.US_ASCII);
    }

    private void image(ArchiveWriter writer) {
        int rows = CHANGES * 2;
        List<Tuple> tuples = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            tuples.add(tuple(tables.get(i % tables.size()), i));
        }
        long start = now();
        try (ImageWriter image = writer.beginImage()) {
            for (int i = 0; i < rows; i++) {
                TableSchema table = tables.get(i % tables.size());
                RowKey key = RowKey.keyless(new Lsn(1), i);
                image.add(partitions.get(i % 7 == 0 ? 0 : i % TENANTS), table, key, tuples.get(i % 100_000));
            }
            image.publish(writer.state().durableTo(), RandomHistory.START);
        }
        ArchiveState.Image published = writer.state().images().getLast();
        double seconds = seconds(start);
        print(
                "image: %,d rows, %.1f MB compressed, %.2f s = %,.0f rows/s, %.0f MB/s compressed",
                rows, published.sizeBytes() / 1e6, seconds, rows / seconds, published.sizeBytes() / 1e6 / seconds);
    }

    private void fold(ObjectStore objects, ArchiveSettings settings) {
        for (int round = 0; round < 3; round++) {
            long start = now();
            ArchiveReader reader = Archive.openReader(objects, settings);
            long rows = 0;
            long bytes = 0;
            Lsn beforeLastImage = reader.state().images().getLast().position();
            for (Lsn position : List.of(new Lsn(beforeLastImage.value() - 2), beforeLastImage.previous())) {
                try (ArchiveReader.RowStream stream = reader.fold(partitions.getFirst(), position, table -> true)) {
                    while (stream.hasNext()) {
                        rows++;
                        bytes += stream.next().tuple().encoded().length;
                    }
                }
                double seconds = seconds(start);
                print(
                        "fold at %s: %,d rows, %.1f MB, %.3f s = %,.0f rows/s",
                        position, rows, bytes / 1e6, seconds, rows / seconds);
                assertThat(rows).isPositive();
                rows = 0;
                bytes = 0;
                start = now();
            }
        }
    }

    /** Time of the processor, so that a busy machine does not blur the picture. */
    private static long now() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double seconds(long since) {
        return (now() - since) / 1e9;
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
