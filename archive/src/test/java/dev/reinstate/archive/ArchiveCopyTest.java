package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A copy is the archive, or what it was; killed anywhere it is one still; and it never takes another for its own. */
final class ArchiveCopyTest {
    private static final ArchiveCopy.Options ONE_BY_ONE = new ArchiveCopy.Options(1, false);
    private static final ArchiveCopy.Options PARALLEL = new ArchiveCopy.Options(4, false);
    private static final ArchiveCopy.Options FROM_THE_BEGINNING = new ArchiveCopy.Options(4, true);

    @TempDir
    Path directory = Path.of("");

    private final ObjectStore source = new MemoryObjectStore();
    private final ObjectStore target = new MemoryObjectStore();
    private WrittenArchive written = new WrittenArchive(directory);

    @BeforeEach
    void write() {
        written = new WrittenArchive(directory);
        written.write(source);
    }

    private CopyReport copy(ArchiveCopy.Options options) {
        return ArchiveCopy.run(source, target, written.settings(), options, CopyListener.SILENT);
    }

    private void assertIsCopy() {
        assertThat(WrittenArchive.everything(target)).isEqualTo(WrittenArchive.everything(source));
        written.assertHolds(target);
    }

    @Test
    void theCopyIsTheSame() {
        CopyReport report = copy(PARALLEL);
        assertIsCopy();
        assertThat(report.manifests()).isEqualTo(report.lastManifest()).isGreaterThan(6);
        assertThat(report.objects()).isGreaterThan(4);
        assertThat(report.objectsThere() + report.objectsGone() + report.keysBeyond())
                .isZero();
    }

    @Test
    void laterOnlyWhatIsNewIsCopied() {
        long last = copy(PARALLEL).lastManifest();
        CopyReport nothing = copy(PARALLEL);
        assertThat(nothing.manifests() + nothing.objects() + nothing.documents())
                .isZero();
        written.goOn(source, 3);
        CopyReport more = copy(PARALLEL);
        assertThat(more.manifests()).isEqualTo(4); // writer-opened, three segments
        assertThat(more.objects()).isEqualTo(3);
        assertThat(more.lastManifest()).isEqualTo(last + 4);
        assertIsCopy();
    }

