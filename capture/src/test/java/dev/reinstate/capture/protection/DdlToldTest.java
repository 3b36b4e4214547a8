package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.ddl.DdlTrigger;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With the event triggers, capture knows exactly what became of a table, and when. */
class DdlToldTest extends SilentShop {
    private CaptureHarness toldShop(String name) {
        CaptureHarness shop = shop(name);
        new DdlTrigger(shop.settings.names()).install(shop.sql);
        return shop;
    }

    /** Number and name of each column, and its value, of the notes of tenant a. */
    private static List<String> notes(ArchiveReader reader) {
        List<String> notes = new ArrayList<>();
        try (ArchiveReader.RowStream rows = reader.fold(
                Partition.of(new TenantId("a")),
                CaptureHarness.end(reader),
                table -> table.name().name().equals("note"))) {
            while (rows.hasNext()) {
                FoldedRow row = rows.next();
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < row.table().columns().size(); i++) {
                    text.append(row.table().columns().get(i).attnum())
                            .append(row.table().columns().get(i).name())
                            .append('=')
                            .append(row.tuple().text(i).orElse("NULL"))
                            .append(' ');
                }
                notes.add(text.toString().trim());
            }
        }
        return notes;
    }

    private static List<TableVersion> versions(ArchiveReader reader, String table) {
        return reader.catalogueHistory().stream()
                .filter(version -> version.name().name().equals(table))
                .toList();
    }

    @Test
    void aNameThatGoesToAnotherColumnIsNotMistaken() throws Exception {
        try (CaptureHarness shop = toldShop("told_names")) {
            shop.run("DELETE FROM note WHERE id > 4");
            shop.start();
            settled(shop);
            shop.run("BEGIN; UPDATE note SET body = 'before' WHERE id = 2; ALTER TABLE note RENAME body TO text;"
                    + " ALTER TABLE note ADD body text; UPDATE note SET body = 'new' WHERE id = 4; COMMIT");
            ArchiveReader reader = shop.quiesced();
            assertThat(notes(reader))
                    .containsExactly(
                            "1id=2 2site_id=a 3body=before 4tags=NULL",
                            "1id=4 2site_id=a 3text=n 4tags=NULL 5body=new");
            shop.run("ALTER TABLE note DROP COLUMN body; ALTER TABLE note ADD body text;"
                    + " UPDATE note SET body = 'newest' WHERE id = 4");
            settled(shop);
            assertThat(notes(shop.quiesced())).last().asString().endsWith("3text=n 4tags=NULL 6body=newest");
        }
    }

    @Test
    void versionsAreThoseOfTheirCommits() throws Exception {
        try (CaptureHarness shop = toldShop("told_versions")) {
            shop.start();
            settled(shop);
            Lsn before = now(shop);
            shop.run("ALTER TABLE note RENAME body TO text");
            Lsn between = now(shop);
            shop.run("ALTER TABLE note ADD more text");
            Lsn after = now(shop);
            List<TableVersion> told = versions(settled(shop), "note");
            assertThat(told).hasSize(3).allMatch(TableVersion::exact);
            assertThat(told.get(1).command()).isEqualTo("ALTER TABLE");
            assertThat(told.get(1).position()).isBetween(before, between);
            assertThat(told.get(1).shape().orElseThrow().indexOf("text")).isEqualTo(2);
            assertThat(told.get(2).position()).isBetween(between, after);
            assertThat(told.get(2).shape().orElseThrow().indexOf("more")).isEqualTo(4);
            assertThat(ears.read).isEmpty();
            shop.run(
                    "ALTER TABLE note RENAME text TO body; ALTER TABLE note DROP COLUMN more; UPDATE note SET body = 'x'");
            settled(shop);
            shop.requireFoldEqualsOracle("renamed back", tables());
        }
    }

    @Test
    void aRewriteIsUncertainFromItsCommitOn() throws Exception {
        try (CaptureHarness shop = toldShop("told_rewrite")) {
            shop.start();
            settled(shop);
            CaptureHarness.awaitTrue("a look at the tables", () -> Files.exists(shop.settings.lastSeenFile()));
            Lsn before = now(shop);
            shop.run("ALTER TABLE issue ADD token double precision DEFAULT random()");
            Lsn after = now(shop);
            ArchiveReader reader = settled(shop);
            assertThat(reader.state().uncertain())
                    .last()
                    .satisfies(interval -> assertThat(interval.from()).isBetween(before, after));
            assertThat(versions(reader, "issue")).last().satisfies(version -> {
                assertThat(version.position()).isBetween(before, after);
                assertThat(version.exact()).isTrue();
                assertThat(version.command()).isEqualTo("ALTER TABLE");
            });
            shop.requireFoldEqualsOracle("after", tables());
        }
    }

    @Test
    void noUpdateOfAUserEverFailsForWantOfAnIdentity() throws Exception {
        try (CaptureHarness shop = toldShop("told_identity")) {
            shop.start();
            settled(shop);
            // each would fail if the table were published for updates at that moment
            shop.run("BEGIN; ALTER TABLE note REPLICA IDENTITY DEFAULT; ALTER TABLE note DROP CONSTRAINT note_pkey;"
                    + " UPDATE note SET body = 'at once'; COMMIT");
            shop.run("UPDATE note SET body = 'and later'; DELETE FROM note WHERE id = 1");
            shop.run("ALTER TABLE issue REPLICA IDENTITY NOTHING");
            shop.run("UPDATE issue SET title = 'nothing'");
            settled(shop);
            shop.run("ALTER TABLE note ADD PRIMARY KEY (id); ALTER TABLE issue REPLICA IDENTITY DEFAULT");
            settled(shop);
            shop.run("UPDATE note SET body = 'seen' WHERE id = 2; UPDATE issue SET title = 'seen' WHERE no = 3");
            shop.requireFoldEqualsOracle("with an identity again", tables());
        }
    }

    @Test
    void whatWasToldWhileNobodyCapturedIsHeardAtTheStart() throws Exception {
        try (CaptureHarness shop = toldShop("told_away")) {
            shop.start();
            settled(shop);
            shop.stop();
            Lsn before = now(shop);
            shop.run("ALTER TABLE note RENAME body TO text; ALTER TABLE note ADD body text");
            Lsn after = now(shop);
            shop.run("UPDATE note SET text = 'renamed', body = 'new' WHERE id = 2");
            shop.start();
            List<TableVersion> told = versions(settled(shop), "note");
            assertThat(told).last().satisfies(version -> {
                assertThat(version.exact()).isTrue();
                assertThat(version.position()).isBetween(before, after);
            });
            assertThat(notes(shop.quiesced()))
                    .first()
                    .asString()
                    .startsWith("1id=2 2site_id=a 3text=renamed 4tags=NULL 5body=new");
        }
    }

    @Test
    void unprotectRemovesThemToo() throws Exception {
        try (CaptureHarness shop = toldShop("told_unprotected")) {
            shop.start();
            settled(shop);
            shop.stop();
            CaptureHarness.awaitTrue(
                    "the slot to be free",
                    () -> shop.count(
                                    "SELECT count(*) FROM pg_replication_slots WHERE active AND database = 'told_unprotected'")
                            == 0);
            Unprotect.run(shop.sql, shop.settings.names());
            assertThat(shop.count("SELECT count(*) FROM pg_event_trigger")).isZero();
        }
    }
}
