package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableRule;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tables that come, go, or were out of sight for a while. */
class SilentTablesTest extends SilentShop {
    private static final String METRIC = """
            CREATE TABLE metric (site_id text NOT NULL, day int NOT NULL, n int, PRIMARY KEY (site_id, day))
                PARTITION BY RANGE (day);
            CREATE TABLE metric_1 PARTITION OF metric FOR VALUES FROM (1) TO (2);
            INSERT INTO metric VALUES ('a', 1, 1), ('b', 1, 2);
            """;

    private static List<String> metric(ArchiveReader reader, CaptureHarness shop) {
        SortedMap<String, List<String>> rows = shop.folded(reader, CaptureHarness.end(reader));
        return Stream.of("a metric_1", "b metric_1", "a metric_2", "b metric_2")
                .flatMap(key -> rows.getOrDefault(key, List.of()).stream())
                .toList();
    }

    @Test
    void rowsOfAPartitionThatWereWrittenWhileItWasUnlogged() throws Exception {
        try (CaptureHarness shop = shop("unlogged")) {
            shop.run(METRIC);
            shop.map = ShopSchema.with(shop.map, "metric", new TableRule.ByColumn("site_id"));
            shop.start();
            settled(shop);
            Lsn before = now(shop);
            // within one transaction nobody can see that it was anything but logged
            shop.run("BEGIN; ALTER TABLE metric_1 SET UNLOGGED; UPDATE metric SET n = n + 10;"
                    + " INSERT INTO metric_1 VALUES ('c', 1, 3); ALTER TABLE metric_1 SET LOGGED; COMMIT");
            Lsn after = now(shop);
            settled(shop);
            shop.run("UPDATE metric SET n = 13 WHERE site_id = 'a'");
            ArchiveReader reader = shop.quiesced();
            assertThat(metric(reader, shop)).containsExactly("a|1|13", "b|1|12");
            assertThat(shop.folded(reader, CaptureHarness.end(reader)).get("c metric_1"))
                    .containsExactly("c|1|3");
            assertThat(reader.state().uncertain())
                    .filteredOn(interval -> interval.table().name().equals("metric_1"))
                    .last()
                    .satisfies(interval -> requireAround(interval, before, after));
        }
    }

    @Test
    void theStayAmongTheUnloggedMayBeLongAndNoticed() throws Exception {
        try (CaptureHarness shop = shop("long_unlogged")) {
            shop.run(METRIC);
            shop.map = ShopSchema.with(shop.map, "metric", new TableRule.ByColumn("site_id"));
            shop.start();
            settled(shop);
            Lsn before = now(shop);
            shop.run("ALTER TABLE metric_1 SET UNLOGGED");
            settled(shop);
            shop.run("UPDATE metric SET n = n + 10");
            Lsn after = now(shop);
            shop.run("ALTER TABLE metric_1 SET LOGGED");
            settled(shop);
            ArchiveReader reader = shop.quiesced();
            assertThat(metric(reader, shop)).containsExactly("a|1|11", "b|1|12");
            assertThat(reader.state().uncertain())
                    .filteredOn(interval -> interval.table().name().equals("metric_1"))
                    .last()
                    .satisfies(interval -> requireAround(interval, before, after));
        }
    }

    @Test
    void aTableWithoutKeyThatWasTakenOutIsReadToo() throws Exception {
        try (CaptureHarness shop = shop("keyless_out")) {
            shop.start();
            settled(shop);
            shop.run("BEGIN; ALTER PUBLICATION reinstate_keyless_out_inserts DROP TABLE event;"
                    + " INSERT INTO event VALUES ('a', 'unseen'); DELETE FROM event WHERE what = 'e1'; COMMIT");
            settled(shop);
            shop.run("INSERT INTO event VALUES ('a', 'seen')");
            ArchiveReader reader = shop.quiesced();
            assertThat(shop.folded(reader, CaptureHarness.end(reader)).get("a event"))
                    .containsExactly("a|seen", "a|unseen");
        }
    }

