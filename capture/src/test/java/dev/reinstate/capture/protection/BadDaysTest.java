package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.replication.ReplicationSlots;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What must not happen, and what is said when it does. */
class BadDaysTest extends ServerTest {
    /** Writes down what it hears. */
    private static final class Ears implements CaptureListener {
        final List<String> gaps = new CopyOnWriteArrayList<>();
        final List<SourceTables.Unprotected> unprotected = new CopyOnWriteArrayList<>();
        final List<String> uncertain = new CopyOnWriteArrayList<>();
        final List<TableName> oversized = new CopyOnWriteArrayList<>();
        final ConcurrentHashMap<TableName, Long> unattributed = new ConcurrentHashMap<>();
        final AtomicInteger images = new AtomicInteger();
        final AtomicInteger looks = new AtomicInteger();
        final List<LetGoPolicy.Pressure> pressures = new CopyOnWriteArrayList<>();

        @Override
        public void sourceLog(long retainedBytes, long limitBytes) {
            looks.incrementAndGet();
        }

        @Override
        public void retainedLog(LetGoPolicy.Pressure pressure, long retainedBytes, long limitBytes) {
            pressures.add(pressure);
        }

        @Override
        public void gap(Lsn from, String reason) {
            gaps.add(reason);
        }

        @Override
        public void imageStarted(String reason, int tables, long estimatedRows) {
            images.incrementAndGet();
        }

        @Override
        public void unprotectedTables(List<SourceTables.Unprotected> tables) {
            unprotected.clear();
            unprotected.addAll(tables);
        }

        @Override
        public void tableUncertain(TableName table, String why) {
            uncertain.add(table.name() + " " + why);
        }

        @Override
        public void oversizedRow(TableName table) {
            oversized.add(table);
        }

        @Override
        public void unattributed(TableName table, long changes) {
            unattributed.put(table, changes);
        }
    }

    private final Ears ears = new Ears();

    private CaptureHarness shop(String name) {
        CaptureHarness shop = new CaptureHarness(server, name, ShopSchema.DDL, ShopSchema.map(), directory);
        shop.listener = ears;
        shop.run("INSERT INTO public.site VALUES ('a', 'A', NULL), ('b', 'B', NULL);"
                + " INSERT INTO public.project VALUES (1, 'a', 'p', NULL, NULL), (2, 'b', 'p', NULL, NULL)");
        return shop;
    }

    private static List<String> keyed() {
        List<String> tables = new ArrayList<>(ShopSchema.tables());
        tables.removeAll(ShopSchema.KEYLESS);
        return tables;
    }

    @Test
    void aLostSlotIsAGapAndTheOldRangeStays() throws Exception {
        try (CaptureHarness shop = shop("lost_slot")) {
            shop.start();
            ArchiveReader before = shop.quiesced();
            Lsn old = CaptureHarness.end(before);
            var rowsThen = shop.folded(before, old);
            shop.stop();
            shop.run("SELECT pg_drop_replication_slot('reinstate_lost_slot')");
            shop.run("DELETE FROM public.site WHERE id = 'a'");
            shop.start();
            shop.requireFoldEqualsOracle("after the new image", keyed());
            assertThat(ears.gaps).containsExactly("the replication slot is gone");
            assertThat(ears.images).hasValue(2);
            ArchiveReader reader = shop.quiesced();
            assertThat(reader.state().gaps()).hasSize(1);
            assertThat(reader.state().gaps().getFirst().to()).isPresent();
            assertThat(shop.folded(reader, old)).isEqualTo(rowsThen);
        }
    }

    @Test
    void aSlotThatTheServerGaveUpIsAGap() throws Exception {
        try (CaptureHarness shop = shop("slot_given_up")) {
            shop.start();
            shop.quiesced();
            shop.stop();
            shop.run("ALTER SYSTEM SET max_slot_wal_keep_size = '32MB'");
            shop.run("SELECT pg_reload_conf()");
            CaptureHarness.awaitTrue("the server to give up the slot", () -> {
                shop.run("UPDATE public.project SET name = 'missed' WHERE id = 1; SELECT pg_switch_wal()");
                shop.run("CHECKPOINT");
                return !ReplicationSlots.state(shop.sql, "reinstate_slot_given_up")
                        .orElseThrow()
                        .isUsable();
            });
            shop.run("ALTER SYSTEM RESET max_slot_wal_keep_size");
            shop.run("SELECT pg_reload_conf()");
            shop.start();
            shop.requireFoldEqualsOracle("after the new image", keyed());
            assertThat(ears.gaps).containsExactly("the server invalidated the replication slot (wal_removed)");
            assertThat(shop.quiesced().state().gaps()).hasSize(1);
        }
    }

