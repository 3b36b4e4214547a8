package dev.reinstate.bench;

import dev.reinstate.bench.load.TenantContent;
import dev.reinstate.bench.load.TenantRows;
import dev.reinstate.bench.product.CaptureProcess;
import dev.reinstate.bench.product.Installation;
import dev.reinstate.bench.product.Restored;
import dev.reinstate.bench.result.Gate;
import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.Row;
import dev.reinstate.bench.result.Series;
import dev.reinstate.bench.server.Database;
import dev.reinstate.model.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Capture and restore with a heap of 512 MB: transactions of two million rows, rows of 60 MiB in image, stream and
 * tenant. Run once whatever the rounds: it passes or it does not.
 */
final class MemoryBound implements Bench {
    private static final int FULL_ROWS = 2_000_000;
    private static final int FULL_LARGE_BYTES = 60 << 20;
    private static final int LARGE_ROWS = 4;
    private static final List<TenantRows> TENANT = List.of(
            new TenantRows("tenant", "id = 'big'"),
            new TenantRows("record", "tenant_id = 'big'"),
            new TenantRows("document", "tenant_id = 'big'"));

    /** What capture needed. */
    private record Captured(Lsn position, Duration wall, long peakHeapBytes, long peakResidentBytes) {}

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        int rows = site.scaled(FULL_ROWS);
        int largeBytes = site.scaled(FULL_LARGE_BYTES);
        Path folder = Files.createDirectory(site.folder().resolve(name()));
        Database database = site.server().createDatabase("memory");
        try {
            create(database, largeBytes);
            Installation installation = Installation.init(folder, database, "public.tenant");
            Captured captured = capture(installation, rows, largeBytes);
            String before = TenantContent.of(database, TENANT);
            database.execute("DELETE FROM tenant WHERE id = 'big'");
            Restored deleted = installation.restore("big", captured.position());
            boolean right = TenantContent.of(database, TENANT).equals(before);
            damage(database);
            Restored damaged = installation.restore("big", captured.position(), "--replace");
            right &= TenantContent.of(database, TENANT).equals(before);
            return outcome(rows, largeBytes, captured, List.of(deleted, damaged), right);
        } finally {
            site.server().drop(database);
        }
    }

    private static void create(Database database, int largeBytes) throws Exception {
        database.execute("""
                CREATE TABLE tenant (id text PRIMARY KEY);
                CREATE TABLE record (id bigint PRIMARY KEY, tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
                    value text NOT NULL, counter int NOT NULL);
                CREATE INDEX ON record (tenant_id);
                CREATE TABLE document (id int PRIMARY KEY, tenant_id text NOT NULL REFERENCES tenant ON DELETE CASCADE,
                    body text NOT NULL);
                INSERT INTO tenant VALUES ('big'), ('small');
                INSERT INTO record SELECT -i, 'small', md5(i::text), 0 FROM generate_series(1, 1000) i;
                """);
        database.execute(largeRows(0, largeBytes));
    }

    /** Text that is as large in the archive's text form and not quite as large compressed. */
    private static String largeRows(int firstId, int largeBytes) {
        return """
                INSERT INTO document SELECT %1$d + d, 'big', (SELECT left(string_agg(repeat(md5((d * i)::text), 32), ''), %2$d)
                    FROM generate_series(1, 1 + %2$d / 1024) i) FROM generate_series(1, %3$d) d
                """.formatted(firstId, largeBytes, LARGE_ROWS);
    }

    private static Captured capture(Installation installation, int rows, int largeBytes) throws Exception {
        Database database = installation.database();
        try (CaptureProcess capture = installation.protect()) {
            capture.awaitCaughtUp();
            long start = System.nanoTime();
            database.execute(
                    "INSERT INTO record SELECT i, 'big', md5(i::text), 0 FROM generate_series(1, " + rows + ") i");
            database.execute("UPDATE record SET counter = counter + 1 WHERE tenant_id = 'big'");
            database.execute(largeRows(LARGE_ROWS, largeBytes));
            database.execute("UPDATE document SET body = body || 'x' WHERE id = 1");
            capture.awaitCaughtUp();
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            Lsn position = installation.reader().state().durableTo().previous(); // it is an end: exclusive
            return new Captured(position, wall, capture.peakHeapBytes(), capture.peakResidentBytes());
        }
    }

    /** Every third record is gone, another is changed, and so is every large row. */
    private static void damage(Database database) throws Exception {
        database.execute("DELETE FROM record WHERE tenant_id = 'big' AND id % 3 = 0");
        database.execute("UPDATE record SET value = 'damaged' WHERE tenant_id = 'big' AND id % 3 = 1");
        database.execute("UPDATE document SET body = 'damaged ' || body WHERE tenant_id = 'big'");
    }

    private Outcome outcome(
            int rows, int largeBytes, Captured captured, List<Restored> deletedAndDamaged, boolean right) {
        Restored deleted = deletedAndDamaged.get(0);
        Restored damaged = deletedAndDamaged.get(1);
        List<Row> measured = List.of(
                mebibytes("capture: fullest heap", captured.peakHeapBytes()),
                mebibytes("capture: largest resident set", captured.peakResidentBytes()),
                mebibytes("restore, all deleted: fullest heap", deleted.peakHeapBytes()),
                mebibytes("restore, all deleted: largest resident set", deleted.peakResidentBytes()),
                mebibytes("restore, part damaged: fullest heap", damaged.peakHeapBytes()),
                mebibytes("restore, part damaged: largest resident set", damaged.peakResidentBytes()),
                Row.of("capture: from the first insert until durable", seconds(captured.wall()), "s"),
                Row.of("restore, all deleted: the whole command", seconds(deleted.process()), "s"),
                Row.of("restore, part damaged: the whole command", seconds(damaged.process()), "s"));
        List<Gate> gates = List.of(Gate.held("completes with -Xmx512m, every row as it was", right));
        String setting = String.format(
                Locale.ROOT,
                "a transaction inserting and one updating %,d rows, %d rows of %d MiB",
                rows,
                2 * LARGE_ROWS,
                largeBytes >> 20);
        return new Outcome(name(), setting, measured, gates);
    }

    private static Row mebibytes(String what, long bytes) {
        return Row.of(what, Series.of(bytes / (double) (1 << 20)), "MiB");
    }

    private static Series seconds(Duration duration) {
        return Series.of(duration.toNanos() / 1e9);
    }
}
