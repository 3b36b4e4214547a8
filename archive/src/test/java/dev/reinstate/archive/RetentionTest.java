package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept reads byte for byte as before, what is let go is refused and says so, and nothing in between. */
final class RetentionTest {
    private static final RetentionPolicy NOW = new RetentionPolicy(Duration.ZERO, 1);

    @TempDir
    Path directory = Path.of("");

    /** Random images, merges, gaps, table images, holds, erasures and windows, with the plain truth beside. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyMomentThatIsKeptReadsAsBefore(long seed) {
        KeptHistory kept = new KeptHistory(directory, seed, new MemoryObjectStore());
        try (ArchiveWriter writer = Archive.openWriter(kept.objects, kept.settings);
                ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
            ArchiveFixture.publishImage(writer, kept.history);
            ArchiveReader old = Archive.openReader(kept.objects, kept.settings);
            for (int step = 0; step < 70; step++) {
                CompactionTest.publishSomething(writer, kept.history, kept.all);
                kept.maintain(writer, maintenance);
                if (step % 20 == 19) {
                    old.refresh();
                    kept.verify(old);
                }
            }
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            kept.releaseAll(maintenance); // of so few tenants every object holds something
            kept.letGo(maintenance, NOW);
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            maintenance.removeReplaced(Duration.ZERO);
        }
        assertThat(kept.cuts).as("cuts, seed %d", seed).isPositive();
        kept.verify(Archive.openReader(kept.objects, kept.settings));
        kept.requireSound();
        kept.requireSameFromTheFirstManifest();
    }

    @Test
    void nothingIsDeletedBeforeTheEntryIsDurableAndTheGracePeriodOver() {
        KeptHistory kept = KeptHistory.withImages(directory, 21, 3);
        List<String> before = kept.keys();
        try (ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
            ArchiveMaintenance.LetGo would = maintenance.couldLetGo(NOW).orElseThrow();
            assertThat(kept.keys()).isEqualTo(before);
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            assertThat(kept.letGo(maintenance, NOW)).contains(would);
            assertThat(maintenance.couldLetGo(NOW)).isEmpty();
            assertThat(maintenance.removeReplaced(Duration.ofSeconds(1))).isEmpty();
            assertThat(kept.keys()).isEqualTo(before);
            assertThat(maintenance.retention().waitingObjects()).isEqualTo(would.objects());
            assertThat(maintenance.removeReplaced(Duration.ZERO).orElseThrow().objects())
                    .isEqualTo(would.objects());
            assertThat(kept.keys()).hasSize(before.size() - (int) would.objects());
            assertThat(maintenance.retention().waitingObjects()).isZero();
        }
        kept.verify(Archive.openReader(kept.objects, kept.settings));
        kept.requireSound();
    }

    @Test
    void whatIsLockedIsLeftAndGoesLater() {
        AtomicReference<Instant> now = new AtomicReference<>(RandomHistory.START);
        MemoryObjectStore locking = new MemoryObjectStore(
                key -> Archive.mayBeLocked(key) ? Optional.of(Duration.ofDays(1)) : Optional.empty(),
                ((InstantSource) now::get).withZone(ZoneOffset.UTC));
        KeptHistory kept = KeptHistory.withImages(directory, 22, 2, locking);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(locking, kept.settings)) {
            ArchiveMaintenance.LetGo gone = kept.letGo(maintenance, NOW).orElseThrow();
            ArchiveMaintenance.Removed first =
                    maintenance.removeReplaced(Duration.ZERO).orElseThrow();
            assertThat(first.objects()).isZero();
            assertThat(first.locked()).isEqualTo(1);
            assertThat(maintenance.retention().waitingObjects()).isEqualTo(gone.objects());
            kept.requireSound();
            now.set(RandomHistory.START.plus(Duration.ofDays(2)));
            assertThat(maintenance.removeReplaced(Duration.ZERO).orElseThrow().objects())
                    .isEqualTo(gone.objects());
        }
        kept.requireSound();
    }

    /** A clock that is ahead counts from the newest moment in the archive: a window of an hour keeps all of half an hour. */
    @Test
    void aClockThatIsAheadTakesNothingAway() {
        KeptHistory kept = KeptHistory.withImages(directory, 23, 3);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
            assertThat(maintenance.couldLetGo(new RetentionPolicy(Duration.ofMinutes(30), 1)))
                    .isEmpty();
            assertThat(maintenance.couldLetGo(new RetentionPolicy(Duration.ZERO, 4)))
                    .isEmpty();
            assertThat(maintenance.couldLetGo(new RetentionPolicy(Duration.ZERO, 2)))
                    .isPresent();
        }
    }

    @Test
    void whatWasHeldGoesAfterTheRelease() {
        KeptHistory kept = KeptHistory.withImages(directory, 24, 3);
        TenantId tenant = new TenantId("site-1");
        try (ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
            kept.hold(maintenance, tenant);
            kept.letGo(maintenance, NOW);
            maintenance.removeReplaced(Duration.ZERO);
            ArchiveReader reader = Archive.openReader(kept.objects, kept.settings);
            kept.verify(reader);
            assertThat(maintenance.retention().heldObjects()).isPositive();
            assertThat(reader.ranges(tenant).getFirst().from())
                    .isLessThan(reader.ranges().getFirst().from());
            assertThat(reader.tenants()).anyMatch(summary -> summary.tenant().equals(tenant));
            kept.release(maintenance, tenant);
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            kept.letGo(maintenance, NOW);
            maintenance.removeReplaced(Duration.ZERO);
            assertThat(maintenance.retention().heldObjects()).isZero();
        }
        kept.verify(Archive.openReader(kept.objects, kept.settings));
        kept.requireSound();
    }

    /** A tenant that is held has more of a past, and is told of the same damage. */
    @Test
    void behindADamagedChainNothingIsKnownOfAnybody() {
        KeptHistory kept = KeptHistory.withImages(directory, 26, 3);
        TenantId held = new TenantId("site-1");
        try (ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
            kept.hold(maintenance, held);
            kept.letGo(maintenance, NOW);
        }
        long first = Chain.openReadable(new ArchiveObjects(kept.objects), kept.settings)
                .chain()
                .number();
        try (ArchiveWriter writer = Archive.openWriter(kept.objects, kept.settings)) {
            kept.all.addAll(ArchiveFixture.publishSegment(writer, kept.history, 2));
            kept.all.addAll(ArchiveFixture.publishSegment(writer, kept.history, 2));
        }
        kept.objects.delete(Keys.manifest(first + 2));
        ArchiveReader reader = Archive.openReader(kept.objects, kept.settings);
        Lsn behind = kept.all.getLast().commit().commitLsn();
        for (TenantId tenant : List.of(held, new TenantId("site-0"))) {
            assertThatThrownBy(() -> reader.fold(Partition.of(tenant), behind, table -> true))
                    .as("%s", tenant)
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
        }
    }

    @Test
    void aMomentThatIsNotKeptSaysSo() {
        KeptHistory kept = KeptHistory.withImages(directory, 25, 2);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
            kept.letGo(maintenance, NOW);
        }
        ArchiveReader reader = Archive.openReader(kept.objects, kept.settings);
        Lsn gone = kept.all.getFirst().commit().commitLsn();
        assertThatThrownBy(() -> reader.requireRestorable(gone)).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
            assertThat(e.why()).contains("no longer kept").contains("retention");
        });
        assertThatThrownBy(() -> reader.positionAt(kept.all.getFirst().commit().time()))
                .hasMessageContaining("no longer kept");
        assertThat(reader.changes(Partition.of(new TenantId("site-0")), Lsn.ZERO, gone))
                .isExhausted();
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereItGoesOnTheNextTime(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            KeptHistory kept = KeptHistory.withImages(directory, 26, 3);
            try (ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
                kept.hold(maintenance, new TenantId("site-2"));
            }
            FaultyObjectStore faulty = new FaultyObjectStore(kept.objects);
            faulty.failCall(n, fault, true);
            boolean finished = run(faulty, kept);
            kept.learnCut();
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            kept.requireSound();
            assertThat(run(kept.objects, kept)).isTrue();
            kept.learnCut();
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            kept.requireSound();
            assertThat(kept.unnamed()).isEmpty();
            if (finished) {
                assertThat(n).isGreaterThan(20);
                return;
            }
        }
    }

    private static boolean run(ObjectStore objects, KeptHistory kept) {
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, kept.settings)) {
            Optional<ArchiveMaintenance.LetGo> more = maintenance.letGo(NOW);
            while (more.isPresent()) {
                more = maintenance.letGo(NOW);
            }
            maintenance.removeReplaced(Duration.ZERO);
            return true;
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            return false;
        }
    }

    /** The writer, a merge, an image and another retention go first, right before and after each object of this one. */
    @Test
    void othersMayGoFirst() {
        for (int turn = 1; ; turn++) {
            KeptHistory kept = KeptHistory.withImages(directory, 27, 3);
            try (ArchiveWriter writer = Archive.openWriter(kept.objects, kept.settings)) {
                InterleavingObjectStore store = new InterleavingObjectStore(
                        kept.objects,
                        turn,
                        InterleavingObjectStore.Ending.AS_USUAL,
                        () -> {
                            kept.all.addAll(ArchiveFixture.publishSegment(writer, kept.history, 2));
                            run(kept.objects, kept);
                        },
                        () -> kept.all.addAll(ArchiveFixture.publishSegment(writer, kept.history, 1)));
                try (ArchiveMaintenance maintenance = CompactionTest.eager(store, kept.settings)) {
                    maintenance.compactOnce();
                    maintenance.makeImage(true);
                    maintenance.letGo(NOW);
                    maintenance.removeReplaced(Duration.ZERO);
                }
                kept.all.addAll(ArchiveFixture.publishSegment(writer, kept.history, 1));
                kept.learnCut();
                kept.verify(Archive.openReader(kept.objects, kept.settings));
                kept.requireSound();
                if (store.published() < turn) {
                    assertThat(turn).isGreaterThan(3);
                    return;
                }
            }
        }
    }
}
