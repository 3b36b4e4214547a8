package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories go in, and every moment of them comes out as the oracle knows it. */
final class RoundTripTest {
    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyPositionFoldsToTheTruth(long seed) {
        // Odd seeds spill all the time: values are larger than the memory.
        boolean spills = seed % 2 == 1;
        RandomHistory history = new RandomHistory(seed, 5, spills ? 4000 : 40);
        ArchiveSettings settings = ArchiveFixture.settings(directory, spills ? 64 << 10 : 8 << 20, seed, seed % 3 == 0);
        try (ObjectStore objects = FileObjectStore.open(directory.resolve("store-" + seed))) {
            ArchiveFixture.create(objects, settings);
            history.fill(60);
            List<RandomHistory.Transaction> all = new ArrayList<>();
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                ArchiveFixture.publishImage(writer, history);
                Lsn imagePosition = history.lsn();
                ArchiveReader early = Archive.openReader(objects, settings);
                ArchiveFixture.assertFolds(early, imagePosition.previous(), history.rows);
                for (int segment = 0; segment < 12; segment++) {
                    all.addAll(ArchiveFixture.publishSegment(writer, history, 1 + history.random.nextInt(9)));
                    if (segment == 6) {
                        ArchiveFixture.publishImage(writer, history);
                    }
                }
                early.refresh();
                assertThat(early.state()).isEqualTo(writer.state());
                verify(early, all);
            }
            verify(Archive.openReader(objects, settings), all);
        }
    }

    private static void verify(ArchiveReader reader, List<RandomHistory.Transaction> all) {
        Lsn start = reader.ranges().getFirst().firstPosition();
        for (RandomHistory.Transaction transaction : all) {
            ArchiveFixture.assertFolds(reader, transaction.commit().commitLsn(), transaction.after());
        }
        List<Commit> commits =
                all.stream().map(RandomHistory.Transaction::commit).toList();
        Lsn end = reader.ranges().getFirst().lastPosition();
        assertThat(reader.commits(start, end)).isEqualTo(commits);
        assertThat(reader.commits(commits.get(3).commitLsn(), commits.get(7).commitLsn()))
                .isEqualTo(commits.subList(4, 8));
        verifyChanges(reader, all, start, end);
        verifyTouched(reader, all);
        verifyTimes(reader, commits);
        verifyTenants(reader, all);
    }

    private static void verifyChanges(ArchiveReader reader, List<RandomHistory.Transaction> all, Lsn after, Lsn upTo) {
        Set<Partition> partitions = new HashSet<>(all.getLast().after().keySet());
        partitions.add(Partition.STORE_EVENTS);
        for (Partition partition : partitions) {
            List<Change> expected = all.stream()
                    .flatMap(transaction -> transaction.changes().stream())
                    .filter(change -> change.partition().equals(partition))
                    .toList();
            List<Change> found = new ArrayList<>();
            try (ArchiveReader.ChangeStream changes = reader.changes(partition, after, upTo)) {
                changes.forEachRemaining(found::add);
            }
            // a rekey within one change has one ordinal twice, ordered by key: compare as sets then
            assertThat(found).as("changes of %s", partition).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(found).isSortedAccordingTo((a, b) -> {
                int byCommit = a.commit().compareTo(b.commit());
                return byCommit != 0 ? byCommit : Long.compare(a.ordinal(), b.ordinal());
            });
        }
    }

    private static void verifyTouched(ArchiveReader reader, List<RandomHistory.Transaction> all) {
        for (RandomHistory.Transaction transaction : all.subList(0, 10)) {
            Commit commit = transaction.commit();
            Set<Partition> expected = new HashSet<>();
            transaction.changes().forEach(change -> expected.add(change.partition()));
            assertThat(reader.touchedBy(Set.of(commit.xid()), commit.commitLsn().previous(), commit.commitLsn()))
                    .isEqualTo(expected);
        }
    }

    private static void verifyTimes(ArchiveReader reader, List<Commit> commits) {
        Instant end = reader.ranges().getFirst().toTime();
        for (Commit commit : commits) {
            if (commit.time().isAfter(end)
                    || commit.time().isBefore(reader.ranges().getFirst().fromTime())) {
                continue;
            }
            Lsn expected = reader.ranges().getFirst().firstPosition();
            for (Commit candidate : commits) {
                if (candidate.time().isAfter(commit.time())) {
                    break;
                }
                expected = candidate.commitLsn();
            }
            assertThat(reader.positionAt(commit.time())).isEqualTo(expected);
        }
    }

    private static void verifyTenants(ArchiveReader reader, List<RandomHistory.Transaction> all) {
        for (ArchiveReader.TenantSummary summary : reader.tenants()) {
            var rows = all.getLast().after().get(Partition.of(summary.tenant()));
            assertThat(summary.rows()).as("rows of %s", summary.tenant()).isEqualTo(rows == null ? -1 : rows.size());
        }
    }

    @Test
    void tablesCanBeLeftOut() {
        RandomHistory history = new RandomHistory(7, 3, 30);
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 7);
        ObjectStore objects = new MemoryObjectStore();
        ArchiveFixture.create(objects, settings);
        history.fill(60);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            RandomHistory.Transaction last =
                    ArchiveFixture.publishSegment(writer, history, 30).getLast();
            ArchiveReader reader = Archive.openReader(objects, settings);
            Partition partition = Partition.of(new TenantId("site-1"));
            List<Long> oids = new ArrayList<>();
            try (ArchiveReader.RowStream rows = reader.fold(
                    partition,
                    last.commit().commitLsn(),
                    table -> table.name().name().equals("page"))) {
                rows.forEachRemaining(
                        row -> oids.add(Integer.toUnsignedLong(row.table().oid())));
            }
            assertThat(oids).containsOnly(200L);
            assertThat(oids).hasSize((int)
                    ArchiveFixture.fold(reader, partition, last.commit().commitLsn()).keySet().stream()
                            .filter(id -> id.oid() == 200)
                            .count());
        }
    }

    @Test
    void momentsOutsideAreRefusedWithTheNearest() {
        RandomHistory history = new RandomHistory(8, 3, 30);
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 8);
        ObjectStore objects = new MemoryObjectStore();
        ArchiveFixture.create(objects, settings);
        ArchiveReader empty = Archive.openReader(objects, settings);
        assertNotRestorable(() -> empty.requireRestorable(new Lsn(5)), "no image yet");
        assertNotRestorable(() -> empty.positionAt(RandomHistory.START), "no image yet");
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            Lsn image = history.lsn();
            Lsn gapFrom = ArchiveFixture.publishSegment(writer, history, 5)
                    .getLast()
                    .commit()
                    .endLsn();
            writer.publishGap(RandomHistory.START, "the slot was dropped");
            assertThat(writer.state().gaps()).hasSize(1);
            history.next();
            ArchiveFixture.publishImage(writer, history);
            Lsn second = history.lsn();
            ArchiveReader reader = Archive.openReader(objects, settings);
            reader.requireRestorable(image.previous());
            reader.requireRestorable(gapFrom.previous());
            reader.requireRestorable(second.previous());
            assertNotRestorable(
                    () -> reader.requireRestorable(new Lsn(image.value() - 2)),
                    "before the first image",
                    image.previous().toString());
            assertNotRestorable(
                    () -> reader.requireRestorable(gapFrom),
                    "the slot was dropped",
                    gapFrom.previous().toString(),
                    second.previous().toString());
            assertNotRestorable(() -> reader.requireRestorable(second), "durable only up to");
            assertNotRestorable(() -> reader.positionAt(RandomHistory.START.minusSeconds(1)), "before the first image");
            assertNotRestorable(() -> reader.positionAt(RandomHistory.START.plusSeconds(9999)), "durable only up to");
        }
    }

    private static void assertNotRestorable(Runnable call, String... parts) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
            assertThat(e.getMessage()).contains(parts);
        });
    }
}
