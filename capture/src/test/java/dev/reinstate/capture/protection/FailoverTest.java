package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.CheckListener;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.replication.ReplicationSlots;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An asynchronous replica takes over. Three stores of one server: one of which the replica has everything with the slot,
 * one whose last changes it never received, one without a slot there.
 */
class FailoverTest {
    private static EmbeddedPostgres primary;
    private static Replica replica;

    private static CaptureHarness kept;
    private static CaptureHarness cut;
    private static CaptureHarness slotless;

    @TempDir
    static Path directory;

    @BeforeAll
    static void failOver() throws IOException, SQLException {
        primary = Replica.startPrimary(directory.resolve("primary"));
        kept = store("kept");
        cut = store("cut");
        slotless = store("slotless");
        replica = Replica.of(primary, directory.resolve("primary"), directory.resolve("replica"));
        for (CaptureHarness store : List.of(kept, cut, slotless)) {
            store.start();
            store.quiesced();
        }
        if (Replica.handsSlotsOver(primary)) {
            CaptureHarness.awaitTrue("the replica to have the slots", FailoverTest::slotsAreSynchronised);
        }
        kept.run("UPDATE public.project SET name = 'before' WHERE id = 1");
        slotless.run("UPDATE public.project SET name = 'before' WHERE id = 1");
        kept.quiesced();
        slotless.quiesced();
        kept.stop();
        slotless.stop();
        replica.awaitAllOf(primary);
        replica.cutOff();
        cut.run("UPDATE public.project SET name = 'never replicated' WHERE id = 1");
        cut.quiesced();
        cut.stop();
        replica.promote();
    }

    @AfterAll
    static void stop() throws IOException, SQLException {
        for (CaptureHarness store : List.of(kept, cut, slotless)) {
            store.close();
        }
        replica.close();
        primary.close();
    }

    private static CaptureHarness store(String name) {
        CaptureHarness store =
                new CaptureHarness(primary, name, ShopSchema.DDL, ShopSchema.map(), directory.resolve("work-" + name));
        store.run("INSERT INTO public.site VALUES ('a', 'A', NULL), ('b', 'B', NULL);"
                + " INSERT INTO public.project VALUES (1, 'a', 'p', NULL, NULL), (2, 'b', 'p', NULL, NULL)");
        return store;
    }

    /** Slots are handed over once they have moved on, so something has to happen. */
    private static boolean slotsAreSynchronised() {
        for (CaptureHarness store : List.of(kept, cut, slotless)) {
            store.run("UPDATE public.project SET name = name || '.' WHERE id = 2");
        }
        Replica.execute(primary, "SELECT pg_log_standby_snapshot()");
        return Replica.text(
                        replica.server,
                        "SELECT count(*) FROM pg_replication_slots WHERE synced AND NOT temporary"
                                + " AND invalidation_reason IS NULL")
                .equals("3");
    }

    @Test
    void withItsSlotTheStoreGoesOnWithoutAGap() throws Exception {
        Assumptions.assumeTrue(Replica.handsSlotsOver(primary), "before 17 no standby has a logical slot");
        assertThat(ReplicationSlots.state(kept.sql, "reinstate_kept")
                        .orElseThrow()
                        .failover())
                .isTrue();
        Lsn before =
                Archive.openReader(kept.objects, kept.archiveSettings).state().durableTo();
        try (CaptureHarness after = kept.on(replica.server)) {
            after.run("UPDATE public.project SET name = 'after' WHERE id = 2");
            after.start();
            after.requireFoldEqualsOracle("after the failover", keyed());
            ArchiveReader reader = after.quiesced();
            assertThat(reader.state().gaps()).isEmpty();
            assertThat(reader.state().images()).hasSize(1);
            assertThat(reader.state().store().timeline()).isEqualTo(2);
            assertThat(reader.ranges()).hasSize(1);
            assertThat(rows(after, reader, before.previous(), "b project")).doesNotContain("after");
            assertSound(after);
        }
        CaptureHarness.Running late = kept.start();
        assertThatThrownBy(() -> late.end().join())
                .as("the old primary comes back")
                .cause()
                .isInstanceOfSatisfying(ReinstateException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.REFUSED);
                    assertThat(e.why()).contains("old primary");
                });
        kept.forget();
    }

    @Test
    void whatTheReplicaNeverHadIsNamedAndKeptApart() throws Exception {
        ArchiveReader archive = Archive.openReader(cut.objects, cut.archiveSettings);
        Lsn last = CaptureHarness.end(archive);
        assertThat(rows(cut, archive, last, "a project")).contains("never replicated");
        try (CaptureHarness after = cut.on(replica.server)) {
            after.run("UPDATE public.project SET name = 'after' WHERE id = 2");
            after.start();
            after.requireFoldEqualsOracle("after the failover", keyed());
            ArchiveReader reader = after.quiesced();
            ArchiveState.Gap gap = reader.state().gaps().getLast();
            assertThat(gap.reason()).contains("timeline 2").contains("is not in the source");
            assertThat(gap.from().previous()).isEqualTo(last);
            assertThat(gap.to().orElseThrow()).isGreaterThanOrEqualTo(gap.from());
            assertThat(reader.state().gaps()).hasSize(1);
            assertThat(rows(after, reader, last, "a project")).contains("never replicated");
            assertThat(rows(after, reader, CaptureHarness.end(reader), "a project"))
                    .doesNotContain("never replicated");
            assertSound(after);
        }
    }

    @Test
    void withoutASlotThereIsAGapAndANewImage() throws Exception {
        try (CaptureHarness after = slotless.on(replica.server)) {
            ReplicationSlots.drop(after.sql, "reinstate_slotless");
            after.run("UPDATE public.project SET name = 'missed' WHERE id = 2");
            after.start();
            after.requireFoldEqualsOracle("after the failover", keyed());
            ArchiveReader reader = after.quiesced();
            assertThat(reader.state().gaps())
                    .singleElement()
                    .satisfies(gap -> assertThat(gap.reason()).contains("slot is gone"));
            assertThat(rows(after, reader, reader.ranges().getFirst().lastPosition(), "a project"))
                    .contains("before");
            assertSound(after);
        }
    }

    private static String rows(CaptureHarness store, ArchiveReader reader, Lsn position, String table) {
        return String.valueOf(store.folded(reader, position).get(table));
    }

    private static void assertSound(CaptureHarness store) {
        assertThat(Archive.check(store.objects, store.archiveSettings, true, CheckListener.SILENT)
                        .isSound())
                .isTrue();
    }

    private static List<String> keyed() {
        List<String> tables = new ArrayList<>(ShopSchema.tables());
        tables.removeAll(ShopSchema.KEYLESS);
        return tables;
    }
}