    /** Over a hundred manifests: several batches and checkpoints. */
    @Test
    void aLongChainIsCopiedWithItsNewestCheckpoint() {
        written.goOn(source, 150);
        copy(PARALLEL);
        written.assertHolds(target);
        assertThat(target.list(Keys.CHECKPOINTS, "", 10))
                .containsExactly(source.list(Keys.CHECKPOINTS, "", 10).getLast());
        written.goOn(source, 1);
        assertThat(copy(PARALLEL).manifests()).isEqualTo(2);
        written.assertHolds(target);
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAtAnyCallOfTheTargetItIsAnArchiveAndGoesOn(FaultyObjectStore.Fault fault) {
        boolean failed = true;
        for (int n = 1; failed; n++) {
            MemoryObjectStore memory = new MemoryObjectStore();
            FaultyObjectStore faulty = new FaultyObjectStore(memory);
            faulty.failCall(n, fault, true);
            failed = WrittenArchive.fails(
                    () -> ArchiveCopy.run(source, faulty, written.settings(), ONE_BY_ONE, CopyListener.SILENT));
            assertThat(failed || n > 40).isTrue();
            if (Archive.exists(memory)) {
                written.assertSound(memory);
            }
            ArchiveCopy.run(source, memory, written.settings(), PARALLEL, CopyListener.SILENT);
            assertThat(WrittenArchive.everything(memory)).isEqualTo(WrittenArchive.everything(source));
        }
    }

    @Test
    void anyCallOfTheSourceMayFail() {
        boolean failed = true;
        for (int n = 1; failed; n++) {
            MemoryObjectStore memory = new MemoryObjectStore();
            FaultyObjectStore faulty = new FaultyObjectStore(source);
            faulty.failCall(n, FaultyObjectStore.Fault.BEFORE, false);
            failed = WrittenArchive.fails(
                    () -> ArchiveCopy.run(faulty, memory, written.settings(), PARALLEL, CopyListener.SILENT));
            assertThat(failed || n > 20).isTrue();
            if (Archive.exists(memory)) {
                written.assertSound(memory);
            }
            ArchiveCopy.run(source, memory, written.settings(), PARALLEL, CopyListener.SILENT);
            assertThat(WrittenArchive.everything(memory)).isEqualTo(WrittenArchive.everything(source));
        }
    }

    @Test
    void theSourceMayBeWrittenToMeanwhile() {
        AtomicBoolean done = new AtomicBoolean(); // several threads tell how far they are
        CopyListener writesOn = (manifests, total, bytes) -> {
            if (manifests == 3 && done.compareAndSet(false, true)) {
                written.goOn(source, 2);
            }
        };
        CopyReport report = ArchiveCopy.run(source, target, written.settings(), ONE_BY_ONE, writesOn);
        assertThat(report.lastManifest()).isEqualTo(ChainEnd.of(new ArchiveObjects(source)) - 3);
        written.assertSound(target);
        copy(PARALLEL);
        assertIsCopy();
    }

    @Test
    void anotherArchiveIsRefused() {
        new WrittenArchive(directory).write(target); // the same bytes but for nothing: made with the same seed
        copy(PARALLEL);
        ObjectStore other = new MemoryObjectStore();
        ArchiveFixture.create(other, ArchiveFixture.settings(directory, 1 << 20, 99));
        assertRefused(other, "another archive");
    }

    @Test
    void aKeyringOfAnotherIsNotReplaced() {
        byte[] foreign = Sealed.seal("{}".getBytes(StandardCharsets.UTF_8));
        target.putIfAbsent("keyring", foreign);
        assertRefused(target, "keyring of another archive");
        assertThat(target.get("keyring")).isEqualTo(foreign);
    }

    @Test
    void aCopyThatWasWrittenToIsRefused() {
        copy(PARALLEL);
        written.goOn(target, 1);
        assertRefused(target, "a history of its own");
        written.goOn(source, 9);
        assertRefused(target, "a history of its own");
    }

    @Test
    void aSourceThatWasSetBackIsRefused() {
        written.goOn(source, 2);
        copy(PARALLEL);
        List<ObjectStore.ObjectSummary> manifests = source.list(Keys.MANIFESTS, "", 1000);
        for (int last = manifests.size(); last > 1; last--) {
            source.delete(manifests.get(last - 1).key());
            assertRefused(target, "it ends at entry " + (last - 1) + " and had " + manifests.size());
        }
    }

    @Test
    void twoThatWentDifferentWaysAreToldFromWhere() {
        long same = copy(PARALLEL).lastManifest();
        written.goOn(source, 2);
        written.goOn(target, 5);
        assertRefused(target, "both agree up to entry " + same);
    }

    @Test
    void withoutAnArchiveThereIsNothingToCopy() {
        assertThatThrownBy(() -> ArchiveCopy.run(
                        new MemoryObjectStore(), target, written.settings(), PARALLEL, CopyListener.SILENT))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID));
    }

    @ParameterizedTest
    @EnumSource(Harm.class)
    void whatIsDamagedIsNotCopiedAndWhatIsBeforeItIs(Harm harm) {
        String key = source.list(Keys.SEGMENTS, "", 1000).getLast().key();
        byte[] bytes = source.get(key);
        source.delete(key);
        harm.apply(source, key, bytes);
        assertThatThrownBy(() -> copy(PARALLEL)).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED);
            assertThat(e).hasMessageContaining(key);
        });
        written.assertSound(target);
        assertThat(target.size(key)).isEmpty();
        assertThat(ChainEnd.of(new ArchiveObjects(target))).isEqualTo(ChainEnd.of(new ArchiveObjects(source)) - 1);
        source.delete(key);
        source.putIfAbsent(key, bytes);
        copy(PARALLEL);
        assertIsCopy();
    }

    enum Harm {
        MISSING,
        FLIPPED,
        SHORTENED;

        void apply(ObjectStore store, String key, byte[] bytes) {
            switch (this) {
                case MISSING -> {}
                case FLIPPED -> {
                    byte[] flipped = bytes.clone();
                    flipped[bytes.length / 2] ^= 1;
                    store.putIfAbsent(key, flipped);
                }
                case SHORTENED -> store.putIfAbsent(key, java.util.Arrays.copyOf(bytes, bytes.length - 1));
            }
        }
    }

    @Test
    void whatTheCopyLostIsFoundFromTheBeginning() {
        copy(PARALLEL);
        target.delete(target.list(Keys.IMAGES, "", 1).getFirst().key());
        assertThat(copy(PARALLEL).objects()).isZero();
        CopyReport report = copy(FROM_THE_BEGINNING);
        assertThat(report.objects()).isEqualTo(1);
        assertThat(report.manifests()).isZero();
        assertIsCopy();
    }

    @Test
    void keysAreCopiedFirstAndReplacedWhereTheyWere() {
        source.putIfAbsent("key/aa", Sealed.seal(new byte[] {1}));
        copy(PARALLEL);
        assertIsCopy();
        source.replace("key/aa", Sealed.seal(new byte[] {1, 2}));
        source.putIfAbsent("key/bb", Sealed.seal(new byte[] {3}));
        target.putIfAbsent("key/cc", Sealed.seal(new byte[] {4}));
        CopyReport report = copy(PARALLEL);
        assertThat(report.documents()).isEqualTo(2);
        assertThat(report.keysBeyond()).isEqualTo(1);
        assertThat(target.get("key/aa")).isEqualTo(source.get("key/aa"));
        source.replace("key/bb", Sealed.seal(new byte[] {5}));
        copy(FROM_THE_BEGINNING);
        assertThat(target.get("key/bb")).isEqualTo(source.get("key/bb"));
    }

    @Test
    void aFileStoreTakesACopyToo() {
        try (ObjectStore files = FileObjectStore.open(directory.resolve("copy"))) {
            ArchiveCopy.run(source, files, written.settings(), PARALLEL, CopyListener.SILENT);
            assertThat(WrittenArchive.everything(files)).isEqualTo(WrittenArchive.everything(source));
        }
    }

    @Test
    void mergedSegmentsAndImagesMadeOfThemAreCopied() {
        copy(PARALLEL);
        written.goOn(source, 8);
        compact();
        copy(PARALLEL);
        assertIsCopy();
        remove();
        written.goOn(source, 1);
        copy(PARALLEL);
        written.assertHolds(target);
        ObjectStore anew = new MemoryObjectStore();
        CopyReport report = ArchiveCopy.run(source, anew, written.settings(), PARALLEL, CopyListener.SILENT);
        assertThat(report.objectsGone()).isGreaterThan(5);
        assertThat(WrittenArchive.everything(anew)).isEqualTo(WrittenArchive.everything(source));
        written.assertHolds(anew);
    }

    /** What is to be copied is replaced and removed under way: the copy has what took its place. */
    @Test
    void whatIsRemovedMeanwhileIsNotMissed() {
        written.goOn(source, 70);
        AtomicBoolean done = new AtomicBoolean();
        CopyListener compacts = (manifests, total, bytes) -> {
            if (manifests == 3 && done.compareAndSet(false, true)) {
                compact();
                remove();
            }
        };
        CopyReport report = ArchiveCopy.run(source, target, written.settings(), ONE_BY_ONE, compacts);
        assertThat(report.objectsGone()).isPositive();
        assertThat(report.lastManifest()).isEqualTo(ChainEnd.of(new ArchiveObjects(source)));
        written.assertHolds(target);
    }

    private void compact() {
        try (ArchiveMaintenance maintenance = CompactionTest.eager(source, written.settings())) {
            assertThat(maintenance.compactOnce()).isPresent();
            CompactionTest.compactAll(maintenance);
            assertThat(maintenance.makeImage(true)).isPresent();
        }
    }

    private void remove() {
        try (ArchiveMaintenance maintenance = CompactionTest.eager(source, written.settings())) {
            assertThat(maintenance.removeReplaced(Duration.ZERO)).isPresent();
        }
    }

    private void assertRefused(ObjectStore place, String why) {
        var before = WrittenArchive.everything(place);
        assertThatThrownBy(() -> ArchiveCopy.run(source, place, written.settings(), PARALLEL, CopyListener.SILENT))
                .isInstanceOfSatisfying(ReinstateException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.REFUSED);
                    assertThat(e).hasMessageContaining(why);
                });
        assertThat(WrittenArchive.everything(place)).isEqualTo(before);
    }
}