    @Test
    void rowsWrittenUnderANameThatNobodySawMoveWithTheirParent() throws Exception {
        try (CaptureHarness shop = shop("unseen_name")) {
            shop.start();
            settled(shop);
            // within one transaction nobody can see that it had another name
            shop.run("BEGIN; ALTER TABLE comment RENAME TO remark; UPDATE remark SET body = 'r';"
                    + " ALTER TABLE remark RENAME TO comment; COMMIT");
            shop.run("UPDATE project SET site_id = 'b' WHERE id = 1");
            ArchiveReader reader = shop.quiesced();
            SortedMap<String, List<String>> rows = shop.folded(reader, CaptureHarness.end(reader));
            assertThat(rows).doesNotContainKeys("a comment", "a remark");
            assertThat(rows.get("b remark")).hasSize(20);
        }
    }

    @Test
    void whoeverTakesATableOutOfThePublicationHidesItsChanges() throws Exception {
        try (CaptureHarness shop = shop("taken_out")) {
            shop.start();
            heals(
                    shop,
                    "note",
                    "BEGIN; ALTER PUBLICATION reinstate_taken_out_rows DROP TABLE note; ALTER TABLE note SET UNLOGGED;"
                            + " INSERT INTO note VALUES (100, 'a', 'unseen', NULL); DELETE FROM note WHERE id = 1;"
                            + " ALTER TABLE note SET LOGGED; COMMIT");
            heals(
                    shop,
                    "issue",
                    "BEGIN; ALTER PUBLICATION reinstate_taken_out_rows DROP TABLE issue; UPDATE issue SET title = 'unseen';"
                            + " DELETE FROM issue WHERE no = 7; COMMIT");
        }
    }

    @Test
    void aTableThatIsDroppedAndMadeAgainIsAnotherTable() throws Exception {
        try (CaptureHarness shop = shop("made_again")) {
            shop.start();
            heals(
                    shop,
                    "note",
                    "BEGIN; DROP TABLE note; CREATE TABLE note (id bigint PRIMARY KEY, site_id text, body text, tags text[]);"
                            + " INSERT INTO note VALUES (1, 'b', 'new', NULL), (2, 'a', 'new', NULL); COMMIT");
            assertThat(ears.gaps).isEmpty();
        }
    }

    @Test
    void partitionsThatComeFilledAndGoWithTheirRows() throws Exception {
        try (CaptureHarness shop = shop("partitions")) {
            shop.run(METRIC + """
                    CREATE TABLE metric_2 (site_id text NOT NULL, day int NOT NULL, n int, PRIMARY KEY (site_id, day));
                    INSERT INTO metric_2 VALUES ('a', 2, 3)
                    """);
            shop.map = ShopSchema.with(shop.map, "metric", new TableRule.ByColumn("site_id"));
            shop.start();
            settled(shop);
            ArchiveReader reader = shop.quiesced();
            Lsn old = CaptureHarness.end(reader);
            assertThat(shop.folded(reader, old))
                    .containsKeys("a metric_1", "b metric_1")
                    .doesNotContainKey("a metric_2");
            shop.run("ALTER TABLE metric ATTACH PARTITION metric_2 FOR VALUES FROM (2) TO (3)");
            settled(shop);
            shop.run("INSERT INTO metric VALUES ('b', 2, 4)");
            ArchiveReader attached = shop.quiesced();
            assertThat(shop.folded(attached, CaptureHarness.end(attached)).get("a metric_2"))
                    .containsExactly("a|2|3");
            assertThat(shop.folded(attached, CaptureHarness.end(attached)).get("b metric_2"))
                    .containsExactly("b|2|4");
            shop.run("ALTER TABLE metric DETACH PARTITION metric_1; DROP TABLE metric_1");
            settled(shop);
            ArchiveReader gone = shop.quiesced();
            assertThat(shop.folded(gone, CaptureHarness.end(gone)))
                    .containsKeys("a metric_2", "b metric_2")
                    .doesNotContainKeys("a metric_1", "b metric_1");
            assertThat(shop.folded(gone, old)).containsKeys("a metric_1", "b metric_1");
            assertThat(gone.state().uncertain())
                    .extracting(interval -> interval.table().name() + ": " + interval.reason())
                    .anyMatch(said -> said.equals("metric_1: it was dropped"));
        }
    }

