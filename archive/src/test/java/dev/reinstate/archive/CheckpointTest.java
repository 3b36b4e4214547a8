package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of manifests open quickly, and whatever happens to checkpoints, nothing depends on them. */
final class CheckpointTest {
    private static final int SEGMENTS = 1400;
    /** More than one object's worth. */
    private static final int VERSIONS = 1100;

    @TempDir
    Path directory = Path.of("");

    @Test
    void manyManifestsOpenInFewCallsAndWithoutThemStill() {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 5);
        MemoryObjectStore memory = new MemoryObjectStore();
        List<Commit> commits = write(memory, settings);
        FaultyObjectStore counting = new FaultyObjectStore(memory);
        counting.failCall(Long.MAX_VALUE - 1, FaultyObjectStore.Fault.BEFORE, false);
        ArchiveReader reader = Archive.openReader(counting, settings);
        assertThat(counting.calls()).isLessThan(100);
        verify(reader, commits);
        assertThat(keys(memory, Keys.CHECKPOINTS)).hasSize(4);
        assertThat(keys(memory, Keys.PAGES)).hasSize(2);
        assertThat(memory.size(keys(memory, Keys.CHECKPOINTS).getLast()).orElseThrow())
                .isLessThan(400_000);
        CheckReport report = Archive.check(memory, settings, false, CheckListener.SILENT);
        assertThat(report.findings()).isEmpty();
        assertThat(report.objects()).isEqualTo(SEGMENTS + SEGMENTS / 100 * 2);

        String newest = keys(memory, Keys.CHECKPOINTS).getLast();
        memory.replace(newest, new byte[] {1, 2, 3});
        verify(Archive.openReader(memory, settings), commits);
        assertThat(Archive.check(memory, settings, false, CheckListener.SILENT).findings())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(CheckReport.Severity.REPAIRABLE);
                    assertThat(finding.invariant()).isEqualTo("INV-15");
                    assertThat(finding.object()).isEqualTo(newest);
                });
        keys(memory, Keys.CHECKPOINTS).forEach(memory::delete);
        verify(Archive.openReader(memory, settings), commits);
        try (ArchiveWriter writer = Archive.openWriter(memory, settings)) {
            assertThat(writer.state().segmentCount()).isEqualTo(SEGMENTS);
        }
    }

    private static List<Commit> write(ObjectStore objects, ArchiveSettings settings) {
        List<Commit> commits = new ArrayList<>();
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            try (ImageWriter image = writer.beginImage()) {
                image.publish(new Lsn(1000), RandomHistory.START);
            }
            for (int i = 0; i < SEGMENTS; i++) {
                Commit commit = new Commit(
                        new Lsn(1000 + i * 50L), new Lsn(1040 + i * 50L), RandomHistory.START.plusSeconds(i), i, "");
                commits.add(commit);
                try (SegmentWriter segment = writer.beginSegment()) {
                    segment.addCommit(commit);
                    segment.publish(commit.endLsn());
                }
                if (i % 100 == 50) {
                    addSchemaChange(writer, commit);
                }
            }
        }
        return commits;
    }

    private static void addSchemaChange(ArchiveWriter writer, Commit commit) {
        List<TableVersion> versions = new ArrayList<>();
        for (int oid = 0; oid < VERSIONS; oid++) {
            TableSchema shape = RandomHistory.schema(oid, "table" + oid, List.of("id", "body"), List.of(0));
            versions.add(new TableVersion(
                    commit.commitLsn(), commit.time(), oid, shape.name(), Optional.of(shape), "", "seen", false));
        }
        writer.publishTableVersions(versions);
        TableName table = versions.getFirst().name();
        try (ImageWriter image =
                writer.beginTableImage(List.of(new ReimagedTable(0, table, commit.commitLsn(), "rewritten")))) {
            image.publish(commit.endLsn(), commit.time());
        }
    }

    private static void verify(ArchiveReader reader, List<Commit> commits) {
        assertThat(reader.state().tableImages()).hasSize(SEGMENTS / 100);
        assertThat(reader.state().uncertain()).hasSize(SEGMENTS / 100);
        assertThat(reader.catalogueHistory()).hasSize(SEGMENTS / 100 * VERSIONS);
        assertThat(reader.catalogueHistory())
                .isSortedAccordingTo(Comparator.comparing(TableVersion::position))
                .last()
                .satisfies(version -> assertThat(version.oid()).isEqualTo(VERSIONS - 1));
        assertThat(reader.state().segmentCount()).isEqualTo(SEGMENTS);
        assertThat(reader.commits(Lsn.ZERO, new Lsn(-1))).isEqualTo(commits);
        assertThat(reader.positionAt(RandomHistory.START.plusSeconds(700).plusMillis(500)))
                .isEqualTo(commits.get(700).commitLsn());
    }

    private static List<String> keys(ObjectStore objects, String prefix) {
        return objects.list(prefix, "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }
}
