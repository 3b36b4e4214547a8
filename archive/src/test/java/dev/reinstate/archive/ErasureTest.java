package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Destroys a tenant's key: nothing of it comes back, nobody else notices, and the next tenant of that name is another. */
final class ErasureTest {
    private static final TableSchema TABLE = RandomHistory.schema(100, "ticket", List.of("id", "title"), List.of(0));
    private static final TenantId GONE = new TenantId("gone");
    private static final TenantId STAYS = new TenantId("stays");
    /** What the fixture's clock says. */
    private static final Instant NOW = RandomHistory.START.plusSeconds(3600);

    private static final Lsn IMAGE = new Lsn(0x1000);
    private static final Lsn DELETED = new Lsn(0x2000);

    @TempDir
    Path directory = Path.of("");

    private MemoryObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);

    @BeforeEach
    void write() {
        settings = ArchiveFixture.settings(directory, 1 << 20, 3, true);
        objects = new MemoryObjectStore();
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            try (ImageWriter image = writer.beginImage()) {
                image.add(Partition.of(GONE), TABLE, key("1"), row("1", "a"));
                image.add(Partition.of(STAYS), TABLE, key("2"), row("2", "b"));
                image.publish(IMAGE, RandomHistory.START);
            }
            change(writer, 0x1100, Operation.UPDATE, Partition.of(GONE), row("1", "c"));
        }
    }

    private void delete() {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            change(writer, DELETED.value(), Operation.DELETE, Partition.of(GONE), row("1", "c"));
        }
    }

    private void erase() {
        delete();
        maintenance().scheduleErasure(GONE, NOW, "asked to be forgotten");
        maintenance().executeErasure(GONE);
    }

    @Test
    void aCopyLosesTheKeyTooTheNextTimeItIsBroughtUpToDate() {
        MemoryObjectStore copy = new MemoryObjectStore();
        ArchiveCopy.Options options = new ArchiveCopy.Options(1, false);
        ArchiveCopy.run(objects, copy, settings, options, CopyListener.SILENT);
        long keys = copy.list("key/", "", 100).size();
        assertThat(ArchiveFixture.fold(Archive.openReader(copy, settings), Partition.of(GONE), IMAGE.previous()))
                .hasSize(1);
        erase();
        CopyReport report = ArchiveCopy.run(objects, copy, settings, options, CopyListener.SILENT);
        assertThat(report.keysErased()).isEqualTo(1);
        assertThat(report.keysBeyond()).isZero();
        assertThat(copy.list("key/", "", 100)).hasSize((int) keys - 1).isEqualTo(objects.list("key/", "", 100));
        assertThat(Archive.check(copy, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
        assertThatThrownBy(() ->
                        ArchiveFixture.fold(Archive.openReader(copy, settings), Partition.of(GONE), IMAGE.previous()))
                .hasMessageContaining("was erased");
        assertThat(ArchiveCopy.run(objects, copy, settings, options, CopyListener.SILENT)
                        .keysErased())
                .isZero();
    }

    @Test
    void nothingOfTheTenantComesBackAndNobodyElseNotices() {
        ArchiveReader early = reader();
        assertThat(ArchiveFixture.fold(early, Partition.of(GONE), IMAGE.previous()))
                .hasSize(1);
        erase();
        early.refresh();
        for (ArchiveReader reader : List.of(early, reader())) {
            for (Lsn position : List.of(IMAGE.previous(), new Lsn(0x1100), DELETED)) {
                assertThatThrownBy(() -> ArchiveFixture.fold(reader, Partition.of(GONE), position))
                        .isInstanceOfSatisfying(ReinstateException.class, e -> {
                            assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
                            assertThat(e.getMessage()).contains("was erased", "asked to be forgotten");
                        });
                assertThat(ArchiveFixture.fold(reader, Partition.of(STAYS), position)
                                .values())
                        .containsExactly(row("2", "b"));
                assertThatThrownBy(() -> reader.content(Partition.of(GONE), position))
                        .hasMessageContaining("was erased");
                assertThat(reader.content(Partition.of(STAYS), position).verifiedAgainst())
                        .hasValue(IMAGE);
            }
            assertThat(reader.tenants())
                    .extracting(ArchiveReader.TenantSummary::tenant)
                    .containsExactly(STAYS);
            ArchiveFixture.verifyUnknown(reader);
            try (ArchiveReader.ChangeStream changes = reader.changes(Partition.of(GONE), Lsn.ZERO, DELETED)) {
                assertThat(changes.hasNext()).isFalse();
            }
            assertThat(reader.erasureOf(GONE)).hasValueSatisfying(erasure -> {
                assertThat(erasure.executed()).isTrue();
                assertThat(erasure.durableTo()).isEqualTo(reader.state().durableTo());
            });
        }
        assertThat(keysOf(GONE)).isEmpty();
        assertThat(keysOf(STAYS)).hasSize(1);
        assertThat(check().findings()).isEmpty();
    }

    /** The checkpoint and the chain say the same. */
    @Test
    void aCheckpointKeepsIt() {
        erase();
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            for (int i = 1; i <= 64; i++) {
                writer.publishPosition(new Lsn(0x3000 + i), NOW);
            }
        }
        assertThat(objects.list("checkpoint/", "", 9)).hasSize(1);
        assertThat(check().findings()).isEmpty();
        assertThatThrownBy(() -> ArchiveFixture.fold(reader(), Partition.of(GONE), DELETED))
                .hasMessageContaining("was erased");
    }

    @Test
    void itWaitsAndCanBeCancelled() {
        delete();
        ArchiveMaintenance maintenance = maintenance();
        assertThatThrownBy(() -> maintenance.executeErasure(GONE)).hasMessageContaining("No erasure");
        maintenance.scheduleErasure(GONE, NOW.plusSeconds(1), "asked");
        assertThatThrownBy(() -> maintenance.scheduleErasure(GONE, NOW, "again"))
                .hasMessageContaining("scheduled already");
        assertKind(FailureKind.REFUSED, "not due yet", () -> maintenance.executeErasure(GONE));
        assertThat(reader().erasureOf(GONE))
                .hasValueSatisfying(erasure -> assertThat(erasure.executed()).isFalse());
        maintenance.cancelErasure(GONE, "changed their mind");
        assertThatThrownBy(() -> maintenance.cancelErasure(GONE, "twice")).hasMessageContaining("No erasure");
        assertThat(reader().erasureOf(GONE)).isEmpty();
        assertThat(ArchiveFixture.fold(reader(), Partition.of(GONE), IMAGE.previous()))
                .hasSize(1);
    }

    @Test
    void aHeldTenantAndOneWithRowsAreRefused() {
        ArchiveMaintenance maintenance = maintenance();
        maintenance.scheduleErasure(GONE, NOW, "asked");
        assertKind(FailureKind.REFUSED, "has rows", () -> maintenance.executeErasure(GONE));
        delete();
        maintenance.placeHold(GONE, "case 7");
        assertKind(FailureKind.REFUSED, "is held", () -> maintenance.executeErasure(GONE));
        assertThat(keysOf(GONE)).hasSize(1);
        maintenance.releaseHold(GONE, "closed");
        maintenance.executeErasure(GONE);
        assertThat(keysOf(GONE)).isEmpty();
    }

    @Test
    void whatIsNotEncryptedCannotBeErased() {
        MemoryObjectStore plain = new MemoryObjectStore();
        ArchiveSettings open = ArchiveFixture.settings(directory, 1 << 20, 4);
        ArchiveFixture.create(plain, open);
        assertKind(
                FailureKind.REFUSED,
                "not encrypted",
                () -> Archive.openMaintenance(plain, open).scheduleErasure(GONE, NOW, "asked"));
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereItEndsTheSame(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            write();
            delete();
            maintenance().scheduleErasure(GONE, NOW, "asked");
            FaultyObjectStore faulty = new FaultyObjectStore(objects);
            faulty.failCall(n, fault, true);
            boolean finished = false;
            try {
                Archive.openMaintenance(faulty, settings).executeErasure(GONE);
                finished = true;
            } catch (ReinstateException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            }
            boolean isErased = reader().erasureOf(GONE).orElseThrow().executed();
            assertThat(check().findings())
                    .as("call %d", n)
                    .allMatch(finding -> finding.invariant().equals("INV-22"))
                    .hasSize(isErased ? keysOf(GONE).size() : 0);
            maintenance().executeErasure(GONE);
            assertThat(keysOf(GONE)).isEmpty();
            assertThat(check().findings()).isEmpty();
            if (finished) {
                assertThat(n).isGreaterThan(5);
                return;
            }
        }
    }

    /** A capture that runs meanwhile has the old key in memory. */
    @Test
    void aTenantOfThatNameBeginsAnewBesideARunningWriter() {
        delete();
        maintenance().scheduleErasure(GONE, NOW, "asked");
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            change(writer, 0x2200, Operation.UPDATE, Partition.of(STAYS), row("2", "b"));
            try (SegmentWriter segment = writer.beginSegment()) {
                add(segment, 0x2300, Operation.INSERT, Partition.of(GONE), row("1", "new"));
                maintenance().executeErasure(GONE);
                segment.publish(new Lsn(0x2310));
            }
            change(writer, 0x2400, Operation.INSERT, Partition.of(GONE), row("3", "newer"));
        }
        assertThat(keysOf(GONE))
                .singleElement()
                .satisfies(key -> assertThat(key).endsWith("-1"));
        assertThat(ArchiveFixture.fold(reader(), Partition.of(GONE), new Lsn(0x2300))
                        .values())
                .containsExactly(row("1", "new"));
        assertThat(ArchiveFixture.fold(reader(), Partition.of(GONE), new Lsn(0x2400))
                        .values())
                .containsExactly(row("1", "new"), row("3", "newer"));
        assertThatThrownBy(() -> ArchiveFixture.fold(reader(), Partition.of(GONE), DELETED))
                .hasMessageContaining("was erased");
        assertThat(reader().tenants())
                .extracting(ArchiveReader.TenantSummary::tenant)
                .containsExactly(GONE, STAYS);
        ArchiveFixture.verifyUnknown(reader());
        assertThat(check().findings()) // the segment that was written under the old key
                .singleElement()
                .satisfies(finding -> assertThat(finding.invariant()).isEqualTo("INV-17"));
        // and that one can be erased, too
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            change(writer, 0x2500, Operation.DELETE, Partition.of(GONE), row("1", "new"));
            change(writer, 0x2600, Operation.DELETE, Partition.of(GONE), row("3", "newer"));
        }
        maintenance().scheduleErasure(GONE, NOW, "asked again");
        maintenance().executeErasure(GONE);
        assertThat(keysOf(GONE)).isEmpty();
        assertThatThrownBy(() -> ArchiveFixture.fold(reader(), Partition.of(GONE), new Lsn(0x2400)))
                .hasMessageContaining("asked again");
    }

    @Test
    void itIsSaidHowMuchATenantTakes() {
        ArchiveReader.Footprint footprint = reader().footprint(GONE);
        assertThat(footprint.objects()).isEqualTo(2);
        assertThat(footprint.sizeBytes()).isBetween(100L, 1000L);
        assertThat(reader().footprint(new TenantId("nobody"))).isEqualTo(new ArchiveReader.Footprint(0, 0));
    }

    private static void change(ArchiveWriter writer, long lsn, Operation operation, Partition partition, Tuple row) {
        try (SegmentWriter segment = writer.beginSegment()) {
            add(segment, lsn, operation, partition, row);
            segment.publish(new Lsn(lsn + 0x10));
        }
    }

    private static void add(SegmentWriter segment, long lsn, Operation operation, Partition partition, Tuple row) {
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 0x10), RandomHistory.START, 7, "");
        segment.addCommit(commit);
        Tuple tuple = operation == Operation.DELETE ? Tuple.EMPTY : row;
        segment.add(new Change(partition, TABLE, operation, RowKey.of(TABLE, row), tuple, commit, 0));
    }

    private ArchiveReader reader() {
        return Archive.openReader(objects, settings);
    }

    private ArchiveMaintenance maintenance() {
        return Archive.openMaintenance(objects, settings);
    }

    private CheckReport check() {
        return Archive.check(objects, settings, true, CheckListener.SILENT);
    }

    private List<String> keysOf(TenantId tenant) {
        String token = StoredArchiveReader.open(new ArchiveObjects(objects), settings)
                .snapshot()
                .token(Partition.of(tenant))
                .toString();
        return objects.list("key/" + token, "", 9).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    private static void assertKind(FailureKind kind, String part, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(part);
        });
    }

    private static Tuple row(String id, String text) {
        return Tuple.ofTexts(List.of(Optional.of(id), Optional.of(text)));
    }

    private static RowKey key(String id) {
        return RowKey.of(TABLE, row(id, "x"));
    }
}
