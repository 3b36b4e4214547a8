package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.UncertainInterval;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A shop whose tables change without the change stream saying so, and how to see that the archive is right again. */
abstract class SilentShop extends ServerTest {
    static final class Ears implements CaptureListener {
        final List<String> read = new CopyOnWriteArrayList<>();
        final List<String> needed = new CopyOnWriteArrayList<>();
        final List<String> pending = new CopyOnWriteArrayList<>();
        final List<String> gaps = new CopyOnWriteArrayList<>();

        @Override
        public void tableImageNeeded(List<TableName> tables, String reason) {
            tables.forEach(table -> needed.add(table.name() + " " + reason));
        }

        @Override
        public void tableImagePending(List<TableName> tables, String why) {
            pending.add(why);
        }

        @Override
        public void tableImagePublished(Lsn position, List<TableName> tables, Duration took) {
            tables.forEach(table -> read.add(table.name()));
        }

        @Override
        public void retrying(ReinstateException failure, int attempt, Duration pause) {
            pending.add(String.valueOf(failure.getMessage()));
        }

        @Override
        public void gap(Lsn from, String reason) {
            gaps.add(reason);
        }
    }

    final Ears ears = new Ears();

    CaptureHarness shop(String name) {
        CaptureHarness shop = new CaptureHarness(server, name, ShopSchema.DDL, ShopSchema.map(), directory);
        shop.listener = ears;
        shop.run("""
                INSERT INTO site VALUES ('a', 'A', NULL), ('b', 'B', NULL);
                INSERT INTO project VALUES (1, 'a', 'p', NULL, NULL), (2, 'b', 'q', NULL, NULL);
                INSERT INTO issue SELECT 1 + n % 2, n, 'title', 'body' FROM generate_series(1, 20) n;
                INSERT INTO comment SELECT n, 1 + n % 2, n, 'c' FROM generate_series(1, 20) n;
                INSERT INTO reaction SELECT n, n, ':)' FROM generate_series(1, 20) n;
                INSERT INTO note SELECT n, CASE n % 2 WHEN 0 THEN 'a' ELSE 'b' END, 'n', NULL FROM generate_series(1, 20) n;
                INSERT INTO event VALUES ('a', 'e1'), ('b', 'e2');
                """);
        return shop;
    }

    static List<String> tables() {
        List<String> tables = new ArrayList<>(ShopSchema.tables());
        tables.removeAll(ShopSchema.KEYLESS);
        return tables;
    }

    /** Waits until the archive's catalogue history has every table as it is. */
    static ArchiveReader settled(CaptureHarness shop) {
        ArchiveReader reader = Archive.openReader(shop.objects, shop.archiveSettings);
        CaptureHarness.awaitTrue("the archive to know the tables", () -> {
            shop.requireRunning();
            reader.refresh();
            SourceTables now = SourceTables.of(Catalogue.read(shop.sql), shop.rules());
            List<TableVersion> history = reader.catalogueHistory();
            return now.arePublished()
                    && !history.isEmpty()
                    && new KnownTables(history).changes(now).isEmpty();
        });
        return reader;
    }

    static Lsn now(CaptureHarness shop) {
        return Query.one(
                shop.sql,
                "Cannot read the position",
                "SELECT pg_current_wal_insert_lsn()::text",
                row -> Lsn.parse(row.getString(1)));
    }

    /**
     * Runs what the stream does not show. Afterwards the archive is right, says that the table was not between a position
     * before and one after it, and what was before is as it was.
     */
    void heals(CaptureHarness shop, String table, String... statements) {
        settled(shop);
        shop.requireFoldEqualsOracle("before", tables());
        ArchiveReader reader = shop.quiesced();
        Lsn old = CaptureHarness.end(reader);
        SortedMap<String, List<String>> then = shop.folded(reader, old);
        ears.read.clear();
        Lsn before = now(shop);
        List.of(statements).forEach(shop::run);
        Lsn after = now(shop);
        settled(shop);
        shop.requireFoldEqualsOracle("after", tables());
        assertThat(ears.read).contains(table);
        ArchiveReader later = shop.quiesced();
        assertThat(shop.folded(later, old)).isEqualTo(then);
        assertThat(later.state().uncertain())
                .filteredOn(interval -> interval.table().name().equals(table))
                .last()
                .satisfies(interval -> requireAround(interval, before, after));
        shop.run("UPDATE note SET body = body || '!'; UPDATE issue SET title = title || '!';"
                + " DELETE FROM note WHERE id = 3; UPDATE project SET site_id = 'a' WHERE id = 2");
        shop.requireFoldEqualsOracle("and goes on", tables());
    }

    static void requireAround(UncertainInterval interval, Lsn before, Lsn after) {
        assertThat(interval.from().isAfter(before))
                .as("from " + interval.from() + " by " + before)
                .isFalse();
        assertThat(interval.to().isBefore(after))
                .as("to " + interval.to() + " after " + after)
                .isFalse();
        assertThat(interval.reason()).isNotBlank();
    }
}
