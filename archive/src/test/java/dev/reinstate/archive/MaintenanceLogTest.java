package dev.reinstate.archive;

import static dev.reinstate.archive.ArchiveFixture.twice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Maintenance beside a writer: in every order of their puts both come through, and only writers fence writers. */
final class MaintenanceLogTest {
    private static final long SEED = 23;
    private static final int HELD_AT_ONCE = 3;

    @TempDir
    Path directory = Path.of("");

    private final List<TenantId> held = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(InterleavingObjectStore.Ending.class)
    void theWriterGoesOnWhenMaintenanceWasQuicker(InterleavingObjectStore.Ending ending) {
        verifyEveryTurn((memory, turn) ->
                new InterleavingObjectStore(memory, turn, ending, () -> hold(memory, HELD_AT_ONCE), () -> {}));
    }

    @ParameterizedTest
    @EnumSource(InterleavingObjectStore.Ending.class)
    void theWriterGoesOnWhenMaintenanceCameRightAfter(InterleavingObjectStore.Ending ending) {
        verifyEveryTurn((memory, turn) ->
                new InterleavingObjectStore(memory, turn, ending, () -> {}, () -> hold(memory, HELD_AT_ONCE)));
    }

    private void verifyEveryTurn(BiFunction<MemoryObjectStore, Integer, InterleavingObjectStore> interleaving) {
        for (int turn = 1; ; turn++) {
            MemoryObjectStore memory = created();
            InterleavingObjectStore store = interleaving.apply(memory, turn);
            verifyStory(store, memory);
            if (store.published() < turn) {
                assertThat(turn).isGreaterThan(14);
                return;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(InterleavingObjectStore.Ending.class)
    void maintenanceGoesOnWhenTheWriterWasQuicker(InterleavingObjectStore.Ending ending) {
        MemoryObjectStore memory = created();
        RandomHistory history = new RandomHistory(SEED, 3, 30);
        try (ArchiveWriter writer = Archive.openWriter(memory, settings())) {
            ArchiveFixture.publishImage(writer, history);
            InterleavingObjectStore store = new InterleavingObjectStore(
                    memory,
                    1,
                    ending,
                    () -> {
                        ArchiveFixture.publishSegment(writer, history, 2);
                        ArchiveFixture.publishSegment(writer, history, 2);
                    },
                    () -> ArchiveFixture.publishSegment(writer, history, 1));
            ArchiveMaintenance maintenance = Archive.openMaintenance(store, settings());
            TenantId tenant = new TenantId("held");
            twice(() -> maintenance.placeHold(tenant, "a lawsuit"));
            ArchiveFixture.publishSegment(writer, history, 1);
        }
        assertThat(reader(memory).holds())
                .extracting(ArchiveReader.Hold::reason)
                .containsExactly("a lawsuit");
        assertSound(memory);
    }

    @Test
    void anotherWriterStillFencesBehindMaintenance() {
        MemoryObjectStore memory = created();
        RandomHistory history = new RandomHistory(SEED, 3, 30);
        try (ArchiveWriter first = Archive.openWriter(memory, settings())) {
            ArchiveFixture.publishImage(first, history);
            hold(memory, HELD_AT_ONCE);
            try (ArchiveWriter second = Archive.openWriter(memory, settings())) {
                hold(memory, 1);
                assertRefused(() -> ArchiveFixture.publishSegment(first, history, 2));
                assertRefused(() -> first.publishPosition(new Lsn(-1), RandomHistory.START));
                ArchiveFixture.publishSegment(second, history, 2);
                assertRefused(() -> first.publishGap(RandomHistory.START, "too late"));
            }
        }
        assertSound(memory);
    }

    @Test
    void aWriterOpensWhileHoldsArePut() {
        for (int turn = 1; turn <= 2; turn++) {
            MemoryObjectStore memory = created();
            InterleavingObjectStore store = new InterleavingObjectStore(
                    memory,
                    turn,
                    InterleavingObjectStore.Ending.AS_USUAL,
                    () -> hold(memory, HELD_AT_ONCE),
                    () -> hold(memory, 1));
            RandomHistory history = new RandomHistory(SEED, 3, 30);
            try (ArchiveWriter writer = Archive.openWriter(store, settings())) {
                ArchiveFixture.publishImage(writer, history);
            }
            assertSound(memory);
        }
    }

    @Test
    void oneOfTwoHoldsOfATenantIsAConflict() {
        MemoryObjectStore memory = created();
        TenantId tenant = new TenantId("held");
        InterleavingObjectStore store = new InterleavingObjectStore(
                memory,
                1,
                InterleavingObjectStore.Ending.AS_USUAL,
                () -> Archive.openMaintenance(memory, settings()).placeHold(tenant, "first"),
                () -> {});
        ArchiveMaintenance slower = Archive.openMaintenance(store, settings());
        assertConflict(() -> slower.placeHold(tenant, "second"), "since");
        slower.placeHold(tenant, "first");
        assertThat(slower.state().manifestNumber()).isEqualTo(2);
        slower.releaseHold(tenant, "settled");
        assertConflict(() -> slower.releaseHold(tenant, "settled"), "not held");
        assertThat(reader(memory).holds()).isEmpty();
        assertSound(memory);
    }

    @Test
    void holdsAreKeptByCheckpointsAndNamed() {
        MemoryObjectStore memory = created();
        RandomHistory history = new RandomHistory(SEED, 3, 30);
        try (ArchiveWriter writer = Archive.openWriter(memory, settings())) {
            ArchiveFixture.publishImage(writer, history);
            ArchiveFixture.publishSegment(writer, history, 20);
        }
        TenantId known = reader(memory).tenants().getFirst().tenant();
        ArchiveMaintenance maintenance = Archive.openMaintenance(memory, settings());
        maintenance.placeHold(known, "a lawsuit");
        maintenance.placeHold(new TenantId("never seen"), "a mistake");
        for (int i = 0; i < 100; i++) {
            maintenance.placeHold(new TenantId("other"), "again");
            maintenance.releaseHold(new TenantId("other"), "again");
        }
        assertThat(memory.list(Keys.CHECKPOINTS, "", 10)).hasSize(3);
        ArchiveReader reader = reader(memory);
        assertThat(reader.state()).isEqualTo(maintenance.state());
        assertThat(reader.holds())
                .containsExactly(
                        new ArchiveReader.Hold(
                                Optional.of(known), settings().clock().instant(), "a lawsuit"),
                        new ArchiveReader.Hold(
                                Optional.empty(), settings().clock().instant(), "a mistake"));
        assertSound(memory);
    }

    /** A writer's whole life, each publish tried again once; afterwards nothing is missing, and all holds are there. */
    private void verifyStory(ObjectStore store, MemoryObjectStore memory) {
        held.clear();
        RandomHistory history = new RandomHistory(SEED, 3, 30);
        history.fill(20);
        List<RandomHistory.Transaction> transactions = new ArrayList<>();
        try (ArchiveWriter writer = openTwice(store)) {
            try (ImageWriter image = writer.beginImage()) {
                history.addImageTo(image);
                twice(() -> image.publish(history.lsn(), RandomHistory.START));
            }
            twice(() -> writer.publishTenancyMap(RandomHistory.tenancyMap()));
            transactions.addAll(ArchiveFixture.publishSegmentTwice(writer, history));
            twice(() -> writer.publishTableVersions(history.tableVersions()));
            Lsn rewritten = history.rewrite(100);
            twice(() -> writer.publishPosition(history.lsn(), RandomHistory.START));
            try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, rewritten)) {
                twice(() -> image.publish(history.lsn(), RandomHistory.START));
            }
            transactions.addAll(ArchiveFixture.publishSegmentTwice(writer, history));
            ArchiveReader reader = reader(memory);
            transactions.forEach(transaction ->
                    ArchiveFixture.assertFolds(reader, transaction.commit().commitLsn(), transaction.after()));
            assertThat(reader.state().tableImages()).hasSize(1);
            twice(() -> writer.publishGap(RandomHistory.START, "let go"));
            assertThat(reader(memory).state().gaps())
                    .hasSize(1)
                    .isEqualTo(writer.state().gaps());
            assertThat(reader(memory).state().durableTo())
                    .isEqualTo(writer.state().durableTo());
        }
        assertThat(reader(memory).holds()).hasSize(held.size());
        assertSound(memory);
    }

    private ArchiveWriter openTwice(ObjectStore store) {
        try {
            return Archive.openWriter(store, settings());
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            return Archive.openWriter(store, settings());
        }
    }

    private void hold(ObjectStore store, int count) {
        ArchiveMaintenance maintenance = Archive.openMaintenance(store, settings());
        for (int i = 0; i < count; i++) {
            TenantId tenant = new TenantId("held-" + held.size());
            held.add(tenant);
            maintenance.placeHold(tenant, "a lawsuit");
        }
    }

    private MemoryObjectStore created() {
        MemoryObjectStore memory = new MemoryObjectStore();
        ArchiveFixture.create(memory, settings());
        return memory;
    }

    private ArchiveSettings settings() {
        return ArchiveFixture.settings(directory, 1 << 20, SEED + held.size());
    }

    private ArchiveReader reader(ObjectStore store) {
        return Archive.openReader(store, settings());
    }

    private void assertSound(ObjectStore store) {
        CheckReport report = Archive.check(store, settings(), true, CheckListener.SILENT);
        assertThat(report.findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.invariant().equals("INV-17"));
    }

    private static void assertRefused(Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.REFUSED);
            assertThat(e.getMessage()).contains("another writer was opened");
        });
    }

    private static void assertConflict(Runnable call, String why) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT);
            assertThat(e.getMessage()).contains(why);
        });
    }
}
