package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.manifest.Trail;
import dev.reinstate.archive.signing.SignedReceipt;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
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

/** Manifests go when a state stands for them, and nothing else goes with them. */
final class ChainBasesTest {
    private static final RetentionPolicy NOW = new RetentionPolicy(Duration.ZERO, 1);
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path directory = Path.of("");

    /** A base in the middle and one at the end, the first of which the chain begins with. */
    private KeptHistory shortened() {
        KeptHistory kept = KeptHistory.withImages(directory, 32, 2);
        run(kept.objects, kept, 0);
        run(kept.objects, kept, 6);
        run(kept.objects, kept, 0);
        return kept;
    }

    /** One base, if one is due, and then what may go; false if the store failed. */
    private static boolean run(ObjectStore objects, KeptHistory kept, int segmentsBefore) {
        try (ArchiveWriter writer = Archive.openWriter(kept.objects, kept.settings)) {
            for (int i = 0; i < segmentsBefore; i++) {
                kept.all.addAll(ArchiveFixture.publishSegment(writer, kept.history, 2));
            }
        }
        return maintain(objects, kept.settings);
    }

    private static boolean maintain(ObjectStore objects, ArchiveSettings settings) {
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings)) {
            maintenance.shortenChain(NOW);
            maintenance.removeReplaced(Duration.ZERO);
            return true;
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            return false;
        }
    }

    private static Trail trail(ObjectStore objects, ArchiveSettings settings) {
        return Chain.open(new ArchiveObjects(objects), settings).history().trail();
    }

    private static List<String> keys(ObjectStore objects, String prefix) {
        return objects.list(prefix, "", 10_000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    @Test
    void theChainBeginsWithTheOldestBase() {
        KeptHistory kept = shortened();
        Trail trail = trail(kept.objects, kept.settings);
        assertThat(trail.first()).isGreaterThan(5);
        assertThat(keys(kept.objects, Keys.MANIFESTS))
                .startsWith(Keys.manifest(1), Keys.manifest(trail.first()), Keys.manifest(trail.first() + 1));
        assertThat(Keys.numberOf(keys(kept.objects, Keys.BASES).getFirst())).hasValue(trail.first());
        kept.verify(Archive.openReader(kept.objects, kept.settings));
        kept.requireSound();
        assertThat(kept.unnamed()).isEmpty();
        kept.requireSameFromTheFirstManifest();
        kept.requireSound();
    }

    @Test
    void aReceiptsPlaceBeforeTheChainIsNoLongerKeptAndWithinItMissing() {
        KeptHistory kept = shortened();
        long first = trail(kept.objects, kept.settings).first();
        assertThat(placeOf(kept, first - 1)).isEqualTo(ReceiptStore.ChainPlace.NO_LONGER_KEPT);
        kept.objects.delete(Keys.manifest(first));
        assertThat(placeOf(kept, first)).isEqualTo(ReceiptStore.ChainPlace.NOT_REACHED);
    }

    private static ReceiptStore.ChainPlace placeOf(KeptHistory kept, long manifest) {
        return Archive.receipts(kept.objects, kept.settings)
                .placeOf(new SignedReceipt.Statement("archive", "receipt", manifest, "0".repeat(64), "{}"));
    }

    @Test
    void nothingGoesBeforeTheWindowAndTheGracePeriodAreOver() {
        Instant[] now = {RandomHistory.START};
        MemoryObjectStore objects = new MemoryObjectStore();
        ArchiveSettings settings = new ArchiveSettings(
                directory,
                1 << 20,
                3,
                ((InstantSource) () -> now[0]).withZone(ZoneOffset.UTC),
                new java.util.Random(3));
        ArchiveFixture.create(objects, settings);
        RandomHistory history = new RandomHistory(3, 2, 20);
        RetentionPolicy days = new RetentionPolicy(DAY.multipliedBy(3), 1);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            for (int day = 1; day < 12; day++) {
                for (int i = 0; i < 6; i++) {
                    writer.publishPosition(new Lsn(history.lsn().value() + day * 100L + i), now[0]);
                }
                assertThat(maintenance.shortenChain(days)).isTrue();
                Trail trail = trail(objects, settings);
                long before = maintenance.replaced(DAY).manifests();
                long removed = maintenance
                        .removeReplaced(DAY)
                        .map(ArchiveMaintenance.Removed::manifests)
                        .orElse(0L);
                assertThat(removed).isEqualTo(before);
                if (day < 5) { // written on day 1, let go of on day 4, removed a day later
                    assertThat(removed).isZero();
                    assertThat(trail.first() > 1).isEqualTo(day == 4);
                } else {
                    assertThat(removed).isPositive();
                    assertThat(trail.bases()).hasSize(4);
                }
                now[0] = now[0].plus(DAY);
            }
            now[0] = now[0].plus(DAY.multipliedBy(1000)); // it is the other clock's turn, too
            assertThat(maintenance.replaced(DAY).manifests()).isZero();
        }
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereItGoesOnTheNextTime(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            KeptHistory kept = KeptHistory.withImages(directory, 31, 1);
            run(kept.objects, kept, 0);
            FaultyObjectStore faulty = new FaultyObjectStore(kept.objects);
            faulty.failCall(n, fault, true);
            boolean finished = run(faulty, kept, 6);
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            kept.requireSound();
            assertThat(run(kept.objects, kept, 6)).isTrue();
            assertThat(maintain(kept.objects, kept.settings)).isTrue();
            kept.verify(Archive.openReader(kept.objects, kept.settings));
            kept.requireSound();
            Trail trail = trail(kept.objects, kept.settings);
            assertThat(keys(kept.objects, Keys.MANIFESTS)).startsWith(Keys.manifest(1), Keys.manifest(trail.first()));
            if (finished) {
                assertThat(n).isGreaterThan(20);
                return;
            }
        }
    }

    /** Each state in turn is damaged or gone: the others stand for it. */
    @Test
    void anyStateMayBeLost() {
        KeptHistory kept = shortened();
        ArchiveState state = Archive.openReader(kept.objects, kept.settings).state();
        keys(kept.objects, Keys.CHECKPOINTS).forEach(kept.objects::delete);
        List<String> bases = keys(kept.objects, Keys.BASES);
        assertThat(bases).hasSizeGreaterThan(1);
        for (String base : bases) {
            byte[] whole = kept.objects.get(base);
            kept.objects.delete(base);
            kept.objects.putIfAbsent(base, "torn".getBytes(StandardCharsets.UTF_8));
            assertThat(Archive.openReader(kept.objects, kept.settings).state()).isEqualTo(state);
            CheckReport report = Archive.check(kept.objects, kept.settings, true, CheckListener.SILENT);
            assertThat(report.findings()).isNotEmpty().allMatch(finding -> base.equals(finding.object()));
            assertThat(report.losses()).isEmpty();
            kept.objects.delete(base);
            kept.objects.putIfAbsent(base, whole);
        }
        kept.requireSound();
    }

    @Test
    void aManifestThatIsKeptIsMissed() {
        KeptHistory kept = shortened();
        String second = keys(kept.objects, Keys.MANIFESTS).get(2);
        kept.objects.delete(second);
        CheckReport report = Archive.check(kept.objects, kept.settings, false, CheckListener.SILENT);
        assertThat(report.findings())
                .anyMatch(finding ->
                        second.equals(finding.object()) && finding.invariant().equals("INV-1"));
    }

    @Test
    void aHeadThatIsOlderThanTheChainIsNotTakenForALoss() {
        KeptHistory kept = KeptHistory.withImages(directory, 33, 1);
        ArchiveHead early = Archive.openReader(kept.objects, kept.settings).head();
        run(kept.objects, kept, 6);
        run(kept.objects, kept, 6);
        ArchiveReader reader = Archive.openReader(kept.objects, kept.settings);
        assertThat(kept.objects.size(Keys.manifest(early.number()))).isEmpty();
        assertThat(reader.lossSince(early)).isEmpty();
        ArchiveHead other = new ArchiveHead(
                early.archive(),
                trail(kept.objects, kept.settings).first(),
                early.sha256(),
                early.durableTo(),
                early.durableTime());
        assertThat(reader.lossSince(other)).isPresent();
        ArchiveHead beyond = new ArchiveHead(
                early.archive(), reader.head().number() + 1, early.sha256(), early.durableTo(), early.durableTime());
        assertThat(reader.lossSince(beyond)).isPresent();
    }

    /** Holds and erasures are in the state, whatever became of their manifests. */
    @Test
    void holdsAndErasuresOutliveTheirManifests() {
        KeptHistory kept = KeptHistory.withImages(directory, 34, 1);
        TenantId held = new TenantId("site-1");
        TenantId erased = new TenantId("site-2");
        try (ArchiveMaintenance maintenance = CompactionTest.eager(kept.objects, kept.settings)) {
            maintenance.placeHold(held, "a court");
            maintenance.scheduleErasure(erased, RandomHistory.START.plus(DAY), "asked");
        }
        run(kept.objects, kept, 6);
        run(kept.objects, kept, 6);
        keys(kept.objects, Keys.CHECKPOINTS).forEach(kept.objects::delete);
        ArchiveReader reader = Archive.openReader(kept.objects, kept.settings);
        assertThat(reader.holds()).singleElement().matches(hold -> hold.tenant().equals(Optional.of(held)));
        assertThat(reader.erasureOf(erased)).isPresent();
    }

    /** It finds the number after its last one free again, and must not take it for the end of the chain. */
    @Test
    void whoStoodStillForTooLongWritesNothing() {
        KeptHistory kept = KeptHistory.withImages(directory, 35, 1);
        try (ArchiveWriter asleep = Archive.openWriter(kept.objects, kept.settings);
                ArchiveMaintenance still = CompactionTest.eager(kept.objects, kept.settings)) {
            run(kept.objects, kept, 6);
            run(kept.objects, kept, 6);
            long before =
                    Archive.openReader(kept.objects, kept.settings).state().manifestNumber();
            assertRefused(() -> asleep.publishGap(RandomHistory.START, "asleep"));
            assertRefused(() -> still.placeHold(new TenantId("site-1"), "asleep"));
            assertThat(Archive.openReader(kept.objects, kept.settings).state().manifestNumber())
                    .isEqualTo(before);
        }
        run(kept.objects, kept, 0);
        kept.requireSound();
        kept.verify(Archive.openReader(kept.objects, kept.settings));
        assertThat(keys(kept.objects, Keys.MANIFESTS).get(1))
                .isEqualTo(Keys.manifest(trail(kept.objects, kept.settings).first()));
    }

    private static void assertRefused(Runnable work) {
        assertThatThrownBy(work::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.REFUSED);
            assertThat(e).hasMessageContaining("stood still");
        });
    }

    @Test
    void manifestsThatAreLockedGoLater() {
        AtomicReference<Instant> now = new AtomicReference<>(RandomHistory.START);
        MemoryObjectStore locking = new MemoryObjectStore(
                key -> Archive.mayBeLocked(key) ? Optional.of(DAY) : Optional.empty(),
                ((InstantSource) now::get).withZone(ZoneOffset.UTC));
        KeptHistory kept = KeptHistory.withImages(directory, 36, 1, locking);
        run(locking, kept, 0);
        run(locking, kept, 6);
        long first = trail(locking, kept.settings).first();
        assertThat(first).isGreaterThan(1);
        assertThat(keys(locking, Keys.MANIFESTS)).hasSizeGreaterThan((int) first);
        now.set(RandomHistory.START.plus(DAY.multipliedBy(2)));
        maintain(locking, kept.settings);
        assertThat(keys(locking, Keys.MANIFESTS)).startsWith(Keys.manifest(1), Keys.manifest(first));
        kept.requireSound();
    }

    @Test
    void onlyWhatIsNewIsCheckedOfAChainThatWasShortened() {
        KeptHistory kept = shortened();
        for (CheckScope scope : List.of(
                new CheckScope.SinceTime(RandomHistory.START.minus(DAY)),
                new CheckScope.SincePosition(kept.all.getLast().commit().commitLsn()))) {
            CheckReport report =
                    Archive.check(kept.objects, kept.settings, CheckLevel.FULL, scope, CheckListener.SILENT);
            assertThat(report.findings()).isEmpty();
            assertThat(report.objects()).isPositive();
        }
    }

    @Test
    void copiesGoOnAndNewOnesBeginWithTheBase() {
        KeptHistory kept = KeptHistory.withImages(directory, 37, 1);
        MemoryObjectStore old = new MemoryObjectStore();
        MemoryObjectStore lagging = new MemoryObjectStore();
        copy(kept, old);
        copy(kept, lagging);
        for (int i = 0; i < 3; i++) {
            run(kept.objects, kept, 6);
            copy(kept, old);
        }
        requireCopy(kept, old);
        assertThat(keys(old, Keys.MANIFESTS))
                .hasSizeGreaterThan(keys(kept.objects, Keys.MANIFESTS).size());
        assertThatThrownBy(() -> copy(kept, lagging)).hasMessageContaining("keeps its chain from entry");
        MemoryObjectStore anew = new MemoryObjectStore();
        copy(kept, anew);
        requireCopy(kept, anew);
        assertThat(keys(anew, Keys.MANIFESTS)).isEqualTo(keys(kept.objects, Keys.MANIFESTS));
        assertThat(copy(kept, anew).manifests()).isZero();
    }

    /** Killed at every call, a new copy of a shortened chain is an archive or nothing, and is completed by the next run. */
    @Test
    void aCopyThatIsKilledGoesOn() {
        KeptHistory kept = shortened();
        for (int n = 1; ; n += 3) {
            MemoryObjectStore target = new MemoryObjectStore();
            FaultyObjectStore faulty = new FaultyObjectStore(target);
            faulty.failCall(n, FaultyObjectStore.Fault.BEFORE, true);
            boolean finished = !WrittenArchive.fails(() -> copy(kept, faulty));
            copy(kept, target);
            requireCopy(kept, target);
            if (finished) {
                assertThat(n).isGreaterThan(20);
                return;
            }
        }
    }

    private static CopyReport copy(KeptHistory kept, ObjectStore target) {
        return ArchiveCopy.run(
                kept.objects, target, kept.settings, new ArchiveCopy.Options(1, false), CopyListener.SILENT);
    }

    private static void requireCopy(KeptHistory kept, ObjectStore copy) {
        assertThat(Archive.check(copy, kept.settings, true, CheckListener.SILENT)
                        .findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS);
        ArchiveReader reader = Archive.openReader(copy, kept.settings);
        assertThat(reader.head())
                .isEqualTo(Archive.openReader(kept.objects, kept.settings).head());
        kept.verify(reader);
    }
}