    /** The stream has its rows, the catalogue never shows it: neither the capture that heard of it nor the next forgets it. */
    @Test
    void aPartitionThatComesAndGoesBetweenTwoLooks() throws Exception {
        try (CaptureHarness shop = shop("comes_and_goes")) {
            shop.run(METRIC);
            shop.map = ShopSchema.with(shop.map, "metric", new TableRule.ByColumn("site_id"));
            shop.start();
            settled(shop);
            shop.stop();
            shop.settings = shop.settings.withWatchInterval(Duration.ofHours(1));
            shop.start();
            Lsn before = now(shop);
            shop.run("CREATE TABLE metric_2 PARTITION OF metric FOR VALUES FROM (2) TO (3)");
            shop.run("INSERT INTO metric VALUES ('a', 2, 3), ('b', 2, 4)");
            shop.run("ALTER TABLE metric DETACH PARTITION metric_2; DROP TABLE metric_2");
            Lsn after = now(shop);
            ArchiveReader heard = shop.quiesced();
            assertThat(heard.catalogueHistory())
                    .filteredOn(version -> version.command().equals("announced"))
                    .extracting(version -> version.name().name())
                    .containsExactly("metric_2");
            shop.kill();
            shop.settings = shop.settings.withWatchInterval(Duration.ofMillis(100));
            shop.start();
            settled(shop);
            ArchiveReader reader = shop.quiesced();
            assertThat(shop.folded(reader, CaptureHarness.end(reader)).keySet())
                    .contains("a metric_1", "b metric_1")
                    .noneMatch(key -> key.endsWith(" metric_2"));
            assertThat(reader.state().uncertain())
                    .filteredOn(interval -> interval.table().name().equals("metric_2"))
                    .singleElement()
                    .satisfies(interval -> requireAround(interval, before, after));
        }
    }

    @Test
    void aTableThatIsMappedLaterIsReadWithoutAGap() throws Exception {
        try (CaptureHarness shop = shop("mapped_later")) {
            shop.run(
                    "CREATE TABLE invoice (id int PRIMARY KEY, site_id text); INSERT INTO invoice VALUES (1, 'a'), (2, 'b')");
            shop.start();
            settled(shop);
            shop.stop();
            shop.map = ShopSchema.with(shop.map, "invoice", new TableRule.ByColumn("site_id"));
            shop.run("INSERT INTO invoice VALUES (3, 'a')");
            shop.start();
            settled(shop);
            shop.run("UPDATE invoice SET site_id = 'b' WHERE id = 3");
            ArchiveReader reader = shop.quiesced();
            var rows = shop.folded(reader, CaptureHarness.end(reader));
            assertThat(rows.get("a invoice")).containsExactly("1|a");
            assertThat(rows.get("b invoice")).containsExactly("2|b", "3|b");
            assertThat(ears.gaps).isEmpty();
            assertThat(reader.state().images()).hasSize(1);
        }
    }

    @Test
    void aTableThatLostItsIdentityIsReadWhenItHasOneAgain() throws Exception {
        try (CaptureHarness shop = shop("identity")) {
            shop.start();
            settled(shop);
            Lsn before = now(shop);
            shop.run("ALTER TABLE note DROP CONSTRAINT note_pkey; ALTER TABLE note REPLICA IDENTITY DEFAULT");
            settled(shop);
            shop.run("UPDATE note SET body = 'unseen'; DELETE FROM note WHERE id < 5");
            Lsn after = now(shop);
            shop.run("ALTER TABLE note ADD PRIMARY KEY (id)");
            settled(shop);
            shop.run("UPDATE note SET body = 'seen' WHERE id = 6");
            shop.requireFoldEqualsOracle("identity", tables());
            assertThat(shop.quiesced().state().uncertain())
                    .filteredOn(interval -> interval.table().name().equals("note"))
                    .last()
                    .satisfies(interval -> requireAround(interval, before, after));
        }
    }
}
