package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Definition;
import dev.reinstate.model.Lsn;
import dev.reinstate.postgres.Query;
import java.nio.file.Files;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/** When healing begins, what it waits for, and that it is done again when it was interrupted. */
class HealingTest extends SilentShop {
    @Test
    void whatHappenedWhileNobodyCapturedIsNoticedAtTheStart() throws Exception {
        try (CaptureHarness shop = shop("while_away")) {
            shop.start();
            settled(shop);
            shop.requireFoldEqualsOracle("before", tables());
            shop.stop();
            shop.run("UPDATE note SET body = 'seen' WHERE id = 2; ALTER TABLE note ADD priority int DEFAULT 3;"
                    + " UPDATE note SET body = 'seen too' WHERE id = 4;"
                    + " ALTER TABLE comment ALTER COLUMN body TYPE text USING body || '?'");
            shop.start();
            settled(shop);
            shop.requireFoldEqualsOracle("after", tables());
            assertThat(ears.read).contains("note", "comment");
        }
    }

    @Test
    void whatMakesTheTablesIsKeptVersionByVersion() throws Exception {
        try (CaptureHarness shop = shop("definitions")) {
            shop.start();
            ArchiveReader reader = shop.quiesced();
            Lsn first = reader.ranges().getFirst().firstPosition();
            awaitDefinitions(reader, first);
            assertThat(tableSql(reader, first)).contains("body").doesNotContain("priority");
            Lsn before = CaptureHarness.end(shop.quiesced());
            shop.run("ALTER TABLE note ADD priority int DEFAULT 3");
            settled(shop);
            reader = shop.quiesced();
            assertThat(tableSql(reader, before)).doesNotContain("priority");
            assertThat(tableSql(reader, CaptureHarness.end(reader))).contains("priority integer DEFAULT 3");
            shop.stop();
            long manifests = reader.state().manifestNumber();
            shop.run("CREATE INDEX nobody_told ON note (priority)");
            shop.start();
            settled(shop);
            reader = shop.quiesced();
            assertThat(reader.definitionsAt(CaptureHarness.end(reader))
                            .orElseThrow()
                            .statements())
                    .anyMatch(definition -> definition.sql().contains("nobody_told"));
            assertThat(reader.state().manifestNumber()).isGreaterThan(manifests);
        }
    }

    private static void awaitDefinitions(ArchiveReader reader, Lsn position) {
        CaptureHarness.awaitTrue("the tables' definitions", () -> {
            reader.refresh();
            return reader.definitionsAt(position).isPresent();
        });
    }

    private static String tableSql(ArchiveReader reader, Lsn position) {
        return reader.definitionsAt(position).orElseThrow().statements().stream()
                .filter(definition -> definition.name().equals("table public.note"))
                .map(Definition::sql)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void killedAnywhereItIsDoneAgain() throws Exception {
        try (CaptureHarness shop = shop("killed_anywhere")) {
            shop.start();
            settled(shop);
            for (int writes = 1; writes <= 8; writes++) {
                shop.requireFoldEqualsOracle("before " + writes, tables());
                shop.killAfterWrites(writes);
                shop.run("ALTER TABLE comment ALTER COLUMN body TYPE text USING body || '" + writes + "';"
                        + " UPDATE comment SET body = body || '.' WHERE id = 1");
                shop.awaitKilled();
                shop.run("UPDATE comment SET body = body || ':' WHERE id = 2");
                shop.start();
                settled(shop);
            }
            shop.requireFoldEqualsOracle("after all", tables());
        }
    }

    @Test
    void withoutTheLocalNoteOfWhatWasSeenTheBoundIsOnlyFurtherBack() throws Exception {
        try (CaptureHarness shop = shop("no_note")) {
            shop.start();
            settled(shop);
            shop.requireFoldEqualsOracle("before", tables());
            shop.stop();
            Lsn before = now(shop);
            Files.delete(shop.settings.lastSeenFile());
            shop.run("ALTER TABLE note ADD priority int DEFAULT 3");
            Lsn after = now(shop);
            shop.start();
            settled(shop);
            shop.requireFoldEqualsOracle("after", tables());
            ArchiveReader reader = shop.quiesced();
            assertThat(reader.state().uncertain()).singleElement().satisfies(interval -> {
                requireAround(interval, before, after);
                assertThat(interval.from())
                        .isEqualTo(reader.state().images().getFirst().position());
            });
        }
    }

    @Test
    void openTransactionsAreWaitedForAndTheStreamGoesOn() throws Exception {
        try (CaptureHarness shop = shop("open_transaction");
                Connection other = shop.database.connect()) {
            shop.start();
            settled(shop);
            other.setAutoCommit(false);
            Query.execute(other, "Cannot write", "INSERT INTO public.plan VALUES (1, 'open')");
            shop.run("ALTER TABLE note ADD priority int DEFAULT 3");
            CaptureHarness.awaitTrue("the need to be said", () -> !ears.pending.isEmpty());
            assertThat(ears.needed).anyMatch(said -> said.startsWith("note "));
            shop.run("UPDATE project SET name = 'still captured' WHERE id = 1");
            shop.quiesced();
            assertThat(ears.read).isEmpty();
            other.commit();
            settled(shop);
            shop.requireFoldEqualsOracle("after", tables());
        }
    }

    @Test
    void theFirstImageKnowsEveryTable() throws Exception {
        try (CaptureHarness shop = shop("first_image")) {
            shop.start();
            settled(shop);
            ArchiveReader reader = shop.quiesced();
            assertThat(reader.catalogueHistory()).allSatisfy(version -> {
                assertThat(version.exact()).isTrue();
                assertThat(version.command()).isEqualTo("image");
                assertThat(version.position())
                        .isEqualTo(reader.state().images().getFirst().position());
            });
            assertThat(reader.catalogueHistory()).hasSize(ShopSchema.tables().size());
            assertThat(reader.state().uncertain()).isEmpty();
        }
    }
}