    @Test
    void aSlotThatSomeoneElseMovedOnIsAGap() throws Exception {
        try (CaptureHarness shop = shop("moved_slot")) {
            shop.start();
            shop.quiesced();
            shop.stop();
            shop.run("UPDATE public.project SET name = 'missed' WHERE id = 1");
            shop.run("SELECT pg_replication_slot_advance('reinstate_moved_slot', pg_current_wal_lsn())");
            shop.start();
            shop.requireFoldEqualsOracle("after the new image", keyed());
            assertThat(ears.gaps).hasSize(1);
            assertThat(ears.gaps.getFirst()).contains("someone else read from it");
        }
    }

    @Test
    void aSecondCaptureIsRefusedAndTheFirstGoesOn() throws Exception {
        try (CaptureHarness shop = shop("two")) {
            CaptureHarness.Running first = shop.start();
            shop.quiesced();
            shop.settings = new CaptureSettings(
                    shop.settings.names(),
                    directory.resolve("other-machine"),
                    shop.settings.segmentInterval(),
                    shop.settings.watchInterval(),
                    OptionalLong.empty(),
                    false,
                    false,
                    CaptureSettings.Limits.DEFAULT);
            CaptureHarness.Running second = shop.start();
            assertThatThrownBy(() -> second.end().join())
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT));
            shop.resume(first);
            shop.run("UPDATE public.project SET name = 'still captured' WHERE id = 1");
            shop.requireFoldEqualsOracle("the first", keyed());
        }
    }

    @Test
    void aKilledFirstImageIsBegunAgain() throws Exception {
        try (CaptureHarness shop = shop("killed_image")) {
            CaptureHarness.Running started = shop.start();
            shop.listener = ears;
            CaptureHarness.awaitTrue(
                    "the image to begin",
                    () -> ears.images.get() > 0 || started.end().isDone());
            shop.kill();
            shop.run("UPDATE public.project SET name = 'in between' WHERE id = 1");
            shop.start();
            shop.requireFoldEqualsOracle("after all", ShopSchema.tables());
            assertThat(shop.quiesced().state().gaps()).isEmpty();
        }
    }

    @Test
    void letsGoOfTheSlotRatherThanStopProduction() throws Exception {
        try (CaptureHarness shop = shop("let_go")) {
            shop.settings = shop.settings.withLetGoAfterBytes(OptionalLong.of(48 << 20));
            shop.start();
            shop.quiesced();
            shop.stop();
            shop.run("CREATE TABLE public.bulk AS SELECT i, md5(i::text) m FROM generate_series(1, 900000) i");
            CaptureHarness.Running again = shop.start();
            CaptureHarness.awaitTrue(
                    "a gap", () -> !ears.gaps.isEmpty() || again.end().isDone());
            shop.requireFoldEqualsOracle("after the new image", keyed());
            assertThat(shop.quiesced().state().gaps()).hasSize(1);
        }
    }

    @Test
    void letsGoWhileTheArchiveDoesNotAnswer() throws Exception {
        try (CaptureHarness shop = shop("let_go_full")) {
            shop.settings = shop.settings
                    .withLetGoAfterBytes(OptionalLong.of(48 << 20))
                    .withWatchInterval(Duration.ofMillis(50));
            CaptureHarness.Running running = shop.start();
            shop.quiesced();
            shop.full.set(true);
            shop.run("UPDATE public.project SET name = 'x'; CREATE TABLE public.bulk (i int, m text)");
            while (!running.end().isDone()) {
                shop.run("INSERT INTO public.bulk SELECT i, md5(i::text) FROM generate_series(1, 50000) i");
                int looks = ears.looks.get();
                CaptureHarness.awaitTrue(
                        "the next look at the log",
                        () -> ears.looks.get() > looks + 1 || running.end().isDone());
            }
            assertThat(ears.pressures)
                    .containsExactly(LetGoPolicy.Pressure.HALF, LetGoPolicy.Pressure.HIGH, LetGoPolicy.Pressure.LET_GO);
            assertThatThrownBy(() -> running.end().get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(ReinstateException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
                        assertThat(e.next()).contains("new image");
                    });
            assertThat(ReplicationSlots.state(shop.sql, "reinstate_let_go_full"))
                    .isEmpty();
            shop.full.set(false);
            shop.start();
            shop.requireFoldEqualsOracle("after the new image", keyed());
            assertThat(shop.quiesced().state().gaps()).hasSize(1);
        }
    }

    /** The clock of the machine that captures jumps by years between any two looks at it. */
    @Test
    void timesOfHistoryAreThoseOfTheSource() throws Exception {
        try (CaptureHarness shop = shop("clocks")) {
            Random random = new Random(7);
            InstantSource jumping = () -> Instant.now().plusSeconds(random.nextLong(-100_000_000, 100_000_000));
            ArchiveSettings settings = shop.archiveSettings;
            shop.archiveSettings = new ArchiveSettings(
                    settings.temporaryDirectory(),
                    settings.memoryBudgetBytes(),
                    settings.zstdLevel(),
                    jumping.withZone(ZoneOffset.UTC),
                    settings.random());
            Instant before = Instant.ofEpochSecond(shop.count("SELECT extract(epoch FROM now())::bigint - 1"));
            shop.start();
            shop.quiesced();
            shop.stop();
            shop.settings = shop.settings.withNewImage(true);
            shop.start();
            ArchiveReader reader = shop.quiesced();
            Instant after = Instant.ofEpochSecond(shop.count("SELECT extract(epoch FROM now())::bigint + 1"));
            List<Instant> times = new ArrayList<>();
            reader.state().images().forEach(image -> times.add(image.time()));
            reader.state().gaps().forEach(gap -> times.add(gap.since()));
            reader.ranges().forEach(range -> times.addAll(List.of(range.fromTime(), range.toTime())));
            reader.catalogueHistory().forEach(version -> times.add(version.time()));
            assertThat(times).hasSizeGreaterThan(7).allMatch(time -> time.isAfter(before) && time.isBefore(after));
        }
    }

    @Test
    void anArchiveThatIsFullForAWhileLosesNothing() throws Exception {
        try (CaptureHarness shop = shop("full_for_a_while")) {
            shop.start();
            shop.quiesced();
            shop.full.set(true);
            for (int i = 0; i < 200; i++) {
                shop.run("INSERT INTO public.issue VALUES (1, " + i + ", 't', NULL)");
            }
            shop.full.set(false);
            shop.requireFoldEqualsOracle("when there is room again", keyed());
        }
    }

    @Test
    void unprotectLeavesNothingInTheSource() throws Exception {
        try (CaptureHarness shop = shop("unprotected")) {
            shop.start();
            ArchiveReader reader = shop.quiesced();
            assertThatThrownBy(() -> Unprotect.run(shop.sql, shop.settings.names()))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT));
            shop.stop();
            CaptureHarness.awaitTrue(
                    "the slot to be free",
                    () -> ReplicationSlots.state(shop.sql, shop.settings.names().slot())
                            .orElseThrow()
                            .activePid()
                            .isEmpty());
            assertThat(Unprotect.run(shop.sql, shop.settings.names())).isTrue();
            assertThat(Unprotect.run(shop.sql, shop.settings.names())).isFalse();
            assertThat(shop.count("SELECT count(*) FROM pg_publication")).isZero();
            assertThat(shop.count("SELECT count(*) FROM pg_replication_slots WHERE database = 'unprotected'"))
                    .isZero();
            assertThat(shop.folded(reader, CaptureHarness.end(reader))).isNotEmpty();
        }
    }

    @Test
    void tablesThatAppearOrLoseTheirKeyAreSaidAndNoWriteFails() throws Exception {
        try (CaptureHarness shop = shop("tables")) {
            shop.start();
            shop.quiesced();
            shop.run("CREATE TABLE public.late (id int PRIMARY KEY)");
            CaptureHarness.awaitTrue("the new table to be noticed", () -> isUnprotected("late"));
            shop.run(
                    "ALTER TABLE public.note DROP CONSTRAINT note_pkey; ALTER TABLE public.note REPLICA IDENTITY DEFAULT");
            CaptureHarness.awaitTrue("the lost key to be noticed", () -> isUnprotected("note"));
            shop.run("INSERT INTO public.note VALUES (9, 'a', 'n', NULL); UPDATE public.note SET body = 'm';"
                    + " DELETE FROM public.note");
            shop.quiesced();
            shop.run("ALTER TABLE public.note ADD PRIMARY KEY (id)");
            CaptureHarness.awaitTrue("the key to be back", () -> !isUnprotected("note"));
            shop.run("INSERT INTO public.note VALUES (10, 'a', 'n', NULL); UPDATE public.note SET body = 'm'");
            shop.quiesced();
            assertThat(ears.uncertain).anyMatch(said -> said.startsWith("note it lost its replica identity"));
            shop.stop();
            shop.settings = shop.settings.withNewImage(true);
            shop.start();
            shop.requireFoldEqualsOracle("a new image sets it right", keyed());
        }
    }

    private boolean isUnprotected(String table) {
        return ears.unprotected.stream().anyMatch(u -> u.table().name().equals(table));
    }

    @Test
    void rowsTooLargeAreKnownByTheirKey() throws Exception {
        try (CaptureHarness shop = shop("oversized")) {
            shop.settings = shop.settings.withLimits(new CaptureSettings.Limits(24 << 20, 24 << 20, 100_000));
            shop.start();
            shop.quiesced();
            shop.run("UPDATE public.project SET doc = repeat('large ', 50000) WHERE id = 1;"
                    + " INSERT INTO public.issue VALUES (1, 1, 't', repeat('x', 200000))");
            ArchiveReader reader = shop.quiesced();
            assertThat(ears.oversized).extracting(TableName::name).containsExactly("project", "issue");
            assertThatThrownBy(() -> shop.folded(reader, CaptureHarness.end(reader)))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE));
            shop.run("DELETE FROM public.project WHERE id = 1");
            shop.requireFoldEqualsOracle("they can be deleted", keyed());
        }
    }

    @Test
    void rowsThatLoseWhatNamedTheirTenantStayWithIt() throws Exception {
        try (CaptureHarness shop = shop("sticky")) {
            shop.start();
            shop.quiesced();
            shop.run("INSERT INTO public.note VALUES (1, 'a', 'n', NULL), (2, NULL, 'nobody', NULL)");
            shop.run("UPDATE public.note SET site_id = NULL WHERE id = 1");
            shop.run("UPDATE public.note SET body = 'changed' WHERE id = 1");
            ArchiveReader reader = shop.quiesced();
            var rows = shop.folded(reader, CaptureHarness.end(reader));
            assertThat(rows.get("a note")).containsExactly("1|NULL|changed|NULL");
            assertThat(rows.get("*unattributed* note")).containsExactly("2|NULL|nobody|NULL");
            assertThat(ears.unattributed).containsKey(new TableName("public", "note"));
            shop.run("DELETE FROM public.note WHERE id = 1");
            ArchiveReader after = shop.quiesced();
            assertThat(shop.folded(after, CaptureHarness.end(after))).doesNotContainKey("a note");
            assertThat(after.tenants())
                    .extracting(ArchiveReader.TenantSummary::tenant)
                    .contains(new TenantId("a"));
        }
    }

    @Test
    void anotherDatabasesHistoryIsRefused() throws Exception {
        try (CaptureHarness shop = shop("foreign_store");
                CaptureHarness other = shop("foreign_store_2")) {
            CaptureHarness.Running running = shop.startInto(other.objects);
            assertThatThrownBy(() -> running.end().join())
                    .cause()
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.REFUSED));
            shop.forget();
        }
    }

    @Test
    void partitionsMadeLaterAreCapturedUnderTheirRootsRule() throws Exception {
        try (CaptureHarness shop = shop("partitions")) {
            shop.stop();
            shop.run(
                    "CREATE TABLE public.metric (site_id text, day date, n int, PRIMARY KEY (site_id, day))"
                            + " PARTITION BY RANGE (day);"
                            + " CREATE TABLE public.metric_1 PARTITION OF public.metric FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')");
            shop.map = ShopSchema.with(shop.map, "metric", new TableRule.ByColumn("site_id"));
            shop.start();
            shop.run("INSERT INTO public.metric VALUES ('a', '2024-05-05', 1)");
            shop.quiesced();
            shop.run(
                    "CREATE TABLE public.metric_2 PARTITION OF public.metric FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')");
            shop.run("INSERT INTO public.metric VALUES ('a', '2025-05-05', 2)");
            CaptureHarness.awaitTrue("the new partition's rule to be recorded", () -> {
                ArchiveState state =
                        Archive.openReader(shop.objects, shop.archiveSettings).state();
                return state.tenancyMap().rules().containsKey(new TableName("public", "metric_2"));
            });
            ArchiveReader reader = shop.quiesced();
            var rows = shop.folded(reader, CaptureHarness.end(reader));
            assertThat(rows.get("a metric_1")).containsExactly("a|2024-05-05|1");
            assertThat(rows.get("a metric_2")).containsExactly("a|2025-05-05|2");
            assertThat(reader.touchedBy(Set.of(), Lsn.ZERO, CaptureHarness.end(reader)))
                    .doesNotContain(Partition.UNATTRIBUTED);
        }
    }
}
